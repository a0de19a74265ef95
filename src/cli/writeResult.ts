import type { Stats } from 'node:fs'
import { chmod, lstat, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { Shell } from './shell.ts'
import { UsageError } from './shell.ts'

/**
 * Hands a result over: to stdout, or whole to a file. A file appears complete or not at all, so that a full disk or
 * Ctrl-C never leaves half a report in the place of the last good one. A link stays and what it leads to is replaced;
 * what is no file (a pipe, a device) is written into.
 *
 * @throws UsageError when the file cannot be written, with the platform's reason
 */
export async function writeResult(text: string, file: string | undefined, shell: Shell): Promise<void> {
  if (file === undefined || file === '-') {
    shell.stdout.write(text)
    return
  }
  try {
    await writeTo(resolve(shell.cwd, file), text)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new UsageError(
      `${file}: cannot be written (${reason}); name a file in a folder that exists and may be written to`,
    )
  }
}

async function writeTo(target: string, text: string): Promise<void> {
  const found = await orAbsent(stat(target))
  if (found?.isDirectory()) throw new Error('it is a folder')
  if (found === undefined) {
    // Through a link that leads nowhere yet, the file is made where the link points.
    const link = await orAbsent(lstat(target))
    await (link === undefined ? replace(target, text, undefined) : writeFile(target, text))
  } else if (found.isFile()) {
    await replace(await realpath(target), text, found.mode)
  } else {
    await writeFile(target, text)
  }
}

async function replace(target: string, text: string, mode: number | undefined): Promise<void> {
  const draft = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`)
  try {
    await writeFile(draft, text)
    if (mode !== undefined) await chmod(draft, mode & 0o777)
    await rename(draft, target)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

async function orAbsent(asked: Promise<Stats>): Promise<Stats | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
