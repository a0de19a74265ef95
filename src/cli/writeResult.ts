import { randomUUID } from 'node:crypto'
import { constants, copyFile, link, lstat, open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Remedy } from '../config/configError.ts'
import { quoted, visible } from '../config/quoted.ts'
import { createRest } from './boundMemory.ts'
import type { Shell } from './shell.ts'
import { UsageError } from './shell.ts'

/**
 * Hands a result over: to stdout, or whole to a file. A file appears complete or not at all, so that a full disk or
 * Ctrl-C never leaves half a report in the place of the last good one. A link stays and what it leads to is replaced;
 * what is no file (a pipe, a device) is written into.
 *
 * @throws UsageError when the file cannot be written, with the platform's reason
 */
export async function writeResult(result: Result, file: string | undefined, shell: Shell): Promise<void> {
  const pieces = typeof result === 'string' ? [result] : withRests(result)
  if (file !== undefined && file !== '-') {
    await orRefused(file, () => writeTo(resolve(shell.cwd, file), pieces))
    return
  }
  for await (const piece of pieces) {
    shell.stdout.write(piece)
    await shell.stdout.taken?.()
  }
}

async function* withRests(pieces: Pieces): AsyncGenerator<string, void> {
  const rest = createRest()
  // What comes before, a report of thousands of flows and its findings, was made in one turn.
  await rest()
  for await (const piece of pieces) {
    yield piece
    await rest()
  }
}

/** A text, or its pieces in order: the next is asked for once the last has been taken, and after a rest. */
export type Result = string | Pieces
type Pieces = Iterable<string> | AsyncIterable<string>

/**
 * Says before the work what can be known of the place of its result: a minute of checking is lost on a folder that
 * does not exist, and what is read is not written over, by whatever path or link the two are named.
 *
 * @param read the files that the work reads, by the option that names each
 * @throws UsageError as {@link writeResult} would, and when the result would take the place of what is read
 */
export async function expectResultAt(
  file: string | undefined,
  shell: Shell,
  read: Readonly<Record<string, string | undefined>> = {},
): Promise<void> {
  if (file === undefined || file === '-') return
  const target = resolve(shell.cwd, file)
  const found = await orRefused(file, async () => {
    const known = await orAbsent(stat(target, { bigint: true }))
    if (known?.isDirectory()) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' })
    if (known === undefined) await stat(dirname(target))
    return known
  })
  if (found?.isFile() !== true) return
  for (const [option, input] of Object.entries(read)) {
    if (input === undefined) continue
    // What cannot be looked at is told where it is read.
    const source = await stat(resolve(shell.cwd, input), { bigint: true }).catch(() => undefined)
    if (source?.ino === found.ino && source.dev === found.dev) {
      throw new UsageError(`--out: ${quoted(file)} is the file that ${option} reads, name another one for the result`)
    }
  }
}

/**
 * Writes a file that is not there yet, whole or not at all; one that came to be there meanwhile stays as it is.
 *
 * @throws UsageError when it is there, or cannot be written
 */
export async function writeNewFile(text: string, file: string, shell: Shell): Promise<void> {
  await orRefused(file, async () => {
    const target = resolve(shell.cwd, file)
    const draft = draftBeside(target)
    try {
      await writeFile(draft, text, { flag: 'wx' }).catch((error: unknown) => orNoPlace(error, target))
      await link(draft, target).catch(async (error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') throw error
        // Some disks know no links.
        await copyFile(draft, target, constants.COPYFILE_EXCL)
      })
    } finally {
      await rm(draft, { force: true })
    }
  })
}

async function orRefused<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    const { what, right } = remedyOf(error)
    throw new UsageError(`--out: ${quoted(file)} cannot be written: ${what}, ${right}`)
  }
}

const remedies: Readonly<Record<string, Remedy>> = {
  ENOENT: { what: 'its folder does not exist', right: 'make the folder first, or name another one' },
  ENEWFILE: { what: 'its folder takes no new files', right: 'name a file in a folder on a disk' },
  ENOTDIR: { what: 'a part of its path is a file and no folder', right: 'name a folder that exists' },
  EISDIR: { what: 'it is a folder', right: 'name a file in it' },
  EACCES: { what: 'there is no right to write there', right: 'name a folder that may be written to' },
  EPERM: { what: 'there is no right to write there', right: 'name a folder that may be written to' },
  EROFS: { what: 'the disk is read-only', right: 'name a folder that may be written to' },
  ENAMETOOLONG: { what: 'the name is too long for this disk', right: 'name a shorter one' },
  ELOOP: { what: 'its links lead round in a circle', right: 'name the file itself' },
  EEXIST: { what: 'it is there and is not overwritten', right: 'name another one, or replace it with --force' },
  ENOSPC: { what: 'the disk is full', right: 'make room, or name another disk; what stood there is unchanged' },
  EDQUOT: { what: 'your share of the disk is full', right: 'make room, or name another disk' },
  EMFILE: { what: 'too many files are open', right: 'allow the process more (ulimit -n 1024)' },
  ENFILE: { what: 'too many files are open on this machine', right: 'close some and start again' },
}

function remedyOf(error: unknown): Remedy {
  const code = codeOf(error)
  const what = error instanceof Error ? error.message : String(error)
  return remedies[code] ?? { what: visible(what), right: 'name a file in a folder that may be written to' }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

async function writeTo(target: string, pieces: Pieces): Promise<void> {
  const found = await orAbsent(stat(target))
  if (found?.isDirectory()) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' })
  if (found === undefined) {
    // Through a link that leads nowhere yet, the file is made where the link points.
    const link = await orAbsent(lstat(target))
    await (link === undefined ? replace(target, pieces, undefined) : writeFile(target, pieces))
  } else if (found.isFile()) {
    await replace(await realpath(target), pieces, found.mode)
  } else {
    await writeFile(target, pieces)
  }
}

/**
 * The draft's name cannot be foreseen and must be new: in a folder that others write to, nobody can have put a link in
 * its place. It is no longer than it has to be, since the name beside it may be the longest that the disk takes.
 */
async function replace(target: string, pieces: Pieces, mode: number | undefined): Promise<void> {
  const draft = draftBeside(target)
  const permissions = mode === undefined ? undefined : mode & 0o777
  const handle = await open(draft, 'wx', permissions).catch((error: unknown) => orNoPlace(error, target))
  try {
    try {
      await handle.writeFile(pieces)
      // The mode that it was opened with went through the umask.
      if (permissions !== undefined) await handle.chmod(permissions)
    } finally {
      await handle.close()
    }
    await rename(draft, target)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

/** Linux says of a folder of the kernel (/proc, /sys) that the new file in it does not exist: the folder does. */
async function orNoPlace(error: unknown, target: string): Promise<never> {
  await stat(dirname(target))
  throw codeOf(error) === 'ENOENT' ? Object.assign(new Error('no new file'), { code: 'ENEWFILE' }) : error
}

function draftBeside(target: string): string {
  return join(dirname(target), `.postern-${randomUUID()}`)
}

async function orAbsent<Found>(asked: Promise<Found>): Promise<Found | undefined> {
  try {
    return await asked
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
