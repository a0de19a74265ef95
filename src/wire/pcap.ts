import { createOctetQueue } from './octetQueue.ts'
import { printableOctets } from './printable-octets.ts'

/**
 * Reads captured packets from the two formats of files and pipes: pcap (draft-ietf-opsawg-pcap) in both orders of octets,
 * with micro- and nanoseconds, and pcapng (draft-ietf-opsawg-pcapng) with its sections and interfaces.
 */

/** A moment: whole seconds since 1970, and billionths of a second, 0 to 999999999. */
export interface PacketTime {
  readonly sec: number
  readonly nanos: number
}

/** One packet, as it lies in the capture. */
export interface CapturedPacket {
  /** Counted from 1 through all sections, as Wireshark does. */
  readonly number: number
  /** What the octets begin with, by the registry of link types (draft-ietf-opsawg-pcaplinktype). */
  readonly linkType: number
  /** The interface within its section, counted from 0; pcap knows only one. */
  readonly interfaceId: number
  /** Absent in a Simple Packet Block, which has none. */
  readonly time: PacketTime | undefined
  /** What was kept of the packet: a view of the octets that were given to the reader. */
  readonly octets: Uint8Array
  /** How long it was on the wire; more than was kept where the capture cut it. */
  readonly wireLength: number
}

/** How a capture ends, with what was read of it so far. `at` is the place, in octets, of the record that it ends in. */
export type CaptureEnd =
  | { readonly kind: 'whole' }
  /** Nothing came, or it stops within a record: a capture that was broken off, or that is still being written. */
  | { readonly kind: 'cut'; readonly at: number }
  /** What stands there cannot be, so that nothing behind it can be found either. */
  | { readonly kind: 'corrupt'; readonly at: number; readonly why: string }

/** Reads a capture that comes in parts. */
export interface CaptureReader {
  /** Adds a part; it must not be written to any more, for packets are views of it. */
  push(octets: Uint8Array): void
  /** @returns the next packet that is whole; undefined where more octets are needed, or none is to come */
  next(): CapturedPacket | undefined
  /** Known as soon as the head of the capture was read. */
  readonly format: 'pcap' | 'pcapng' | undefined
  /** What it would be if it ended here; ask when `next` had no more. */
  readonly end: CaptureEnd
}

/** The most that any capture tool keeps of a packet (MAXIMUM_SNAPLEN of libpcap). */
const longestPacket = 262_144
/** More than a block of packets has with all its options; Wireshark draws the same line. */
const longestBlock = 16_777_216
/** More interfaces than any machine has: each is remembered. */
const mostInterfaces = 10_000

const magic = { micros: 0xa1b2c3d4, nanos: 0xa1b23c4d, section: 0x0a0d0d0a, order: 0x1a2b3c4d } as const
const pcapHead = { version: 4, network: 20, length: 24 } as const
const record = { sec: 0, fraction: 4, kept: 8, wireLength: 12, length: 16 } as const
/** The bits of `network` that are the link type; those above tell of the frame check sequence. */
const linkTypeBits = 0xffff

const block = { section: magic.section, interface: 1, packet: 2, simplePacket: 3, enhancedPacket: 6 } as const
/** Type, and total length before and behind the body. */
const blockFrame = 12
const option = { end: 0, resolution: 9, offset: 14 } as const

/** How the timestamps of an interface count. */
interface Ticks {
  readonly perSecond: number
  /** A second in ticks, where that is beyond what a double holds. */
  readonly many?: bigint
  readonly offsetSec: number
}

interface Interface extends Ticks {
  readonly linkType: number
  /** 0: no limit. */
  readonly snapLength: number
}

const microseconds: Ticks = { perSecond: 1_000_000, offsetSec: 0 }

/** A reader at the beginning of a capture. Whatever octets it is given, it does not throw. */
export function createCaptureReader(): CaptureReader {
  const queue = createOctetQueue()
  let format: CaptureReader['format']
  let little = false
  let count = 0
  let corrupt: CaptureEnd | undefined
  // Of pcap.
  let linkType = 0
  let nanosPerFraction = 1000
  // Of the current section of pcapng.
  let interfaces: Interface[] = []
  /** Of a block that is passed over: octets of its body that are still to come, its length, and where it begins. */
  let passing: { left: number; readonly length: number; readonly at: number } | undefined

  const fail = (why: string, at = queue.taken): 'stop' => {
    corrupt = { kind: 'corrupt', at, why }
    return 'stop'
  }

  /** Reads one record. `again`: it was none that gives a packet. */
  const step = (): CapturedPacket | 'again' | 'stop' => {
    if (format === undefined) return begin()
    return format === 'pcap' ? readRecord() : passing === undefined ? readBlock() : pass(passing)
  }

  const begin = (): 'again' | 'stop' => {
    if (!queue.has(4)) return 'stop'
    const first = queue.uint32(0, false)
    if (first === magic.section) {
      format = 'pcapng'
      return 'again'
    }
    const turned = queue.uint32(0, true)
    little = turned === magic.micros || turned === magic.nanos
    const found = little ? turned : first
    if (found !== magic.micros && found !== magic.nanos) {
      return fail(`neither pcap nor pcapng begins with ${printableOctets(queue.view(0, 4))}`)
    }
    if (!queue.has(pcapHead.length)) return 'stop'
    const version = queue.uint16(pcapHead.version, little)
    if (version !== 2) return fail(`version ${version} of pcap; 2 is known`)
    nanosPerFraction = found === magic.nanos ? 1 : 1000
    linkType = queue.uint32(pcapHead.network, little) & linkTypeBits
    queue.take(pcapHead.length)
    format = 'pcap'
    return 'again'
  }

  const readRecord = (): CapturedPacket | 'stop' => {
    if (!queue.has(record.length)) return 'stop'
    const kept = queue.uint32(record.kept, little)
    if (kept > longestPacket) return fail(`a packet of ${kept} octets; the most that tools keep is ${longestPacket}`)
    if (!queue.has(record.length + kept)) return 'stop'
    const nanos = queue.uint32(record.fraction, little) * nanosPerFraction
    const time = { sec: queue.uint32(record.sec, little) + Math.floor(nanos / 1e9), nanos: nanos % 1e9 }
    return give(linkType, 0, time, record.length, kept, queue.uint32(record.wireLength, little), record.length + kept)
  }

  /** Hands a packet out, and goes on behind its record. */
  const give = (
    linkType: number,
    interfaceId: number,
    time: PacketTime | undefined,
    from: number,
    kept: number,
    wireLength: number,
    length: number,
  ): CapturedPacket => {
    count += 1
    const packet = { number: count, linkType, interfaceId, time, octets: queue.view(from, from + kept), wireLength }
    queue.take(length)
    return packet
  }

  const readBlock = (): CapturedPacket | 'again' | 'stop' => {
    if (!queue.has(blockFrame)) return 'stop'
    const isSection = queue.uint32(0, little) === block.section
    if (isSection) {
      little = queue.uint32(8, true) === magic.order
      if (!little && queue.uint32(8, false) !== magic.order) return fail('a section without its byte-order magic')
    }
    const type = queue.uint32(0, little)
    const length = queue.uint32(4, little)
    if (length < blockFrame || length % 4 !== 0) return fail(`a block of ${length} octets`)
    if (length > longestBlock) return fail(`a block of ${length} octets; taken are up to ${longestBlock}`)
    const least = leastLength(type)
    if (least === undefined) {
      passing = { left: length - blockFrame, length, at: queue.taken }
      queue.take(8)
      return 'again'
    }
    if (length < least) return fail(`a block of type ${type} with ${length} octets; it has ${least} at least`)
    if (!queue.has(length)) return 'stop'
    const behind = queue.uint32(length - 4, little)
    if (behind !== length) return fail(`a block of ${length} octets that says ${behind} at its end`)
    switch (type) {
      case block.section: {
        const version = queue.uint16(12, little)
        if (version !== 1) return fail(`version ${version} of pcapng; 1 is known`)
        interfaces = []
        break
      }
      case block.interface: {
        const read = readInterface(length)
        if (typeof read === 'string') return fail(read)
        interfaces.push(read)
        break
      }
      case block.simplePacket:
        return readSimplePacket(length)
      default:
        return readPacket(length, type === block.enhancedPacket ? queue.uint32(8, little) : queue.uint16(8, little))
    }
    queue.take(length)
    return 'again'
  }

  /** Goes through the body of a block that is of no interest here, in whatever parts it comes. */
  const pass = (over: NonNullable<typeof passing>): 'again' | 'stop' => {
    over.left -= queue.skip(over.left)
    if (over.left > 0 || !queue.has(4)) return 'stop'
    const behind = queue.uint32(0, little)
    if (behind !== over.length) {
      return fail(`a block of ${over.length} octets that says ${behind} at its end`, over.at)
    }
    queue.take(4)
    passing = undefined
    return 'again'
  }

  const readInterface = (length: number): Interface | string => {
    if (interfaces.length === mostInterfaces) return `more than ${mostInterfaces} interfaces`
    let ticks = microseconds
    const end = length - 4
    for (let at = 16; at + 4 <= end; ) {
      const code = queue.uint16(at, little)
      const size = queue.uint16(at + 2, little)
      if (code === option.end) break
      const value = at + 4
      if (value + size > end) return `an option of ${size} octets, longer than its block`
      if (code === option.resolution && size === 1)
        ticks = { ...ticksOf(queue.uint8(value)), offsetSec: ticks.offsetSec }
      if (code === option.offset && size === 8) ticks = { ...ticks, offsetSec: Number(queue.int64(value, little)) }
      at = value + size + (-size & 3)
    }
    return { linkType: queue.uint16(8, little), snapLength: queue.uint32(12, little), ...ticks }
  }

  /** An Enhanced Packet Block, or the Packet Block before it, whose number of the interface is shorter. */
  const readPacket = (length: number, interfaceId: number): CapturedPacket | 'stop' => {
    const via = interfaces[interfaceId]
    if (via === undefined) return fail(`a packet of interface ${interfaceId}, and ${interfaces.length} are known`)
    const kept = queue.uint32(20, little)
    if (kept > length - 32) return fail(`a packet of ${kept} octets in a block of ${length}`)
    const time = timeOf(queue.uint32(12, little), queue.uint32(16, little), via)
    return give(via.linkType, interfaceId, time, 28, kept, queue.uint32(24, little), length)
  }

  const readSimplePacket = (length: number): CapturedPacket | 'stop' => {
    const via = interfaces[0]
    if (via === undefined) return fail('a packet, and no interface is known')
    const wireLength = queue.uint32(8, little)
    const kept = via.snapLength === 0 ? wireLength : Math.min(wireLength, via.snapLength)
    if (kept > length - 16) return fail(`a packet of ${kept} octets in a block of ${length}`)
    return give(via.linkType, 0, undefined, 12, kept, wireLength, length)
  }

  return {
    push(octets) {
      if (corrupt === undefined) queue.push(octets)
    },
    next() {
      while (corrupt === undefined) {
        const read = step()
        if (read === 'stop') break
        if (read !== 'again') return read
      }
      return undefined
    },
    get format() {
      return format
    },
    get end(): CaptureEnd {
      if (corrupt !== undefined) return corrupt
      const isWhole = format !== undefined && queue.taken > 0 && queue.available === 0 && passing === undefined
      return isWhole ? { kind: 'whole' } : { kind: 'cut', at: passing?.at ?? queue.taken }
    },
  }
}

/** The octets that a block has at least; undefined for those that are passed over. */
function leastLength(type: number): number | undefined {
  switch (type) {
    case block.section:
      return 28
    case block.interface:
      return 20
    case block.simplePacket:
      return 16
    case block.packet:
    case block.enhancedPacket:
      return 32
    default:
      return undefined
  }
}

/** `if_tsresol`: a negative power of 10, or of 2 where the highest bit is set. */
function ticksOf(resolution: number): Pick<Ticks, 'perSecond' | 'many'> {
  const many = (resolution & 0x80) === 0 ? 10n ** BigInt(resolution) : 2n ** BigInt(resolution & 0x7f)
  const perSecond = Number(many)
  return perSecond <= 1e9 ? { perSecond } : { perSecond, many }
}

/** A moment out of 64 bits of ticks. Up to nanoseconds all steps stay within what a double holds exactly. */
function timeOf(high: number, low: number, { perSecond, many, offsetSec }: Ticks): PacketTime {
  if (many !== undefined) {
    const ticks = (BigInt(high) << 32n) | BigInt(low)
    return { sec: Number(ticks / many) + offsetSec, nanos: Number(((ticks % many) * 1_000_000_000n) / many) }
  }
  const upper = high >>> 16
  const lower = high & 0xffff
  const rest = upper * (2 ** 48 % perSecond) + lower * (2 ** 32 % perSecond) + low
  const sec = upper * Math.floor(2 ** 48 / perSecond) + lower * Math.floor(2 ** 32 / perSecond)
  const over = rest % perSecond
  // Multiplied and divided again, a whole number of nanoseconds might come out as a little less.
  const nanos = 1e9 % perSecond === 0 ? over * (1e9 / perSecond) : Math.floor((over * 1e9) / perSecond)
  return { sec: sec + Math.floor(rest / perSecond) + offsetSec, nanos }
}
