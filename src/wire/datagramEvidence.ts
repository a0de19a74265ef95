import type { IcmpError, Packet } from './packet.ts'
import type { PacketTime } from './pcap.ts'

/** Datagrams to one place within a time, whoever sent them. */
export interface DatagramAttempt {
  /** Canonical text. */
  readonly address: string
  readonly port: number
  /** When the first was sent and the answer no longer waited for, milliseconds since 1970. */
  readonly sinceMs: number
  readonly untilMs: number
}

export interface DatagramEvidence {
  readonly sent: number
  /** The first few errors about them, in the order in which they came. */
  readonly errors: readonly IcmpError[]
}

const udp = 17
const mostErrors = 8
/** By how much the two clocks, of packets and of the attempt, may be apart. */
const leewayMs = 20

/**
 * Finds the datagrams to a place among captured packets, and the ICMP errors about them.
 *
 * @returns undefined where none was seen to leave
 */
export function datagramEvidence(
  seen: Iterable<{ readonly time: PacketTime | undefined; readonly packet: Packet }>,
  { address, port, sinceMs, untilMs }: DatagramAttempt,
): DatagramEvidence | undefined {
  // What is captured on several interfaces comes several times; its fields tell it from the next one.
  const sent = new Set<string>()
  const errors: IcmpError[] = []
  for (const { time, packet } of seen) {
    const ms = time === undefined ? Number.NaN : time.sec * 1000 + time.nanos / 1e6
    if (!(ms >= sinceMs - leewayMs && ms <= untilMs + leewayMs)) continue
    if (packet.kind === 'udp' && packet.destination === address && packet.destinationPort === port) {
      sent.add(
        [packet.source, packet.sourcePort, packet.identification ?? Math.round(ms), packet.payloadOctets].join(' '),
      )
    }
    if (packet.kind !== 'icmp-error' || errors.length === mostErrors) continue
    const { about } = packet
    if (about?.protocol === udp && about.destination === address && about.destinationPort === port) errors.push(packet)
  }
  return sent.size === 0 ? undefined : { sent: sent.size, errors }
}
