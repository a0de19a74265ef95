import { hash } from 'node:crypto'
import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileNames, firstLine, listRecordFiles, readFileLines, recordFileName } from './recordFiles.ts'
import { firstChain, isMarkLine, objectOf, readLine } from './recordLine.ts'
import type { Position } from './recordMark.ts'
import { readMark } from './recordMark.ts'
import type { Doubt } from './shownTime.ts'
import { ShownTime } from './shownTime.ts'

/** Octets of a torn end that are kept: a sudden end tears what was being written, which is never more. */
const mostTornOctets = 64 * 1024 * 1024

/** Where a record ends that was found in a folder, and what was not as a writer leaves it. */
export interface FoundEnd {
  readonly position: Position
  /** Octets of the file up to there; 0 where the file of the position is still to be begun. */
  readonly octets: number
  /** By the lines of its last file; absent where there is none. */
  readonly shown?: ShownTime
  readonly torn?: { readonly octets: number; readonly sha256: string; readonly aside: string }
  /** The checkpoint beside the record tells of a place that the record does not have. */
  readonly unmatched?: string
}

/**
 * Finds the end of a record: the last line that follows from the one before it. What is behind was torn by a sudden end; it
 * is moved to a file of its own, and cut off.
 *
 * @param nowMs milliseconds since 1970
 * @param keepDays for which files are kept
 */
export async function recoverEnd(folder: string, nowMs: number, keepDays: number): Promise<FoundEnd> {
  const files = await listRecordFiles(folder)
  const checkpoint = await readCheckpoint(folder)
  let tornHead: FoundEnd['torn']
  for (let last = files.at(-1); last !== undefined; last = files.at(files.indexOf(last) - 1)) {
    const end = await endOf(join(folder, recordFileName(last)), last, { checkpoint, keepDays })
    if (end === undefined) {
      // A file whose first line is torn was being begun, and nothing in it was answered for.
      tornHead = (await putAside(folder, last, 0, nowMs)) ?? tornHead
      await rm(join(folder, recordFileName(last)))
      if (files.indexOf(last) === 0) break
      continue
    }
    const torn = (await putAside(folder, last, end.octets, nowMs)) ?? tornHead
    const isMatched = checkpoint === undefined || checkpoint.file < last || end.holdsCheckpoint
    return {
      position: end.position,
      octets: end.octets,
      ...(end.shown !== undefined && { shown: end.shown }),
      ...(torn !== undefined && { torn }),
      ...(!isMatched && { unmatched: await keepUnmatched(folder, nowMs) }),
    }
  }
  return {
    position: { file: 1, line: 0, events: 0, chain: firstChain },
    octets: 0,
    ...(tornHead !== undefined && { torn: tornHead }),
    ...(checkpoint !== undefined && { unmatched: await keepUnmatched(folder, nowMs) }),
  }
}

interface Checkpoint {
  readonly file: number
  readonly line: number
  readonly chain: string
}

async function readCheckpoint(folder: string): Promise<Checkpoint | undefined> {
  const octets = await readFile(join(folder, fileNames.checkpoint)).catch(() => undefined)
  const value = octets === undefined ? undefined : objectOf(octets)
  const mark = readMark(value)
  const chain = value?.['chain']
  return mark === undefined || typeof chain !== 'string' ? undefined : { file: mark.file, line: mark.line, chain }
}

/** Reads a file whole: its lines and events have to be counted. Undefined where its first line is torn. */
async function endOf(
  path: string,
  file: number,
  { checkpoint, keepDays }: { readonly checkpoint: Checkpoint | undefined; readonly keepDays: number },
) {
  let previous = firstChain
  let end: { readonly position: Position; readonly octets: number } | undefined
  let line = 0
  let events = 0
  let holdsCheckpoint = false
  let shown: ShownTime | undefined
  for await (const { octets, offset, ended } of readFileLines(path)) {
    line += 1
    const isMark = isMarkLine(octets)
    if (line === 1) {
      const head = readMark(objectOf(octets))
      if (head?.mark !== 'head' || !ended) return undefined
      shown = new ShownTime(Date.parse(head.time), keepDays, doubtOf(head))
      previous = head.previous
      events = head.events
    } else if (!isMark) events += 1
    const read = ended ? readLine(octets, previous) : undefined
    if (read?.follows === true) {
      end = { position: { file, line, events, chain: read.chain }, octets: offset + octets.length + 1 }
      // Marks are enough: each start and each end leaves one, and every so many events between.
      if (isMark) shown?.line(Date.parse(readMark(objectOf(octets))?.time ?? ''))
      if (checkpoint?.file === file && checkpoint.line === line) holdsCheckpoint = checkpoint.chain === read.chain
    }
    if (read !== undefined) previous = read.chain
  }
  return end === undefined ? undefined : { ...end, holdsCheckpoint, shown }
}

async function putAside(folder: string, file: number, from: number, nowMs: number): Promise<FoundEnd['torn']> {
  const path = join(folder, recordFileName(file))
  const octets = (await stat(path)).size - from
  if (octets === 0) return undefined
  const aside = `torn-${String(file).padStart(8, '0')}-${from}-${nowMs}.bin`
  const handle = await open(path, 'r+')
  try {
    const torn = Buffer.alloc(Math.min(octets, mostTornOctets))
    const { bytesRead } = await handle.read(torn, 0, torn.length, from)
    const kept = torn.subarray(0, bytesRead)
    const copy = await open(join(folder, aside), 'wx', 0o600)
    try {
      await copy.writeFile(kept)
      await copy.datasync()
    } finally {
      await copy.close()
    }
    await handle.truncate(from)
    await handle.datasync()
    return { octets, sha256: hash('sha256', kept), aside }
  } finally {
    await handle.close()
  }
}

async function keepUnmatched(folder: string, nowMs: number): Promise<string> {
  const name = `unmatched-checkpoint-${nowMs}.json`
  await rename(join(folder, fileNames.checkpoint), join(folder, name))
  return name
}

function doubtOf({ shown, doubted }: Partial<Doubt>): Doubt | undefined {
  return shown === undefined || doubted === undefined ? undefined : { shown, doubted }
}

/** When a file was begun, in milliseconds since 1970, as its first line says, or by what was believed then. */
export async function headOf(folder: string, file: number) {
  const line = await firstLine(join(folder, recordFileName(file)))
  const mark = line === undefined ? undefined : readMark(objectOf(line))
  return mark?.mark === 'head' ? { previous: mark.previous, atMs: Date.parse(mark.shown ?? mark.time) } : undefined
}
