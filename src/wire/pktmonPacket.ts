import type { Packet } from './packet.ts'
import { readPacket } from './packet.ts'
import type { CapturedPacket } from './pcap.ts'

/** Link types (draft-ietf-opsawg-pcaplinktype §4). */
const ethernet = 1
const raw = 101

/** LLC and SNAP of what carries IP in a frame of 802.11 (RFC 1042), before its type. */
const snap = [0xaa, 0xaa, 0x03, 0x00, 0x00, 0x00] as const
/** Octets of the header of a data frame: plain, with quality of service, with a fourth address, with both. */
const frameHeads = [24, 26, 30, 32] as const
const etherType = { ipv4: 0x0800, ipv6: 0x86dd } as const
/** The bits of the first octet that tell the kind of a frame of 802.11, and that of data. */
const frameKind = { bits: 0x0c, data: 0x08 } as const

/**
 * Reads a packet of a file that Windows' Packet Monitor wrote. It has one interface for all of its components, of Ethernet,
 * and writes there what each of them has: a wireless card frames of 802.11, the stack above the cards bare IP.
 */
export function readPktmonPacket({ linkType, octets, wireLength }: CapturedPacket): Packet {
  const packet = readPacket(linkType, octets)
  if (linkType !== ethernet || (packet.kind !== 'not-ip' && packet.kind !== 'unreadable')) return packet
  if (isBareIp(octets, wireLength)) return readPacket(raw, octets)
  const at = inFrame(octets)
  return at === undefined ? packet : readPacket(raw, octets.subarray(at))
}

/** A header of IP that says just the length which the packet had. */
function isBareIp(octets: Uint8Array, wireLength: number): boolean {
  const [first = 0, , high3 = 0, low3 = 0, high5 = 0, low5 = 0] = octets
  if (first >> 4 === 4) return (first & 15) >= 5 && ((high3 << 8) | low3) === wireLength
  return first >> 4 === 6 && 40 + ((high5 << 8) | low5) === wireLength
}

/** Where IP begins in a data frame of 802.11. */
function inFrame(octets: Uint8Array): number | undefined {
  if (((octets[0] ?? 0) & frameKind.bits) !== frameKind.data) return undefined
  const head = frameHeads.find((at) => snap.every((octet, place) => octets[at + place] === octet))
  if (head === undefined) return undefined
  const type = ((octets[head + 6] ?? 0) << 8) | (octets[head + 7] ?? 0)
  return type === etherType.ipv4 || type === etherType.ipv6 ? head + 8 : undefined
}
