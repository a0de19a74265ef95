import { randomUUID } from 'node:crypto'
import {
  chownSync,
  closeSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { Mark } from '../../model/sample.ts'

/** Octets of a mark on the disk, and marks that are taken in one go. */
const mostOctets = 4096
const mostAtOnce = 100
const ending = '.json'

/** A mark that waits for the process that writes the history. */
export interface WaitingMark {
  readonly mark: Mark
  /** It is in the history: it waits no more. Where it cannot be removed it waits on; never throws. */
  remove(): void
}

/**
 * Where other processes leave marks for the one that writes a history: a folder beside the database, with a file for each
 * mark. Nobody waits for a lock, and what is left while no watcher runs is taken when the next one starts.
 *
 * @param history path of the database
 */
export function inboxOf(history: string): string {
  return `${history}.marks`
}

/**
 * Leaves a mark: on the disk, and whole, when it returns. What the administrator leaves is given to whose the folder of the
 * history is, since a watcher of less rights could neither read nor remove it.
 *
 * @throws the platform's error where the folder cannot be written
 */
export function leaveMark(folder: string, mark: Mark): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const { uid, gid } = statSync(dirname(folder))
  if (statSync(folder).uid !== uid) chownSync(folder, uid, gid)
  const name = `${mark.at}-${randomUUID()}`
  const written = join(folder, `${name}.part`)
  const file = openSync(written, 'wx', 0o600)
  try {
    writeSync(file, `${JSON.stringify(mark)}\n`)
    if (fstatSync(file).uid !== uid) fchownSync(file, uid, gid)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(written, join(folder, `${name}${ending}`))
}

/** Marks that wait, the oldest first. What is no mark is removed: nothing but this program writes there. Never throws. */
export function waitingMarks(folder: string): readonly WaitingMark[] {
  return namesIn(folder).flatMap((name) => {
    const path = join(folder, name)
    const remove = (): void => removed(path)
    const text = textIn(path)
    // It may be a mark, of somebody whose files are not to be read here: to remove it would lose it.
    if (text === undefined) return []
    const mark = markIn(text)
    if (mark !== undefined) return [{ mark, remove }]
    remove()
    return []
  })
}

function namesIn(folder: string): readonly string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith(ending))
    return names.sort().slice(0, mostAtOnce)
  } catch {
    return []
  }
}

function textIn(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function removed(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // Taken again it is found in the history, and not written twice.
  }
}

function markIn(text: string): Mark | undefined {
  try {
    const value: unknown = text.length > mostOctets ? undefined : JSON.parse(text)
    if (typeof value !== 'object' || value === null) return undefined
    const { at, kind, name }: { at?: unknown; kind?: unknown; name?: unknown } = value
    const isKnown = kind === 'change-start' || kind === 'change-end'
    return isKnown && Number.isSafeInteger(at) && typeof name === 'string' ? { at: Number(at), kind, name } : undefined
  } catch {
    return undefined
  }
}
