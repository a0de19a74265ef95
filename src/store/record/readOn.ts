import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { RecordedEvent } from '../../model/event.ts'
import { eventOfLine } from './readEvents.ts'
import type { FileLine } from './recordFiles.ts'
import { listRecordFiles, readFileLines, recordFileName } from './recordFiles.ts'
import { errorCode } from './recordKey.ts'
import { chainTail, isMarkLine, objectOf, readLine } from './recordLine.ts'
import type { Mark } from './recordMark.ts'
import { readMark } from './recordMark.ts'
import { headOf } from './recoverEnd.ts'

/** How far somebody has read: behind a line, which its chain tells from every other. */
export interface RecordPlace {
  /** Number of the file. */
  readonly file: number
  /** Octets of it that are read. */
  readonly offset: number
  /** Events in all files up to there, those that were removed included. */
  readonly events: number
  /** Chain of the last line that was read. */
  readonly chain: string
  /** Behind a line that is none: it has no chain to be known by. */
  readonly isLoose?: true
}

/** What follows in a record. */
export type ReadLineOn = { readonly place: RecordPlace } & (
  | { readonly kind: 'event'; readonly event: RecordedEvent }
  /** A signed line; `text` as it stands there, by which its signature can be looked at elsewhere. */
  | { readonly kind: 'mark'; readonly mark: Mark; readonly text: string }
  /** So many events were removed before they were read. */
  | { readonly kind: 'missed'; readonly events: number }
  /** The record does not have the place any more: what is still there is read again. */
  | { readonly kind: 'changed' }
  /** A line that is none, or does not follow from the one before. */
  | { readonly kind: 'unread'; readonly file: string }
)

export interface ReadOn {
  readonly lines: readonly ReadLineOn[]
  /** There is no more for now. */
  readonly isAtEnd: boolean
  /** Where a line stands that cannot be read: it may be half written, or be cut off by the gate's next start. */
  readonly stuckAt?: string
}

export interface ReadOnOptions {
  /** Lines, 1 or more. */
  readonly most: number
  /** A line that could not be read, as `stuckAt` named it: it is told and passed over now. */
  readonly passOver?: string
  /** Without a place to read on from: files that ended before are left out; milliseconds since 1970. */
  readonly since?: number
  readonly signal: AbortSignal
}

interface Walk {
  readonly lines: ReadLineOn[]
  place: RecordPlace | undefined
  /** The place was lost: what the heads of files say of the events before is not what was missed. */
  isLost: boolean
}

/**
 * Reads on in a record that another process writes, from the place to which was read before. Whatever was read once is not
 * read again, unless the record is not the one that it was.
 *
 * @param from undefined: the oldest event that is there
 * @throws the error of the platform where a file cannot be read
 */
export async function readOn(
  folder: string,
  from: RecordPlace | undefined,
  { most, passOver, since, signal }: ReadOnOptions,
): Promise<ReadOn> {
  const files = await filesIn(folder)
  const walk: Walk = { lines: [], place: from, isLost: false }
  const begin =
    from === undefined && since !== undefined
      ? { file: await fileAt(folder, files, since), offset: 0, isLost: false }
      : await beginOf(folder, files, from)
  if (begin.isLost) walk.isLost = true
  for (const file of files.filter((each) => each >= begin.file)) {
    const name = recordFileName(file)
    const offset = file === begin.file ? begin.offset : 0
    for await (const line of readFileLines(join(folder, name), offset)) {
      if (signal.aborted) return { lines: walk.lines, isAtEnd: true }
      // What is not ended is being written, or torn.
      if (!line.ended) break
      const stuckAt = take(line, { name, file, walk, passOver })
      if (stuckAt !== undefined) return { lines: walk.lines, isAtEnd: true, stuckAt }
      if (walk.lines.length >= most) return { lines: walk.lines, isAtEnd: false }
    }
  }
  return { lines: walk.lines, isAtEnd: true }
}

async function filesIn(folder: string): Promise<readonly number[]> {
  try {
    return await listRecordFiles(folder)
  } catch (error) {
    // A gate that has never been started has none.
    if (errorCode(error) === 'ENOENT') return []
    throw error
  }
}

async function beginOf(folder: string, files: readonly number[], from: RecordPlace | undefined) {
  const first = files[0] ?? 1
  if (from === undefined || files.length === 0) return { file: first, offset: 0, isLost: false }
  if (files.includes(from.file)) {
    const isThere = await endsWith(join(folder, recordFileName(from.file)), from)
    return isThere
      ? { file: from.file, offset: from.offset, isLost: false }
      : { file: from.file, offset: 0, isLost: true }
  }
  const later = files.find((each) => each > from.file)
  return later === undefined ? { file: first, offset: 0, isLost: true } : { file: later, offset: 0, isLost: false }
}

/** The newest file that was begun by then, as its first line says. */
async function fileAt(folder: string, files: readonly number[], since: number): Promise<number> {
  for (const file of files.toReversed()) {
    const head = await headOf(folder, file)
    if (head !== undefined && head.atMs <= since) return file
  }
  return files[0] ?? 1
}

/** Whether the line that was read last stands where it stood. */
async function endsWith(path: string, { offset, chain, isLoose }: RecordPlace): Promise<boolean> {
  const tail = Buffer.from(isLoose === true ? '\n' : `${chainTail(chain)}\n`)
  if (offset < tail.length) return false
  const handle = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(tail.length), 0, tail.length, offset - tail.length)
    return bytesRead === tail.length && buffer.equals(tail)
  } finally {
    await handle.close()
  }
}

/** @returns where it stands, if it cannot be read and is not to be passed over */
function take(
  { octets, offset }: FileLine,
  at: { readonly name: string; readonly file: number; readonly walk: Walk; readonly passOver: string | undefined },
): string | undefined {
  const { name, file, walk } = at
  const isMark = isMarkLine(octets)
  const mark = isMark ? readMark(objectOf(octets)) : undefined
  const head = offset === 0 && mark?.mark === 'head' ? mark : undefined
  const { events = 0, chain = '' } = walk.place ?? {}
  const read = readLine(octets, head?.previous ?? chain)
  const event = isMark ? undefined : eventOfLine(octets)
  const isWhole = isMark ? mark !== undefined : event !== undefined
  const end = offset + octets.length + 1
  if (read === undefined || !read.follows || !isWhole || (offset === 0 && head === undefined)) {
    const stuckAt = `${name}:${offset}`
    if (stuckAt !== at.passOver) return stuckAt
    const place: RecordPlace = {
      ...{ file, offset: end, events: isMark ? events : events + 1, chain: read?.chain ?? chain },
      ...(read === undefined && { isLoose: true }),
    }
    walk.place = place
    walk.lines.push({ kind: 'unread', file: name, place })
    // By an event that can be read all the same somebody may have been let in.
    if (event !== undefined) walk.lines.push({ kind: 'event', event, place })
    return undefined
  }
  const before = head?.events ?? events
  const place = { file, offset: end, events: isMark ? before : before + 1, chain: read.chain }
  if (head !== undefined) noteHead(head, place, walk)
  walk.place = place
  if (event !== undefined) walk.lines.push({ kind: 'event', event, place })
  if (mark !== undefined) walk.lines.push({ kind: 'mark', mark, text: octets.toString('utf8'), place })
  return undefined
}

/** What the first line of a file says of those before it. */
function noteHead(head: Mark, place: RecordPlace, walk: Walk): void {
  const { place: before, isLost, lines } = walk
  walk.isLost = false
  if (isLost) lines.push({ kind: 'changed', place })
  else if (before !== undefined && head.events > before.events) {
    lines.push({ kind: 'missed', events: head.events - before.events, place })
  } else if (before !== undefined && head.previous !== before.chain) lines.push({ kind: 'changed', place })
}

/** A place as it is kept; undefined for what is none. */
export function readPlace(value: unknown): RecordPlace | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { file, offset, events, chain, isLoose }: { readonly [name in keyof RecordPlace]?: unknown } = value
  const isWhole = (one: unknown): one is number => typeof one === 'number' && Number.isSafeInteger(one) && one >= 0
  if (!isWhole(file) || !isWhole(offset) || !isWhole(events) || typeof chain !== 'string') return undefined
  return { file, offset, events, chain, ...(isLoose === true && { isLoose }) }
}
