import type { IcmpError, Packet, TcpSegment } from './packet.ts'
import type { PacketTime } from './pcap.ts'

/** One attempt to connect over TCP, as the side that made it knows it. */
export interface Attempt {
  /** Canonical text. */
  readonly address: string
  readonly port: number
  /** Where it is not known, the attempt is found by its time, if it was the only one to that place then. */
  readonly localPort?: number
  /** When it began and ended, milliseconds since 1970. */
  readonly sinceMs: number
  readonly untilMs: number
}

/** A segment that came from the other end, or from whoever spoke in its name. */
export interface AnswerSeen {
  /** Since the last SYN that was sent before it, in milliseconds. */
  readonly afterMs: number
  /** What was left of the time to live: a device on the way that answers by itself is nearer than the host. */
  readonly ttl: number
  readonly identification?: number
  readonly window: number
  readonly optionOctets: number
  /** Of a SYN-ACK. */
  readonly maximumSegment?: number
  /** Where it came in, by the system's number. */
  readonly interfaceIndex?: number
}

/** An ICMP error about a segment of the attempt. */
export interface IcmpSeen {
  /** The device that says so. */
  readonly from: string
  readonly family: 4 | 6
  readonly type: number
  readonly code: number
  readonly mtu?: number
  readonly ttl: number
  readonly afterMs: number
}

/** What packets show of one attempt: facts, no judgement. */
export interface AttemptEvidence {
  readonly localAddress: string
  readonly localPort: number
  /** Each beyond the first was sent because nothing had come. */
  readonly synsSent: number
  readonly synAcksSeen: number
  readonly synAck?: AnswerSeen
  /** The first RST that came; `before` is how far the connection was by then. */
  readonly rst?: AnswerSeen & { readonly before: 'syn-ack' | 'payload' | 'end' }
  /** This machine refused what came, such as a SYN-ACK of a connection that it had given up or never made. */
  readonly ownRst?: { readonly afterMs: number }
  /** The first few, in the order in which they came. */
  readonly icmp: readonly IcmpSeen[]
  /** Segments with payload that were sent more than once, and octets of payload each way, repeated ones left out. */
  readonly resent: number
  readonly octetsOut: number
  readonly octetsIn: number
}

interface Seen {
  readonly time: PacketTime | undefined
  readonly packet: Packet
}

/** A packet with its time. */
interface Timed<P> {
  readonly ms: number
  readonly packet: P
}

const mostIcmp = 8
/** By how much the two clocks, of packets and of the attempt, may be apart: they are one, read in different places. */
const leewayMs = 20
const tcp = 6

/**
 * Finds the packets of an attempt among those that were captured, and tells what they show. A packet that was seen on
 * several interfaces (a bridge, a bond, a VLAN) counts once.
 *
 * @returns undefined where no SYN of it was seen, or where it cannot be told from another attempt
 */
export function attemptEvidence(seen: Iterable<Seen>, attempt: Attempt): AttemptEvidence | undefined {
  const segments: Timed<TcpSegment>[] = []
  const errors: Timed<IcmpError>[] = []
  for (const { time, packet } of seen) {
    if (time === undefined) continue
    const ms = time.sec * 1000 + time.nanos / 1e6
    if (ms < attempt.sinceMs - leewayMs || ms > attempt.untilMs + leewayMs) continue
    if (packet.kind === 'tcp' && isWith(packet, attempt)) segments.push({ ms, packet })
    if (packet.kind === 'icmp-error') errors.push({ ms, packet })
  }
  const own = ownEnd(segments, attempt)
  return own === undefined ? undefined : evidenceOf(segments, errors, attempt, own)
}

function isWith({ source, sourcePort, destination, destinationPort }: TcpSegment, { address, port }: Attempt): boolean {
  return (source === address && sourcePort === port) || (destination === address && destinationPort === port)
}

interface End {
  readonly address: string
  readonly port: number
}

const isFrom = ({ address, port }: End, { source, sourcePort }: TcpSegment): boolean =>
  source === address && sourcePort === port

const isOpening = ({ syn, ack }: TcpSegment): boolean => syn && !ack

/** The end of the attempt on this machine: the one that its SYN came from. */
function ownEnd(segments: readonly Timed<TcpSegment>[], attempt: Attempt): End | undefined {
  const ends = new Map<string, End>()
  for (const { packet } of segments) {
    if (!isOpening(packet) || packet.destination !== attempt.address || packet.destinationPort !== attempt.port)
      continue
    if (attempt.localPort !== undefined && packet.sourcePort !== attempt.localPort) continue
    ends.set(`${packet.source} ${packet.sourcePort}`, { address: packet.source, port: packet.sourcePort })
  }
  return ends.size === 1 ? [...ends.values()][0] : undefined
}

function evidenceOf(
  segments: readonly Timed<TcpSegment>[],
  errors: readonly Timed<IcmpError>[],
  attempt: Attempt,
  own: End,
): AttemptEvidence {
  const firstSeenOn = new Map<string, number | undefined>()
  let synMs: number | undefined
  // Clocks are set back, and of what came at once on two interfaces the answer may be read first: no time is below 0.
  const sinceSyn = (ms: number): number => rounded(Math.max(0, ms - (synMs ?? ms)))
  let [synsSent, synAcksSeen, resent, octetsOut, octetsIn] = [0, 0, 0, 0, 0]
  let synAck: AnswerSeen | undefined
  let rst: AttemptEvidence['rst']
  let ownRst: AttemptEvidence['ownRst']
  let isEnding = false
  for (const { ms, packet } of segments) {
    const isOut = isFrom(own, packet)
    if (!isOut && (packet.destination !== own.address || packet.destinationPort !== own.port)) continue
    const key = keyOf(packet, isOut)
    const isAgain = firstSeenOn.has(key)
    if (isAgain && firstSeenOn.get(key) !== packet.interfaceIndex) continue
    firstSeenOn.set(key, packet.interfaceIndex)
    if (isOpening(packet) && isOut) {
      synsSent += 1
      synMs = ms
    } else if (packet.syn && !isOut) {
      synAcksSeen += 1
      synAck ??= answerOf(packet, sinceSyn(ms))
    } else if (packet.rst && isOut) {
      ownRst ??= { afterMs: sinceSyn(ms) }
    } else if (packet.rst) {
      const before = synAck === undefined ? 'syn-ack' : octetsIn === 0 && !isEnding ? 'payload' : 'end'
      rst ??= { ...answerOf(packet, sinceSyn(ms)), before }
    } else if (isAgain && packet.payloadOctets > 0) {
      if (isOut) resent += 1
    } else if (isOut) octetsOut += packet.payloadOctets
    else octetsIn += packet.payloadOctets
    isEnding ||= packet.fin
  }
  const icmp = errors.filter(({ packet }) => isAbout(packet, attempt, own)).slice(0, mostIcmp)
  return {
    localAddress: own.address,
    localPort: own.port,
    synsSent,
    synAcksSeen,
    ...(synAck !== undefined && { synAck }),
    ...(rst !== undefined && { rst }),
    ...(ownRst !== undefined && { ownRst }),
    icmp: icmp.map(({ ms, packet }) => {
      const before = segments.findLast((each) => each.ms <= ms && isOpening(each.packet) && isFrom(own, each.packet))
      return {
        from: packet.source,
        family: packet.family,
        type: packet.type,
        code: packet.code,
        ...(packet.mtu !== undefined && { mtu: packet.mtu }),
        ttl: packet.ttl,
        afterMs: rounded(before === undefined ? 0 : ms - before.ms),
      }
    }),
    resent,
    octetsOut,
    octetsIn,
  }
}

/** The same for a segment that is seen again, whether it was sent again or passed another interface. */
function keyOf({ sequence, acknowledgement, payloadOctets, syn, ack, rst, fin }: TcpSegment, isOut: boolean): string {
  // Sent again it may acknowledge more.
  const acknowledged = payloadOctets > 0 ? '' : acknowledgement
  return [isOut, sequence, acknowledged, payloadOctets, syn, ack, rst, fin].join(' ')
}

function answerOf(segment: TcpSegment, afterMs: number): AnswerSeen {
  const { ttl, identification, window, optionOctets, maximumSegment, interfaceIndex } = segment
  return {
    afterMs,
    ttl,
    ...(identification !== undefined && { identification }),
    window,
    optionOctets,
    ...(maximumSegment !== undefined && { maximumSegment }),
    ...(interfaceIndex !== undefined && { interfaceIndex }),
  }
}

function isAbout({ about }: IcmpError, attempt: Attempt, own: End): boolean {
  return (
    about !== undefined &&
    about.protocol === tcp &&
    about.source === own.address &&
    about.sourcePort === own.port &&
    about.destination === attempt.address &&
    about.destinationPort === attempt.port
  )
}

/** To a thousandth of a millisecond, which is what clocks of packets have. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
