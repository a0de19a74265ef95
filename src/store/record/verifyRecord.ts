import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FileLine } from './recordFiles.ts'
import { fileNames, listRecordFiles, readFileLines, recordFileName, unmatchedCheckpoint } from './recordFiles.ts'
import { errorCode, keyId, readPublicKey } from './recordKey.ts'
import { firstChain, isMarkLine, objectOf, readLine } from './recordLine.ts'
import type { Mark } from './recordMark.ts'
import { isSigned, readMark } from './recordMark.ts'
import { hasWriter } from './writerLock.ts'

export const recordProblems = [
  'no-record',
  'unreadable',
  'key-unreadable',
  'chain-broken',
  'line-torn',
  'bad-signature',
  'file-missing',
  'tail-missing',
  'checkpoint-missing',
] as const

/** The first place where a record is not as it was written. */
export interface RecordProblem {
  readonly code: (typeof recordProblems)[number]
  /** Name of a file in the folder. */
  readonly file: string
  /** Counts from 1. */
  readonly line: number
  readonly what: string
  readonly next: string
}

/** What is known of a record that was read from its first line to its last, or to the first that is wrong. */
export interface RecordVerdict {
  readonly folder: string
  readonly ok: boolean
  /** Files that were read. */
  readonly files: number
  /** Events in them. */
  readonly events: number
  /** Places that a signature vouches for. */
  readonly signatures: number
  /** Time of the last of them: ISO 8601, UTC. */
  readonly signedUntil?: string
  /** Events behind it: whoever can write to the folder could have taken more of them away, or added some. */
  readonly unsigned: number
  /** Files that were removed by age or size, all up to this number, and when. */
  readonly removed?: { readonly through: number; readonly at: string }
  /** Where sudden ends had torn what was being written, and what was kept of it. */
  readonly torn: readonly {
    readonly file: string
    readonly line: number
    readonly octets: number
    readonly aside: string
  }[]
  /** Whether a process writes it now. */
  readonly written: boolean
  /** Checkpoints to be compared with that are older than the files that are kept. */
  readonly tooOld: readonly string[]
  readonly problem?: RecordProblem
}

/** A checkpoint that the record has to hold, octet for octet. */
interface Expected {
  readonly name: string
  readonly octets: Buffer
  readonly mark: Mark
}

interface Walk {
  previous: string
  file: number
  line: number
  events: number
  /** Events in files that are there. */
  read: number
  signatures: number
  signedAt: number
  signedUntil: string | undefined
  removed: (Mark & { readonly mark: 'removed' }) | undefined
  readonly heads: Map<number, string>
  readonly torn: RecordVerdict['torn'][number][]
  readonly met: Set<Expected>
}

export interface VerifyOptions {
  /** The public key, PEM; absent: the one in the folder, which whoever can write to the folder could replace. */
  readonly publicKey?: Uint8Array
  /** Checkpoints that were kept elsewhere, one a file, by the names that they are told by. */
  readonly checkpoints?: readonly { readonly name: string; readonly octets: Uint8Array }[]
  readonly signal?: AbortSignal
}

/**
 * Reads a record from its first line to its last, of any size and with any octets in it, and says where it is not as it
 * was written. Also while it is being written. Never rejects but for the signal.
 */
export async function verifyRecord(folder: string, options: VerifyOptions = {}): Promise<RecordVerdict> {
  const verdict = await verifiedOnce(folder, options)
  // A writer that removes old files may have taken away one that was still to be read.
  const isMoved = verdict.written && verdict.problem?.code === 'unreadable'
  return isMoved ? verifiedOnce(folder, options) : verdict
}

async function verifiedOnce(folder: string, options: VerifyOptions): Promise<RecordVerdict> {
  const walk: Walk = {
    ...{ previous: firstChain, file: 0, line: 0, events: 0, read: 0, signatures: 0, signedAt: 0 },
    ...{ signedUntil: undefined, removed: undefined, heads: new Map(), torn: [], met: new Set() },
  }
  const tooOld: string[] = []
  const written = hasWriter(folder)
  const problem = await walked(folder, options, { walk, tooOld, written }).catch((error: unknown): RecordProblem => {
    options.signal?.throwIfAborted()
    const place = { file: recordFileName(Math.max(1, walk.file)), line: walk.line + 1 }
    return problemAt('unreadable', place, `it cannot be read (${errorCode(error)})`, 'ask again as somebody who may')
  })
  return {
    ...{ folder, ok: problem === undefined, files: walk.heads.size, events: walk.read, signatures: walk.signatures },
    ...(walk.signedUntil !== undefined && { signedUntil: walk.signedUntil }),
    unsigned: walk.events - walk.signedAt,
    ...(walk.removed !== undefined && { removed: { through: walk.removed.through, at: walk.removed.time } }),
    ...{ torn: walk.torn, written, tooOld },
    ...(problem !== undefined && { problem }),
  }
}

interface Round {
  readonly walk: Walk
  readonly tooOld: string[]
  readonly written: boolean
}

async function walked(folder: string, options: VerifyOptions, round: Round): Promise<RecordProblem | undefined> {
  // Before the files: whatever a checkpoint tells of was written before it.
  const names = await readdir(folder).catch((error: unknown) =>
    errorCode(error) === 'ENOENT' ? [] : Promise.reject(error),
  )
  const key = readPublicKey(options.publicKey ?? (await orNothing(join(folder, fileNames.publicKey))))
  const expected = await expectations(folder, names, options)
  const files = names.length === 0 ? [] : await listRecordFiles(folder)
  if (files.length === 0 && expected.length === 0) {
    return problemAt('no-record', { file: recordFileName(1), line: 1 }, 'there is no record here', 'name its folder')
  }
  if (key === undefined) {
    const file = options.publicKey === undefined ? fileNames.publicKey : 'the public key'
    return problemAt('key-unreadable', { file, line: 1 }, 'it holds no Ed25519 key in PEM', 'put it back from a copy')
  }
  for (const each of expected) {
    const place = { file: each.name, line: 1 }
    if ('unread' in each) return problemAt('bad-signature', place, 'it is no checkpoint', elsewhere)
    if (!isSigned(objectOf(each.octets) ?? {}, key)) {
      return problemAt('bad-signature', place, 'its signature is not of the key of this record', elsewhere)
    }
  }
  const asked = expected.flatMap((each) => ('unread' in each ? [] : [each]))
  const step = { ...round, files, id: keyId(key), signedBy: (value: Value) => isSigned(value, key), asked }
  for (const file of files) {
    const wrong = await walkFile(folder, file, step, options.signal)
    if (wrong !== undefined) return wrong
  }
  return endWrong(step, names)
}

const elsewhere = 'compare with what was sent elsewhere'
type Value = Readonly<Record<string, unknown>>

interface Step extends Round {
  readonly files: readonly number[]
  readonly id: string
  readonly signedBy: (value: Value) => boolean
  readonly asked: readonly Expected[]
}

async function expectations(folder: string, names: readonly string[], { checkpoints = [] }: VerifyOptions) {
  const own = names.filter((name) => name === fileNames.checkpoint || unmatchedCheckpoint.test(name))
  const read = await Promise.all(own.map(async (name) => ({ name, octets: await orNothing(join(folder, name)) })))
  return [...read, ...checkpoints].map(
    ({ name, octets }): Expected | { readonly name: string; readonly unread: true } => {
      const text = Buffer.from(octets)
      const line = text.at(-1) === 10 ? text.subarray(0, -1) : text
      const mark = readMark(objectOf(line))
      return mark === undefined ? { name, unread: true } : { name, octets: line, mark }
    },
  )
}

async function walkFile(
  folder: string,
  file: number,
  step: Step,
  signal?: AbortSignal,
): Promise<RecordProblem | undefined> {
  const { walk, files, written } = step
  const name = recordFileName(file)
  if (walk.file !== 0 && file !== walk.file + 1) return missingFile(walk.file + 1)
  walk.file = file
  walk.line = 0
  for await (const read of readFileLines(join(folder, name))) {
    signal?.throwIfAborted()
    walk.line += 1
    if (!read.ended && file === files.at(-1)) {
      walk.line -= 1
      // A writer is in the middle of it.
      return written ? undefined : tornLine({ file: name, line: walk.line + 1 }, read)
    }
    const wrong = walkLine(name, read, step)
    if (wrong !== undefined) return wrong
  }
  return walk.line > 0 || (written && file === files.at(-1))
    ? undefined
    : problemAt('chain-broken', { file: name, line: 1 }, 'the file is empty', 'compare with a copy')
}

function walkLine(name: string, { octets, ended }: FileLine, step: Step): RecordProblem | undefined {
  const { walk } = step
  const place = { file: name, line: walk.line }
  const isMark = isMarkLine(octets)
  const value = isMark ? objectOf(octets) : undefined
  const mark = readMark(value)
  if (walk.line === 1) {
    if (mark?.mark !== 'head') return problemAt('chain-broken', place, 'this is no first line of a file', copy)
    // What came before the files that are kept cannot be computed: the signature vouches for it.
    if (walk.heads.size === 0 && walk.file > 1) {
      walk.previous = mark.previous
      walk.events = mark.events
    }
    walk.heads.set(walk.file, mark.previous)
  }
  const line = ended ? readLine(octets, walk.previous) : undefined
  if (line === undefined) return problemAt('chain-broken', place, 'this is no line of a record', copy)
  if (!line.follows) {
    const what = 'this line, or the one before it, is not as it was written, or one between them is gone'
    return problemAt('chain-broken', place, what, copy)
  }
  if (isMark) {
    const wrong =
      value === undefined || mark === undefined ? 'a mark that cannot be read' : markWrong(mark, value, step)
    if (wrong !== undefined) return problemAt('bad-signature', place, wrong, elsewhere)
  } else {
    walk.events += 1
    walk.read += 1
  }
  for (const each of step.asked) {
    if (each.mark.file !== walk.file || each.mark.line !== walk.line) continue
    if (!each.octets.equals(octets)) {
      return problemAt('tail-missing', place, `${each.name} says that something else stood here`, elsewhere)
    }
    walk.met.add(each)
  }
  walk.previous = line.chain
  if (mark !== undefined) noteMark(mark, name, walk)
  return undefined
}

const copy = 'compare with a copy, or with what was sent elsewhere'

function markWrong(mark: Mark, value: Value, { walk, id, signedBy }: Step): string | undefined {
  const { file, line, events, previous, key } = mark
  if (key !== id) return `it is signed by the key ${key.slice(0, 16)}, and that of this record is ${id}`
  if (!signedBy(value)) return 'the signature is not of the key of this record'
  const isHere = file === walk.file && line === walk.line && events === walk.events && previous === walk.previous
  return isHere ? undefined : 'it was signed for another place'
}

function noteMark(mark: Mark, name: string, walk: Walk): void {
  walk.signatures += 1
  walk.signedAt = walk.events
  walk.signedUntil = mark.time
  if (mark.mark === 'removed') walk.removed = mark
  if (mark.mark === 'torn') walk.torn.push({ file: name, line: walk.line, octets: mark.octets, aside: mark.aside })
}

/** What only the end shows: a beginning that is gone, and a tail that somebody signed. */
function endWrong({ walk, files, asked, tooOld }: Step, names: readonly string[]): RecordProblem | undefined {
  const first = files[0] ?? 1
  if (first > 1) {
    const { removed } = walk
    if (removed === undefined || removed.through < first - 1) return missingFile(first - 1)
    const next = walk.heads.get(removed.through + 1)
    if (next !== undefined && next !== removed.last) {
      const what = 'it does not follow from the files that were removed'
      return problemAt('chain-broken', { file: recordFileName(removed.through + 1), line: 1 }, what, copy)
    }
  }
  const end = { file: recordFileName(Math.max(1, walk.file)), line: walk.line + 1 }
  for (const each of asked) {
    if (walk.met.has(each)) continue
    if (each.mark.file < first) tooOld.push(each.name)
    else {
      const { file, line } = each.mark
      const what = `the record ends here; ${each.name} was signed for ${recordFileName(file)}:${line}`
      return problemAt('tail-missing', end, what, elsewhere)
    }
  }
  if (names.includes(fileNames.checkpoint)) return undefined
  const what = 'the newest checkpoint is gone: whether lines are missing at the end cannot be told'
  return problemAt('checkpoint-missing', { file: fileNames.checkpoint, line: 1 }, what, elsewhere)
}

function missingFile(file: number): RecordProblem {
  return problemAt(
    'file-missing',
    { file: recordFileName(file), line: 1 },
    'it is gone, and the record does not say that it was removed on purpose',
    'put it back from a copy',
  )
}

function tornLine(place: { readonly file: string; readonly line: number }, { octets }: FileLine): RecordProblem {
  const what = `the line is not ended (${octets.length} octets): whatever wrote it was stopped in the middle`
  return problemAt('line-torn', place, what, 'start postern serve, which puts it aside and says so in the record')
}

function problemAt(
  code: RecordProblem['code'],
  { file, line }: { readonly file: string; readonly line: number },
  what: string,
  next: string,
): RecordProblem {
  return { code, file, line, what, next }
}

async function orNothing(path: string): Promise<Uint8Array> {
  return readFile(path).catch(() => new Uint8Array())
}
