import type { AnswerLength, NoAnswer } from './answerLength.ts'
import { badLength, isNoAnswer, noAnswer } from './answerLength.ts'
import { printableOctets } from './printable-octets.ts'

/**
 * The initiator's side of .NET Message Framing (MC-NMF) as far as a probe of Active Directory Web Services goes: a
 * preamble that asks for the upgrade every client of the service asks for, and the record that answers it. The upgrade
 * itself, which would sign in, is not begun.
 */

/** MC-NMF §2.2.1: the records that are written or read here. */
const record = {
  version: 0x00,
  mode: 0x01,
  via: 0x02,
  knownEncoding: 0x03,
  fault: 0x08,
  upgradeRequest: 0x09,
  upgradeResponse: 0x0a,
  preambleAck: 0x0b,
} as const

const version = [1, 0] as const
const duplex = 0x02
/** Binary with in-band dictionary (MC-NBFSE), which MS-ADDM speaks. */
const binarySession = 0x08
const negotiate = 'application/negotiate'
const port = 9389

/** What a receiver says to a preamble that ends with an upgrade request (MC-NMF §3.1.1.2). */
export type FramingAnswer =
  /** The upgrade is granted: the service is there, and wants a sign-in next. */
  | { readonly kind: 'upgrade' }
  /** The preamble is accepted without the upgrade (MC-NMF §2.2.3.8). */
  | { readonly kind: 'acknowledged' }
  /** The service is there and refuses. `name` and `means` are known for the faults of MC-NMF §2.2.5. */
  | { readonly kind: 'fault'; readonly uri: string; readonly name?: string; readonly means?: string }
  | { readonly kind: 'other'; readonly why: string }

const faultNamespace = 'http://schemas.microsoft.com/ws/2006/05/framing/faults/'

/** MC-NMF §2.2.5, in words for a report. */
const faults: ReadonlyMap<string, string> = new Map([
  ['ConnectionDispatchFailed', 'the endpoint is there, and the connection could not be handed to it'],
  ['ContentTypeInvalid', 'the endpoint does not take the encoding of the messages'],
  ['ContentTypeTooLong', 'the encoding has a longer name than the receiver takes'],
  ['EndpointAccessDenied', 'the endpoint may not be used'],
  ['EndpointNotFound', 'no endpoint has this address'],
  ['EndpointPaused', 'the endpoint is paused'],
  ['EndpointUnavailable', 'the endpoint is not available at present'],
  ['InvalidRecordSequence', 'the records are not in an order that the receiver knows'],
  ['MaxMessageSizeExceededFault', 'the message is larger than the receiver takes'],
  ['ServerTooBusy', 'the endpoint has not the resources for another connection'],
  ['ServiceActivationFailed', 'the process of the endpoint could not be started'],
  ['UnsupportedMode', 'the receiver does not take this mode of communication'],
  ['UnsupportedVersion', 'the receiver does not speak this version of the framing'],
  ['UpgradeInvalid', 'the endpoint does not take this upgrade'],
  ['ViaTooLong', 'the address is longer than the receiver takes'],
])

/** Octets of a fault's URI that are taken at most; those of MC-NMF have up to 83. */
const longestUri = 2048
const shownUri = 200

/**
 * Writes the preamble for Active Directory Web Services (MC-NMF §2.2.6) and the request to negotiate security (MS-NNS)
 * that stands before its end. It names no account and asks for no data.
 *
 * @param host name or address of the domain controller, in ASCII, as the address of the endpoint names it
 * @throws RangeError when it is none
 */
export function encodeAdwsPreamble(host: string): Uint8Array {
  if (!/^[\w.:%-]{1,255}$/.test(host)) throw new RangeError(`${JSON.stringify(host)} is no host`)
  const authority = host.includes(':') ? `[${host}]` : host
  return Uint8Array.from([
    record.version,
    ...version,
    record.mode,
    duplex,
    record.via,
    ...sized(`net.tcp://${authority}:${port}/ActiveDirectoryWebServices/Windows/Resource`),
    record.knownEncoding,
    binarySession,
    record.upgradeRequest,
    ...sized(negotiate),
  ])
}

/** Text with its size before it (MC-NMF §2.2.2). */
function sized(text: string): readonly number[] {
  const octets = [...new TextEncoder().encode(text)]
  const size: number[] = []
  let left = octets.length
  for (; left > 0x7f; left >>= 7) size.push((left & 0x7f) | 0x80)
  return [...size, left, ...octets]
}

/** Reads the first answer to a preamble; what follows a fault is not looked at. Any octets give a value. */
export function readFramingAnswer(octets: Uint8Array): FramingAnswer {
  const length = lengthOfFramingAnswer(octets)
  if (isNoAnswer(length)) return { kind: 'other', why: length.why }
  if (length === undefined || length > octets.length) return { kind: 'other', why: 'the record is cut short' }
  if (octets[0] === record.upgradeResponse) return { kind: 'upgrade' }
  if (octets[0] === record.preambleAck) return { kind: 'acknowledged' }
  const size = sizeAt(octets, 1)
  const uri = octets.subarray(size !== undefined && 'from' in size ? size.from : length, length)
  const text = printableOctets(uri, longestUri)
  const name = text.startsWith(faultNamespace) ? text.slice(faultNamespace.length) : ''
  const means = faults.get(name)
  return { kind: 'fault', uri: printableOctets(uri, shownUri), ...(means !== undefined && { name, means }) }
}

/**
 * How many octets the answer has that begins with these. A fault with a URI of over 2048 octets is none.
 */
export function lengthOfFramingAnswer(octets: Uint8Array): AnswerLength {
  const type = octets[0]
  if (type === undefined) return undefined
  // After these the receiver waits for the initiator: more octets are another protocol's, to which 0x0A is a line feed.
  if (type === record.upgradeResponse || type === record.preambleAck) {
    return octets.length === 1 ? 1 : noAnswer('more follows a record that ends the answer')
  }
  if (type !== record.fault)
    return noAnswer(`no record answers a preamble with 0x${type.toString(16).padStart(2, '0')}`)
  const size = sizeAt(octets, 1)
  if (size === undefined || 'why' in size) return size
  if (size.size > longestUri) return badLength(size.size, `over ${longestUri}`)
  const to = size.from + size.size
  const uri = String.fromCharCode(...octets.subarray(size.from, Math.min(to, size.from + longestScheme + 1)))
  const begins = octets.length < to ? schemeSoFar : scheme
  return begins.test(uri) ? to : noAnswer('a fault that is no URI')
}

const longestScheme = 32
/** RFC 3986 §3.1. */
const scheme = /^[a-z][a-z\d+.-]{0,31}:/i
const schemeSoFar = /^([a-z][a-z\d+.-]{0,31}(:|$)|$)/i

/**
 * The size that begins at an offset (MC-NMF §2.2.2: seven bits an octet, the lowest first), and where it ends. A size of
 * three octets is above all that is taken.
 */
function sizeAt(octets: Uint8Array, at: number): { size: number; from: number } | undefined | NoAnswer {
  let size = 0
  for (let index = 0; index < 2; index += 1) {
    const octet = octets[at + index]
    if (octet === undefined) return undefined
    size += (octet & 0x7f) * 128 ** index
    if (octet >= 0x80) continue
    // No size is 0, and none ends with seven bits of zero (the grammar's EncodedSize, MC-NMF §3.1.1.2).
    return octet === 0 ? noAnswer('a fault of no length') : { size, from: at + index + 1 }
  }
  return noAnswer(`a fault of more than ${longestUri} octets`)
}
