/** The headers of IP (RFC 791, RFC 8200): who sends to whom, and where what they carry lies. */

/** Which way the capturing machine saw it go, where the link type tells (Linux' `any`). */
export type Direction = 'in' | 'out' | 'other'

/** What each IP packet says (RFC 791, RFC 8200). Addresses are canonical text. */
export interface IpHeader {
  readonly source: string
  readonly destination: string
  /** Time to live, hop limit. */
  readonly ttl: number
  /** IPv4: 16 bits. IPv6 has one in fragments only, of 32 bits. */
  readonly identification?: number
  /** IPv4: routers may not break it up. */
  readonly dontFragment?: true
  /** It is one of several: `offset` is its place in octets. */
  readonly fragment?: { readonly offset: number; readonly more: boolean }
  /** Octets with the header, as the header says. */
  readonly length: number
  readonly direction?: Direction
  /** The interface by the number that the system gives it, where the link type tells. */
  readonly interfaceIndex?: number
}

/** Headers of IPv6 that say where the next one is (RFC 8200 §4; RFC 7045). */
const extension = {
  hopByHop: 0,
  routing: 43,
  fragment: 44,
  authentication: 51,
  destination: 60,
  mobility: 135,
} as const

/** What the link says of a packet besides. */
export type Seen = Pick<IpHeader, 'direction' | 'interfaceIndex'>

/** Written field by field: spreads cost more than all the rest of reading a packet. */
export type Draft<T> = { -readonly [Key in keyof T]: T[Key] }

function see(header: Draft<IpHeader>, { direction, interfaceIndex }: Seen): void {
  if (direction !== undefined) header.direction = direction
  if (interfaceIndex !== undefined) header.interfaceIndex = interfaceIndex
}

/** An IP header, and where what it carries lies: `at` to `end`, which may be beyond what was captured. */
export interface Carried {
  readonly header: IpHeader
  readonly protocol: number
  readonly at: number
  readonly end: number
}

/** @returns why it cannot be read, where it cannot */
export function ipv4Of(view: DataView, from: number, seen?: Seen): Carried | string {
  const there = view.byteLength - from
  if (there < 20) return 'cut within the IPv4 header'
  const first = view.getUint8(from)
  const headerOctets = (first & 15) * 4
  if (first >> 4 !== 4 || headerOctets < 20) return `an IPv4 header cannot begin with ${first}`
  if (there < headerOctets) return 'cut within the options of IPv4'
  // A packet that the adapter is to cut up may be longer than its field can say: 0 stands there.
  const length = view.getUint16(from + 2) || there
  if (length < headerOctets) return `an IPv4 packet of ${length} octets with a header of ${headerOctets}`
  const bits = view.getUint16(from + 6)
  const offset = (bits & 0x1fff) * 8
  const more = (bits & 0x2000) !== 0
  const header: Draft<IpHeader> = {
    source: ipv4Text(view, from + 12),
    destination: ipv4Text(view, from + 16),
    ttl: view.getUint8(from + 8),
    identification: view.getUint16(from + 4),
    length,
  }
  if ((bits & 0x4000) !== 0) header.dontFragment = true
  if (offset > 0 || more) header.fragment = { offset, more }
  if (seen !== undefined) see(header, seen)
  return { header, protocol: view.getUint8(from + 9), at: from + headerOctets, end: from + length }
}

/** @returns why it cannot be read, where it cannot */
export function ipv6Of(view: DataView, from: number, seen?: Seen): Carried | string {
  const there = view.byteLength - from
  if (there < 40) return 'cut within the IPv6 header'
  const first = view.getUint8(from)
  if (first >> 4 !== 6) return `an IPv6 header cannot begin with ${first}`
  // A jumbogram says 0 here and its length in an option (RFC 2675).
  const length = 40 + (view.getUint16(from + 4) || there - 40)
  let protocol = view.getUint8(from + 6)
  let at = from + 40
  let fragment: Carried['header']['fragment']
  let identification: number | undefined
  while (isExtension(protocol)) {
    if (view.byteLength < at + 8) return 'cut within the headers of IPv6'
    const units = view.getUint8(at + 1)
    const octets =
      protocol === extension.fragment ? 8 : protocol === extension.authentication ? (units + 2) * 4 : (units + 1) * 8
    if (protocol === extension.fragment) {
      const bits = view.getUint16(at + 2)
      fragment = { offset: bits & 0xfff8, more: (bits & 1) !== 0 }
      identification = view.getUint32(at + 4)
    }
    protocol = view.getUint8(at)
    at += octets
    // What follows is a piece of what the first part began with, and no header.
    if (fragment !== undefined && fragment.offset > 0) break
  }
  const header: Draft<IpHeader> = {
    source: ipv6Text(view, from + 8),
    destination: ipv6Text(view, from + 24),
    ttl: view.getUint8(from + 7),
    length,
  }
  if (identification !== undefined) header.identification = identification
  if (fragment !== undefined) header.fragment = fragment
  if (seen !== undefined) see(header, seen)
  return { header, protocol, at, end: from + length }
}

function isExtension(protocol: number): boolean {
  switch (protocol) {
    case extension.hopByHop:
    case extension.routing:
    case extension.fragment:
    case extension.authentication:
    case extension.destination:
    case extension.mobility:
      return true
    default:
      return false
  }
}

function ipv4Text(view: DataView, at: number): string {
  return `${view.getUint8(at)}.${view.getUint8(at + 1)}.${view.getUint8(at + 2)}.${view.getUint8(at + 3)}`
}

/** In the one text of RFC 5952 §4, mapped addresses as §5 recommends. */
function ipv6Text(view: DataView, at: number): string {
  let longest = 1
  let start = -1
  let run = 0
  for (let group = 0; group < 8; group += 1) {
    run = view.getUint16(at + 2 * group) === 0 ? run + 1 : 0
    if (run > longest) {
      longest = run
      start = group - run + 1
    }
  }
  if (start === 0 && longest === 5 && view.getUint16(at + 10) === 0xffff) return `::ffff:${ipv4Text(view, at + 12)}`
  let text = ''
  for (let group = 0; group < 8; group += 1) {
    if (group === start) {
      text += '::'
      group += longest - 1
      continue
    }
    const isFirst = group === 0 || group === start + longest
    text += (isFirst ? '' : ':') + view.getUint16(at + 2 * group).toString(16)
  }
  return text
}
