import type { Carried, Direction, Draft, IpHeader, Seen } from './ipHeader.ts'
import { ipv4Of, ipv6Of } from './ipHeader.ts'

/**
 * Reads what a captured packet says of itself: from the link type down to TCP (RFC 9293), UDP (RFC 768) and the errors
 * of ICMP (RFC 792, RFC 4443). Checksums are not looked at: those of packets that leave are filled in by the adapter,
 * after they were captured.
 */

/** What a packet is, as far as it was kept and makes sense. */
export type Packet =
  | TcpSegment
  | UdpDatagram
  | IcmpError
  | IcmpMessage
  | OtherIp
  /** No IP: another protocol of the link, or a link type that is not known here. */
  | { readonly kind: 'not-ip'; readonly what: string }
  /** Cut too short by the capture, or no packet at all. */
  | { readonly kind: 'unreadable'; readonly why: string }

/** The first or only part of a segment: behind it, its octets may be missing. */
export interface TcpSegment extends IpHeader {
  readonly kind: 'tcp'
  readonly sourcePort: number
  readonly destinationPort: number
  readonly sequence: number
  /** Of no meaning unless `ack`. */
  readonly acknowledgement: number
  readonly syn: boolean
  readonly ack: boolean
  readonly rst: boolean
  readonly fin: boolean
  readonly push: boolean
  /** As it stands there: not scaled. */
  readonly window: number
  /** Octets of options; what answers in the place of a host most often sends none. */
  readonly optionOctets: number
  /** The largest segment that the sender takes (RFC 9293 §3.7.1). */
  readonly maximumSegment?: number
  /** Where the payload begins in the captured octets, and how long it was on the wire: less of it may be kept. */
  readonly payloadAt: number
  readonly payloadOctets: number
}

export interface UdpDatagram extends IpHeader {
  readonly kind: 'udp'
  readonly sourcePort: number
  readonly destinationPort: number
  readonly payloadAt: number
  readonly payloadOctets: number
}

/** A message about another packet: `source` is who sent it, which need not be who that packet was for. */
export interface IcmpError extends IpHeader {
  readonly kind: 'icmp-error'
  /** 4: types and codes of RFC 792; 6: of RFC 4443. */
  readonly family: 4 | 6
  readonly type: number
  readonly code: number
  /** Of a packet that was too big: what the next link takes (RFC 1191 §4, RFC 4443 §3.2). */
  readonly mtu?: number
  /** What it says of the packet that it is about; absent where too little of that is there. */
  readonly about?: QuotedPacket
}

/** The beginning of a packet inside of an ICMP message: a router need not quote more than the ports. */
export interface QuotedPacket {
  readonly source: string
  readonly destination: string
  /** 6 is TCP, 17 is UDP. */
  readonly protocol: number
  /** What was left of it where the message was written. */
  readonly ttl: number
  readonly identification?: number
  /** Of TCP and UDP, where they are there. */
  readonly sourcePort?: number
  readonly destinationPort?: number
  /** Of TCP. */
  readonly sequence?: number
}

/** An ICMP message that is no error: echo, neighbour discovery. */
export interface IcmpMessage extends IpHeader {
  readonly kind: 'icmp'
  readonly family: 4 | 6
  readonly type: number
  readonly code: number
}

/** Another protocol, or a later part of a packet whose first part has the ports. */
export interface OtherIp extends IpHeader {
  readonly kind: 'other'
  readonly protocol: number
}

/** Link types (draft-ietf-opsawg-pcaplinktype §4), and what some systems write in the place of `raw`. */
const linkTypes = {
  null: 0,
  ethernet: 1,
  rawOfBsd: 12,
  rawOfOpenBsd: 14,
  raw: 101,
  loop: 108,
  linuxCooked: 113,
  ipv4: 228,
  ipv6: 229,
  linuxCooked2: 276,
} as const

const etherType = { ipv4: 0x0800, ipv6: 0x86dd } as const
/** Tags that stand before the type (IEEE 802.1Q, 802.1ad, and what was used before it). */
const vlanTags: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100])

const protocols = { icmp: 1, tcp: 6, udp: 17, icmp6: 58 } as const
const tcpFlag = { fin: 1, syn: 2, rst: 4, push: 8, ack: 16 } as const
const tcpHeadOctets = 20
const udpHeadOctets = 8
/** Types of RFC 792 that carry the packet which they are about; of RFC 4443 those below 128. */
const icmpErrors: ReadonlySet<number> = new Set([3, 4, 5, 11, 12])
const needsFragmentation = { type: 3, code: 4 } as const
const packetTooBig = 2

/**
 * Reads one captured packet. Any octets give a value.
 *
 * @param linkType of the interface that it was captured on
 */
export function readPacket(linkType: number, octets: Uint8Array): Packet {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength)
  switch (linkType) {
    case linkTypes.ethernet:
      return octets.length < 14 ? short('an Ethernet header', octets) : readByType(view, 14, view.getUint16(12))
    case linkTypes.linuxCooked:
      if (octets.length < 16) return short('a header of Linux', octets)
      return readByType(view, 16, view.getUint16(14), { direction: directionOf(view.getUint16(0)) })
    case linkTypes.linuxCooked2:
      if (octets.length < 20) return short('a header of Linux', octets)
      return readByType(view, 20, view.getUint16(0), {
        direction: directionOf(view.getUint8(10)),
        interfaceIndex: view.getUint32(4),
      })
    // The family of the address is as the capturing system numbers it, in its own order: the packet itself says more.
    case linkTypes.null:
    case linkTypes.loop:
      return readByVersion(view, 4)
    case linkTypes.raw:
    case linkTypes.rawOfBsd:
    case linkTypes.rawOfOpenBsd:
      return readByVersion(view, 0)
    case linkTypes.ipv4:
      return readIpv4(view, 0)
    case linkTypes.ipv6:
      return readIpv6(view, 0)
    default:
      return { kind: 'not-ip', what: `link type ${linkType}` }
  }
}

/** Packet types of a cooked header: to us, to all, to many, to others, from us. */
function directionOf(packetType: number): Direction {
  return packetType === 4 ? 'out' : packetType <= 2 ? 'in' : 'other'
}

function short(of: string, { length }: { readonly length: number }): Packet {
  return { kind: 'unreadable', why: `${length} octets are too few for ${of}` }
}

function readByType(view: DataView, from: number, first: number, seen?: Seen): Packet {
  let at = from
  let type = first
  while (vlanTags.has(type)) {
    if (view.byteLength < at + 4) return { kind: 'unreadable', why: 'cut within a VLAN tag' }
    type = view.getUint16(at + 2)
    at += 4
  }
  if (type === etherType.ipv4) return readIpv4(view, at, seen)
  if (type === etherType.ipv6) return readIpv6(view, at, seen)
  return { kind: 'not-ip', what: `type 0x${type.toString(16).padStart(4, '0')}` }
}

function readByVersion(view: DataView, at: number): Packet {
  if (view.byteLength <= at) return { kind: 'unreadable', why: 'cut before the IP header' }
  const version = view.getUint8(at) >> 4
  if (version === 4) return readIpv4(view, at)
  if (version === 6) return readIpv6(view, at)
  return { kind: 'not-ip', what: `version ${version}` }
}

function readIpv4(view: DataView, from: number, seen?: Seen): Packet {
  const carried = ipv4Of(view, from, seen)
  return typeof carried === 'string' ? { kind: 'unreadable', why: carried } : readCarried(view, carried, 4)
}

function readIpv6(view: DataView, from: number, seen?: Seen): Packet {
  const carried = ipv6Of(view, from, seen)
  return typeof carried === 'string' ? { kind: 'unreadable', why: carried } : readCarried(view, carried, 6)
}

function readCarried(view: DataView, { header, protocol, at, end }: Carried, family: 4 | 6): Packet {
  if (header.fragment !== undefined && header.fragment.offset > 0) return { ...header, kind: 'other', protocol }
  const there = Math.min(view.byteLength, end) - at
  switch (protocol) {
    case protocols.tcp: {
      if (there < tcpHeadOctets) return { kind: 'unreadable', why: 'cut within the TCP header' }
      const headOctets = (view.getUint8(at + 12) >> 4) * 4
      if (headOctets < tcpHeadOctets || headOctets > end - at) {
        return { kind: 'unreadable', why: `a TCP header of ${headOctets} octets` }
      }
      return tcpSegment(view, header, at, headOctets, end)
    }
    case protocols.udp:
      if (there < udpHeadOctets) return { kind: 'unreadable', why: 'cut within the UDP header' }
      return {
        ...header,
        kind: 'udp',
        sourcePort: view.getUint16(at),
        destinationPort: view.getUint16(at + 2),
        payloadAt: at + udpHeadOctets,
        payloadOctets: end - at - udpHeadOctets,
      }
    case family === 4 ? protocols.icmp : protocols.icmp6: {
      if (there < 8) return { kind: 'unreadable', why: 'cut within the ICMP header' }
      const type = view.getUint8(at)
      const code = view.getUint8(at + 1)
      const isError = family === 4 ? icmpErrors.has(type) : type < 128
      if (!isError) return { ...header, kind: 'icmp', family, type, code }
      const mtu = mtuOf(view, at, family, type, code)
      const about = quoted(view, at + 8, family)
      return {
        ...header,
        kind: 'icmp-error',
        family,
        type,
        code,
        ...(mtu !== undefined && { mtu }),
        ...(about !== undefined && { about }),
      }
    }
    default:
      return { ...header, kind: 'other', protocol }
  }
}

function tcpSegment(view: DataView, header: IpHeader, at: number, headOctets: number, end: number): TcpSegment {
  const flags = view.getUint8(at + 13)
  const syn = (flags & tcpFlag.syn) !== 0
  const maximumSegment = syn ? maximumSegmentOf(view, at + tcpHeadOctets, at + headOctets) : undefined
  const segment: Draft<TcpSegment> = {
    ...header,
    kind: 'tcp',
    sourcePort: view.getUint16(at),
    destinationPort: view.getUint16(at + 2),
    sequence: view.getUint32(at + 4),
    acknowledgement: view.getUint32(at + 8),
    syn,
    ack: (flags & tcpFlag.ack) !== 0,
    rst: (flags & tcpFlag.rst) !== 0,
    fin: (flags & tcpFlag.fin) !== 0,
    push: (flags & tcpFlag.push) !== 0,
    window: view.getUint16(at + 14),
    optionOctets: headOctets - tcpHeadOctets,
    payloadAt: at + headOctets,
    payloadOctets: end - at - headOctets,
  }
  if (maximumSegment !== undefined) segment.maximumSegment = maximumSegment
  return segment
}

/** Option 2 of a SYN; options that were cut off, or make no sense, have none. */
function maximumSegmentOf(view: DataView, from: number, to: number): number | undefined {
  const end = Math.min(to, view.byteLength)
  for (let at = from; at < end; ) {
    const kind = view.getUint8(at)
    if (kind === 0) return undefined
    if (kind === 1) {
      at += 1
      continue
    }
    const octets = at + 1 < end ? view.getUint8(at + 1) : 0
    if (octets < 2) return undefined
    if (kind === 2 && octets === 4 && at + 4 <= end) return view.getUint16(at + 2)
    at += octets
  }
  return undefined
}

function mtuOf(view: DataView, at: number, family: 4 | 6, type: number, code: number): number | undefined {
  if (family === 6) return type === packetTooBig ? view.getUint32(at + 4) : undefined
  const isAbout = type === needsFragmentation.type && code === needsFragmentation.code
  // Routers from before RFC 1191 leave it at 0.
  return isAbout ? view.getUint16(at + 6) || undefined : undefined
}

function quoted(view: DataView, from: number, family: 4 | 6): QuotedPacket | undefined {
  const carried = family === 4 ? ipv4Of(view, from) : ipv6Of(view, from)
  if (typeof carried === 'string') return undefined
  const { header, protocol, at } = carried
  const isFirst = header.fragment === undefined || header.fragment.offset === 0
  const hasPorts = isFirst && (protocol === protocols.tcp || protocol === protocols.udp) && view.byteLength >= at + 4
  const hasSequence = hasPorts && protocol === protocols.tcp && view.byteLength >= at + 8
  return {
    source: header.source,
    destination: header.destination,
    protocol,
    ttl: header.ttl,
    ...(header.identification !== undefined && { identification: header.identification }),
    ...(hasPorts && { sourcePort: view.getUint16(at), destinationPort: view.getUint16(at + 2) }),
    ...(hasSequence && { sequence: view.getUint32(at + 4) }),
  }
}
