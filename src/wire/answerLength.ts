import { protocolOfBanner } from './banner.ts'
import { printableOctets } from './printable-octets.ts'
import { isTlsRecord, readServerFlight } from './tls-record.ts'

/** What came can be no answer of the protocol, and why, in a few words. */
export interface NoAnswer {
  readonly why: string
}

/** How many octets a whole answer has; undefined while too few came to know. */
export type AnswerLength = number | undefined | NoAnswer

export const noAnswer = (why: string): NoAnswer => ({ why })

export function isNoAnswer(length: AnswerLength): length is NoAnswer {
  return typeof length === 'object'
}

/** A length that a message says of itself, and that none has. */
export const badLength = (said: number, right: string): NoAnswer => noAnswer(`the length ${said} is ${right}`)

/** An octet where another one belongs: `begins with 0x48, not 0x30`. */
export const badOctet = (what: string, said: number, right: number): NoAnswer =>
  noAnswer(`${what} ${hex(said)}, not ${hex(right)}`)

const hex = (octet: number): string => `0x${octet.toString(16).padStart(2, '0')}`

/** Protocols whose octets a reader of their own names better. */
const readElsewhere: ReadonlySet<string> = new Set(['AMQP', 'SMB', 'TDS', 'DCE/RPC', 'LDAP'])

/** Type and version: fewer octets begin many a binary protocol. */
const leastOfTls = 3

/** What octets of another protocol are by their own word: `TLS alert 40 (handshake_failure)`, `begins with HTTP/1.1`. */
export function selfNamed(octets: Uint8Array): string | undefined {
  if (octets.length >= leastOfTls && isTlsRecord(octets)) {
    const { alert } = readServerFlight(octets)
    return alert === undefined ? 'a record of TLS' : `TLS alert ${alert.number} (${alert.name})`
  }
  const text = printableOctets(octets)
  const protocol = protocolOfBanner(text)
  if (protocol === undefined || readElsewhere.has(protocol)) return undefined
  const said = /^(?:HTTP\/\d(?:\.\d)?|SSH-\d\.\d+)/.exec(text)?.[0]
  return said === undefined ? `begins as ${protocol} does` : `begins with ${said}`
}
