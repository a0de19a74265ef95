import { hash } from 'node:crypto'

/** What stands before the first line of the first file. */
export const firstChain = '0'.repeat(64)

/** Octets that a line may have: several times what the longest event comes to. */
export const mostLineOctets = 1024 * 1024

const prefix = ',"chain":"'
const suffix = '"}'
/** `,"chain":"` and 64 digits and `"}`. */
const chainOctets = prefix.length + 64 + suffix.length
const closing = Buffer.from('}')

/** SHA-256 in hexadecimal over the chain of the line before and the text of this one without its own. */
export function chainOf(previous: string, body: string): string {
  return hash('sha256', previous + body)
}

/** A line as it stands in a file, without its end: the chain is its last member, so that to take it off needs no reader of JSON. */
export function lineOf(body: string, chain: string): string {
  return `${body.slice(0, -1)}${chainTail(chain)}`
}

/** What every line of the record ends with. */
export function chainTail(chain: string): string {
  return `${prefix}${chain}${suffix}`
}

/** What a line claims: its chain, and whether it follows from the line before. */
export interface ReadLine {
  readonly chain: string
  readonly follows: boolean
}

/**
 * Looks at a line octet by octet, whatever it holds.
 *
 * @param previous the chain of the line before
 * @returns undefined where it ends otherwise than a line of the record
 */
export function readLine(octets: Buffer, previous: string): ReadLine | undefined {
  const end = octets.length - chainOctets
  if (end < 1 || octets.length > mostLineOctets) return undefined
  const tail = octets.toString('latin1', end)
  const chain = tail.slice(prefix.length, -suffix.length)
  if (!tail.startsWith(prefix) || !tail.endsWith(suffix) || !/^[0-9a-f]{64}$/.test(chain)) return undefined
  const hashed = hash('sha256', Buffer.concat([Buffer.from(previous, 'latin1'), octets.subarray(0, end), closing]))
  return { chain, follows: hashed === chain }
}

/** The object of a line, or undefined where it is none. */
export function objectOf(octets: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(octets.toString('utf8'))
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether a line that follows from the one before is a mark: marks alone begin with these octets. */
export function isMarkLine(octets: Buffer): boolean {
  // Members stand in the order of their names, so that an event, which has an `activity`, begins with that.
  return !octets.subarray(0, beginning.length).equals(beginning)
}
const beginning = Buffer.from('{"activity":')
