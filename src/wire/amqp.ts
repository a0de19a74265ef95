import type { AnswerLength } from './answerLength.ts'
import { badLength, badOctet, isNoAnswer, noAnswer } from './answerLength.ts'
import { printableOctets } from './printable-octets.ts'

/**
 * The client's side of AMQP 1.0 (OASIS AMQP 1.0) up to the point where a sign-in would begin: the protocol header that
 * asks for SASL, the header that comes back, and the list of mechanisms behind it (part 2 §2.2, part 5 §5.3).
 */

/** What a server says to a header that asks for SASL. */
export type AmqpAnswer =
  /** The same header, and the mechanisms of SASL that the server offers, in its order. */
  | { readonly kind: 'mechanisms'; readonly mechanisms: readonly string[] }
  /** The same header, and nothing behind it yet. */
  | { readonly kind: 'header' }
  /** Another header: what the server would speak instead, before it closes (part 2 §2.2). */
  | { readonly kind: 'offers'; readonly protocol: string }
  | { readonly kind: 'other'; readonly why: string }

const magic = [0x41, 0x4d, 0x51, 0x50] as const
const protocolId = { amqp: 0, tls: 2, sasl: 3 } as const
const askedFor = [protocolId.sasl, 1, 0, 0] as const
const headerLength = 8

const frameHeaderLength = 8
const saslFrame = 1
/** MIN-MAX-FRAME-SIZE, which no frame of SASL may exceed (part 5 §5.3.1). */
const longestFrame = 512
const longestName = 40

/** The header that asks for AMQP 1.0 behind SASL. */
export function encodeSaslHeader(): Uint8Array {
  return Uint8Array.from([...magic, ...askedFor])
}

/** Reads what a server said first. What follows the first frame is not looked at; any octets give a value. */
export function readAmqpAnswer(octets: Uint8Array): AmqpAnswer {
  if (octets.length < headerLength)
    return { kind: 'other', why: `${octets.length} octets, a header has ${headerLength}` }
  if (!magic.every((octet, index) => octets[index] === octet))
    return { kind: 'other', why: 'the header is not of AMQP' }
  const [id = 0, ...version] = octets.subarray(magic.length, headerLength)
  if (!isAskedFor(octets)) return { kind: 'offers', protocol: protocolName(id, version) }
  if (octets.length === headerLength) return { kind: 'header' }
  const length = lengthOfAmqpAnswer(octets)
  if (isNoAnswer(length)) return { kind: 'other', why: length.why }
  if (length === undefined || length > octets.length) {
    return { kind: 'other', why: 'the frame behind the header is cut short' }
  }
  const frame = octets.subarray(headerLength, length)
  const mechanisms = saslMechanisms(frame, (frame[4] ?? 0) * 4)
  if (mechanisms === undefined) return { kind: 'other', why: 'the frame behind the header lists no mechanisms' }
  return { kind: 'mechanisms', mechanisms }
}

/**
 * How many octets the answer has that begins with these, header and first frame. A frame of over 512 octets is none; a header other than the one asked
 * for is the whole answer.
 */
export function lengthOfAmqpAnswer(octets: Uint8Array): AnswerLength {
  if (!magic.every((octet, index) => index >= octets.length || octets[index] === octet)) {
    return noAnswer('the header is not of AMQP')
  }
  if (octets.length < headerLength) return undefined
  if (!isAskedFor(octets)) return headerLength
  const frame = octets.subarray(headerLength)
  if (frame.length < 4) return undefined
  const size = uint(frame, 0, 4)
  const [offset, type] = frame.subarray(4, 6)
  if (size <= frameHeaderLength) return badLength(size, 'too short for a frame of SASL')
  if (size > longestFrame) return badLength(size, `over ${longestFrame}, the most of a frame of SASL`)
  // The offset counts words of four octets (part 2 §2.3.1).
  if (offset !== undefined && (offset < 2 || offset * 4 >= size)) return noAnswer('no frame of SASL follows the header')
  if (type !== undefined && type !== saslFrame)
    return badOctet('the frame behind the header is of type', type, saslFrame)
  return headerLength + size
}

function isAskedFor(octets: Uint8Array): boolean {
  return askedFor.every((octet, index) => octets[magic.length + index] === octet)
}

/** A header in words; before 1.0 its octets meant other things (AMQP 0-9-1 §4.2.2). */
function protocolName(id: number, version: readonly number[]): string {
  const octets = [id, ...version].join(' ')
  const number = version.join('.')
  if (octets === '0 0 9 1') return 'AMQP 0-9-1'
  if (octets === '1 1 0 10') return 'AMQP 0-10'
  if (id === protocolId.amqp) return `AMQP ${number} without SASL`
  if (id === protocolId.tls) return `AMQP ${number} with TLS of its own`
  if (id === protocolId.sasl) return `AMQP ${number} with SASL`
  return `AMQP ${number}, protocol ${id}`
}

/** Where the contents of a value lie, and how wide its numbers are: one octet or four (part 1 §1.2). */
interface Contents {
  readonly from: number
  readonly to: number
  readonly width: 1 | 4
}

/** Constructors (part 1 §1.6), of the kind with sizes in one octet and of that with sizes in four. */
const symbol = { narrow: 0xa3, wide: 0xb3 } as const
const list = { narrow: 0xc0, wide: 0xd0 } as const
const array = { narrow: 0xe0, wide: 0xf0 } as const
const described = 0x00
const smallUlong = 0x53
const ulong = 0x80
const mechanismsCode = 0x40
const mechanismsSymbol = 'amqp:sasl-mechanisms:list'

/** The field of a sasl-mechanisms (part 5 §5.3.3.1): one symbol, or an array of them; undefined for anything else. */
function saslMechanisms(frame: Uint8Array, at: number): readonly string[] | undefined {
  const body = behindDescriptor(frame, at)
  const performative = body === undefined ? undefined : contentsAt(frame, body, frame.length, list)
  if (performative === undefined || uint(frame, performative.from, performative.width) === 0) return undefined
  const field = performative.from + performative.width
  const single = contentsAt(frame, field, performative.to, symbol)
  if (single !== undefined) return [printableOctets(frame.subarray(single.from, single.to), longestName)]
  const many = contentsAt(frame, field, performative.to, array)
  return many === undefined ? undefined : symbolsOf(frame, many)
}

/** Where the value begins that a sasl-mechanisms descriptor describes; undefined for another descriptor. */
function behindDescriptor(frame: Uint8Array, at: number): number | undefined {
  if (frame[at] !== described) return undefined
  const code = frame[at + 1]
  if (code === smallUlong) return frame[at + 2] === mechanismsCode ? at + 3 : undefined
  if (code === ulong) return at + 10 <= frame.length && uint(frame, at + 2, 8) === mechanismsCode ? at + 10 : undefined
  const name = contentsAt(frame, at + 1, frame.length, symbol)
  if (name === undefined || printableOctets(frame.subarray(name.from, name.to)) !== mechanismsSymbol) return undefined
  return name.to
}

/** The contents of a value of variable size; undefined where there is none of this kind, or it is not all there. */
function contentsAt(octets: Uint8Array, at: number, end: number, kind: typeof symbol | typeof list | typeof array) {
  const width = octets[at] === kind.narrow ? 1 : octets[at] === kind.wide ? 4 : undefined
  if (width === undefined || at + 1 + width > end) return undefined
  const from = at + 1 + width
  const to = from + uint(octets, at + 1, width)
  return to > end ? undefined : ({ from, to, width } satisfies Contents)
}

/** The symbols of an array: a count, one constructor for all, and each symbol's size and octets (part 1 §1.6.24). */
function symbolsOf(octets: Uint8Array, { from, to, width }: Contents): readonly string[] | undefined {
  const count = uint(octets, from, width)
  const code = octets[from + width]
  const sizeWidth = code === symbol.narrow ? 1 : code === symbol.wide ? 4 : undefined
  if (sizeWidth === undefined) return undefined
  const names: string[] = []
  let at = from + width + 1
  while (names.length < count) {
    const begin = at + sizeWidth
    if (begin > to) return undefined
    at = begin + uint(octets, begin - sizeWidth, sizeWidth)
    if (at > to) return undefined
    names.push(printableOctets(octets.subarray(begin, at), longestName))
  }
  return names.length === 0 ? undefined : names
}

function uint(octets: Uint8Array, offset: number, length: number): number {
  let value = 0
  for (const octet of octets.subarray(offset, offset + length)) value = value * 256 + octet
  return value
}
