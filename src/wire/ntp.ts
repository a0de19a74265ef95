import { formatAddress } from '../model/cidr.ts'
import { printableOctets } from './printable-octets.ts'

/**
 * The client's side of NTP (RFC 5905 §7.3): a request is written, an answer is read and held against it, and the
 * difference between two clocks is worked out. Nothing here knows the time: it is given.
 */

/** Seconds since 1900 and their fraction as one number of 64 bits (RFC 5905 §6), which begins anew every 136 years; 0 is "unknown". */
export type NtpTimestamp = bigint

/** What the server says of the current day's last minute; `unsynchronised` is its word for "do not use this". */
export type NtpLeap = 'none' | 'add-second' | 'delete-second' | 'unsynchronised'

/** What octets say as an answer to a request. */
export type NtpReply =
  | { readonly kind: 'unreadable'; readonly why: string }
  /** Sound, and no answer to this request: another mode, or another origin timestamp (RFC 5905 §8, bogus packet). */
  | { readonly kind: 'not-ours'; readonly why: string }
  /** The server tells the client to go away or slow down (kiss-o'-death, RFC 5905 §7.4); it gives no time. */
  | { readonly kind: 'kiss'; readonly code: string; readonly means?: string }
  | NtpTime

/** An answer that holds a time, good or not: `leap` and `stratum` say whether it may be used. */
export interface NtpTime {
  readonly kind: 'time'
  readonly leap: NtpLeap
  readonly version: number
  /** 1 is a server with a clock of its own, 2 to 15 are so many steps away from one, 16 is unsynchronised. */
  readonly stratum: number
  /** What the server follows: a name such as `GPS` at stratum 1; above, an IPv4 address, or four octets of a hash over an IPv6 one. */
  readonly reference: string
  /** Seconds between two questions that the server suggests, and the precision of its clock. */
  readonly pollSec: number
  readonly precisionSec: number
  /** To the clock at the root and back, and how far off the time may be against it, in milliseconds. */
  readonly rootDelayMs: number
  readonly rootDispersionMs: number
  /** When the server's clock was last set; when the request came; when the answer left. */
  readonly referenceTime: NtpTimestamp
  readonly received: NtpTimestamp
  readonly transmitted: NtpTimestamp
}

const packetLength = 48
const unsynchronisedStratum = 16
const mode = { client: 3, server: 4 } as const
const version = 4
const leaps = ['none', 'add-second', 'delete-second', 'unsynchronised'] as const satisfies readonly NtpLeap[]
const at = {
  stratum: 1,
  poll: 2,
  precision: 3,
  rootDelay: 4,
  rootDispersion: 8,
  referenceId: 12,
  referenceTime: 16,
  origin: 24,
  received: 32,
  transmitted: 40,
} as const

/** Kiss codes (RFC 5905 §7.4; NTSN: RFC 8915 §5.7), in words for a report. */
const kissCodes: ReadonlyMap<string, string> = new Map([
  ['ACST', 'the association belongs to an anycast server'],
  ['AUTH', 'the server could not authenticate the request'],
  ['AUTO', 'the Autokey sequence failed'],
  ['BCST', 'the association belongs to a broadcast server'],
  ['CRYP', 'cryptographic authentication or identification failed'],
  ['DENY', 'the server denies access'],
  ['DROP', 'the server lost the peer'],
  ['INIT', 'the server is not synchronised yet'],
  ['MCST', 'the association belongs to a multicast server'],
  ['NKEY', 'no key was found'],
  ['NTSN', 'the server could not use the NTS cookie'],
  ['RATE', 'too many questions: the server asks to slow down'],
  ['RMOT', 'an unauthenticated host changed the association'],
  ['RSTR', 'access is denied by local policy'],
  ['STEP', 'the clock of the server was stepped and is not synchronised yet'],
])

/**
 * Writes a request: version 4, client mode, and nothing in it that tells of this machine.
 *
 * @param transmit random, and different each time: the server repeats it, which is how its answer is known. It need not
 *   be a time.
 */
export function encodeNtpRequest(transmit: NtpTimestamp): Uint8Array {
  const octets = new Uint8Array(packetLength)
  octets[0] = (version << 3) | mode.client
  new DataView(octets.buffer).setBigUint64(at.transmitted, transmit)
  return octets
}

/**
 * Reads an answer; never throws. Extension fields and a signature behind the header (MS-SNTP) are not looked at.
 *
 * @param transmit of the request that this is to answer
 */
export function decodeNtpReply(octets: Uint8Array, transmit: NtpTimestamp): NtpReply {
  if (octets.length < packetLength) {
    return { kind: 'unreadable', why: `${octets.length} octets, a header has ${packetLength}` }
  }
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength)
  const first = view.getUint8(0)
  const spoken = (first >> 3) & 7
  if (spoken === 0 || spoken > version) return { kind: 'unreadable', why: `version ${spoken} is none of NTP` }
  if ((first & 7) !== mode.server) {
    return { kind: 'not-ours', why: `mode ${first & 7}, an answer to a client has ${mode.server}` }
  }
  if (view.getBigUint64(at.origin) !== transmit) {
    return { kind: 'not-ours', why: 'the origin timestamp is not that of the request' }
  }
  const sent = view.getUint8(at.stratum)
  const referenceId = octets.subarray(at.referenceId, at.referenceId + 4)
  // A kiss has a code; without one 0 is how 16 is sent: unspecified (RFC 5905 fig. 11 and A.1.1).
  const stratum = sent === 0 ? unsynchronisedStratum : sent
  if (sent === 0 && referenceId.some((octet) => octet !== 0)) {
    const code = asciiOf(referenceId)
    const means = kissCodes.get(code)
    return { kind: 'kiss', code, ...(means !== undefined && { means }) }
  }
  return {
    kind: 'time',
    leap: leaps[first >> 6] ?? 'unsynchronised',
    version: spoken,
    stratum,
    reference: stratum === 1 ? asciiOf(referenceId) : addressOf(view),
    pollSec: 2 ** view.getInt8(at.poll),
    precisionSec: 2 ** view.getInt8(at.precision),
    rootDelayMs: shortMs(view.getUint32(at.rootDelay)),
    rootDispersionMs: shortMs(view.getUint32(at.rootDispersion)),
    referenceTime: view.getBigUint64(at.referenceTime),
    received: view.getBigUint64(at.received),
    transmitted: view.getBigUint64(at.transmitted),
  }
}

/** Whether an answer comes from a clock that follows another (RFC 5905 §7.3): its time may be compared with. */
export function isSynchronised({ leap, stratum, transmitted, received }: NtpTime): boolean {
  return leap !== 'unsynchronised' && stratum >= 1 && stratum <= 15 && transmitted !== 0n && received !== 0n
}

/**
 * How far the server's clock is ahead of this machine's, and how long the way there and back was (RFC 5905 §8). Right
 * across the turn of an era, as long as the clocks are less than 68 years apart.
 *
 * @param sentMs when the request left, by this machine's clock, milliseconds since 1970
 * @param arrivedMs when the answer came: `sentMs` and what a clock that is never set back counted since
 * @returns milliseconds; the delay is never negative, which coarse clocks would make it
 */
export function ntpOffset(
  { received, transmitted }: Pick<NtpTime, 'received' | 'transmitted'>,
  sentMs: number,
  arrivedMs: number,
): { readonly offsetMs: number; readonly delayMs: number } {
  const outward = msBetween(ntpOfUnix(sentMs), received)
  const inward = msBetween(ntpOfUnix(arrivedMs), transmitted)
  return { offsetMs: (outward + inward) / 2, delayMs: Math.max(0, outward - inward) }
}

const secondsFrom1900To1970 = 2_208_988_800n
const microsPerSecond = 1_000_000n

/** A moment as an NTP timestamp. */
export function ntpOfUnix(unixMs: number): NtpTimestamp {
  // Thousandths of a millisecond are exact in a double until the year 2255.
  const micros = BigInt(Math.round(unixMs * 1000))
  const fractions = ((micros << 32n) + (micros < 0n ? -500_000n : 500_000n)) / microsPerSecond
  return BigInt.asUintN(64, fractions + (secondsFrom1900To1970 << 32n))
}

/**
 * The moment that a timestamp means: of the eras that it may belong to, the one nearest to `nearMs`.
 *
 * @returns milliseconds since 1970; undefined for 0, which stands for an unknown time
 */
export function unixOfNtp(timestamp: NtpTimestamp, nearMs: number): number | undefined {
  return timestamp === 0n ? undefined : nearMs + msBetween(ntpOfUnix(nearMs), timestamp)
}

/** Milliseconds from one timestamp to another, at most half an era either way. */
function msBetween(from: NtpTimestamp, to: NtpTimestamp): number {
  const difference = BigInt.asIntN(64, to - from)
  return (Number(difference) / 2 ** 32) * 1000
}

/** NTP short format (RFC 5905 §6): 16 bits of seconds and 16 of their fraction. */
function shortMs(value: number): number {
  return (value / 65_536) * 1000
}

/** Up to four printable characters, others as `\xNN`; zeros at the end fill the field up. */
function asciiOf(octets: Uint8Array): string {
  const end = octets.findLastIndex((octet) => octet !== 0) + 1
  return printableOctets(octets.subarray(0, end))
}

function addressOf(view: DataView): string {
  return formatAddress({ family: 4, value: BigInt(view.getUint32(at.referenceId)) })
}
