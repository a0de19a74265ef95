import type { KeyObject } from 'node:crypto'
import { sign, verify } from 'node:crypto'
import { isObject } from './recordLine.ts'
import type { Doubt } from './shownTime.ts'

/** Where the record stands: what the next line follows from. */
export interface Position {
  /** Number of the file, from 1. */
  readonly file: number
  /** Lines in the file. */
  readonly line: number
  /** Events in all files so far, those that were removed included. */
  readonly events: number
  readonly chain: string
}

/** What every mark says: where it stands, and that whoever has the key saw everything before it. */
interface Marked {
  readonly file: number
  readonly line: number
  readonly events: number
  /** Chain of the line before, in the first line of a file that of the file before. */
  readonly previous: string
  /** ISO 8601, UTC. */
  readonly time: string
  /** Which key signed: the first 16 digits of the SHA-256 of its SubjectPublicKeyInfo. */
  readonly key: string
}

/** A line that is no event: it tells of the record itself, and is signed (Ed25519, RFC 8032). */
export type Mark = Marked &
  /** `shown` and `doubted` stand where the clock was doubted. */
  (
    | ({ readonly mark: 'head'; readonly format: 1 } & Partial<Doubt>)
    | { readonly mark: 'checkpoint' }
    /** Files were removed by age, or since they were too much: all up to this number, whose last chain is `last`. */
    | { readonly mark: 'removed'; readonly through: number; readonly last: string }
    /** A line that a sudden end had torn: its octets are kept in the file `aside`. */
    | { readonly mark: 'torn'; readonly octets: number; readonly sha256: string; readonly aside: string }
  )

/** What a mark says by itself; where it stands is filled in when it is written. */
export type MarkWords = Mark extends infer Each ? (Each extends Mark ? Omit<Each, keyof Marked> : never) : never

export interface SigningKey {
  readonly id: string
  readonly privateKey: KeyObject
}

/** The text of a mark that follows a position, signed; the signature is over its canonical text without `signature`. */
export function markBody(words: MarkWords, at: Position, time: string, key: SigningKey): string {
  const { file, line, events, chain } = at
  const mark = { ...words, file, line: line + 1, events, previous: chain, time, key: key.id }
  const signature = sign(null, Buffer.from(canonical(mark)), key.privateKey).toString('base64url')
  return canonical({ ...mark, signature })
}

/** Reads the mark of a line; undefined where it is none, or one of a later version. */
export function readMark(value: unknown): Mark | undefined {
  if (!isObject(value)) return undefined
  const { mark, format, file, line, events, previous, time, key, through, last, octets, sha256, aside } = value
  const { shown, doubted } = value
  if (!isWhole(file) || !isWhole(line) || !isWhole(events)) return undefined
  if (!isDigest(previous) || typeof time !== 'string' || typeof key !== 'string') return undefined
  const where = { file, line, events, previous, time, key }
  if (mark === 'head' && format === 1) {
    const isDoubted = typeof shown === 'string' && !Number.isNaN(Date.parse(shown)) && isWhole(doubted)
    return { ...where, mark, format, ...(isDoubted && { shown, doubted }) }
  }
  if (mark === 'checkpoint') return { ...where, mark }
  if (mark === 'removed' && isWhole(through) && isDigest(last)) return { ...where, mark, through, last }
  if (mark === 'torn' && isWhole(octets) && isDigest(sha256) && typeof aside === 'string') {
    return { ...where, mark, octets, sha256, aside }
  }
  return undefined
}

/** Whether a mark, as it was read, is signed by a key. Never throws. */
export function isSigned(value: Readonly<Record<string, unknown>>, publicKey: KeyObject): boolean {
  const { signature, chain: _, ...signed } = value
  if (typeof signature !== 'string') return false
  try {
    return verify(null, Buffer.from(canonical(signed)), publicKey, Buffer.from(signature, 'base64url'))
  } catch {
    return false
  }
}

/** RFC 8785 for an object whose members are texts and whole numbers. */
function canonical(value: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))))
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function isDigest(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
}
