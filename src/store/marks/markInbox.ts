import { randomUUID } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Mark } from '../../model/sample.ts'

/** Octets of a mark on the disk, and marks that are taken in one go. */
const mostOctets = 4096
const mostAtOnce = 100
const ending = '.json'

/** A mark that waits for the process that writes the history. */
export interface WaitingMark {
  readonly mark: Mark
  /** It is in the history: it waits no more. */
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
 * Leaves a mark: on the disk, and whole, when it returns.
 *
 * @throws the platform's error where the folder cannot be written
 */
export function leaveMark(folder: string, mark: Mark): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const name = `${mark.at}-${randomUUID()}`
  const written = join(folder, `${name}.part`)
  const file = openSync(written, 'wx', 0o600)
  try {
    writeSync(file, `${JSON.stringify(mark)}\n`)
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
    const remove = (): void => rmSync(path, { force: true })
    const mark = markIn(path)
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

function markIn(path: string): Mark | undefined {
  try {
    const text = readFileSync(path, 'utf8')
    const value: unknown = text.length > mostOctets ? undefined : JSON.parse(text)
    if (typeof value !== 'object' || value === null) return undefined
    const { at, kind, name }: { at?: unknown; kind?: unknown; name?: unknown } = value
    const isKnown = kind === 'change-start' || kind === 'change-end'
    return isKnown && Number.isSafeInteger(at) && typeof name === 'string' ? { at: Number(at), kind, name } : undefined
  } catch {
    return undefined
  }
}
