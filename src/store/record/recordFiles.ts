import { createReadStream } from 'node:fs'
import { open, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { mostLineOctets } from './recordLine.ts'

/** Names in the folder of a record. */
export const fileNames = {
  privateKey: 'record.key',
  publicKey: 'record.pub',
  /** The newest checkpoint, as its line stands in the record. */
  checkpoint: 'checkpoint.json',
  lock: 'record.lock',
  writer: 'record.writer',
} as const

export function recordFileName(file: number): string {
  return `record-${String(file).padStart(8, '0')}.jsonl`
}

/** Checkpoints that the record did not reach up to when it was opened: kept, so that `verify` goes on saying so. */
export const unmatchedCheckpoint = /^unmatched-checkpoint-\d+\.json$/

/** Numbers of the files of a record, ascending. */
export async function listRecordFiles(folder: string): Promise<readonly number[]> {
  const names = await readdir(folder)
  const numbers = names.map((name) => Number(/^record-(\d{8})\.jsonl$/.exec(name)?.[1] ?? Number.NaN))
  return numbers.filter((file) => file > 0).sort((a, b) => a - b)
}

/** A line of a file, without its end. */
export interface FileLine {
  readonly octets: Buffer
  /** Octet in the file that it begins at. */
  readonly offset: number
  /** Whether it is ended; the last may not be. */
  readonly ended: boolean
}

/**
 * Reads the lines of a file in a stream, whatever it holds. Of one that is longer than any of the record only so much is
 * kept as tells it from one.
 *
 * @param from the octet to begin at, where a line begins
 * @throws the error of the platform where it cannot be read
 */
export async function* readFileLines(path: string, from = 0): AsyncGenerator<FileLine, void> {
  let kept: Buffer[] = []
  let keptOctets = 0
  let begin = from
  const take = (piece: Buffer): void => {
    if (piece.length > 0 && keptOctets <= mostLineOctets) kept.push(piece)
    keptOctets += piece.length
  }
  const line = (ended: boolean): FileLine => {
    const octets = kept.length === 1 && kept[0] !== undefined ? kept[0] : Buffer.concat(kept)
    const read = { octets, offset: begin, ended }
    begin += keptOctets + (ended ? 1 : 0)
    kept = []
    keptOctets = 0
    return read
  }
  for await (const chunk of octetsOf(path, from)) {
    let begun = 0
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, begun)) {
      take(chunk.subarray(begun, end))
      yield line(true)
      begun = end + 1
    }
    take(chunk.subarray(begun))
  }
  if (keptOctets > 0) yield line(false)
}

function octetsOf(path: string, start: number): AsyncIterable<Buffer> {
  return createReadStream(path, { start, highWaterMark: 1024 * 1024 })
}

/** The first line of a file, or undefined where there is none that is ended. */
export async function firstLine(path: string): Promise<Buffer | undefined> {
  for await (const { octets, ended } of readFileLines(path)) return ended ? octets : undefined
  return undefined
}

/** Puts a file in its place, whole or not at all, also through a power cut. */
export async function replaceFile(folder: string, name: string, text: string | Uint8Array): Promise<void> {
  const draft = join(folder, `.${name}.new`)
  const handle = await open(draft, 'w', 0o600)
  try {
    await handle.writeFile(text)
    await handle.datasync()
  } finally {
    await handle.close()
  }
  await rename(draft, join(folder, name))
  await syncFolder(folder)
}

/** Makes names that were added or removed outlive a power cut; where folders cannot be synced, they need not be. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  try {
    await handle?.sync()
  } catch {
    // Windows, and some file systems of a network.
  } finally {
    await handle?.close()
  }
}
