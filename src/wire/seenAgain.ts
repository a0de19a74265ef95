import type { Packet } from './packet.ts'
import type { PacketTime } from './pcap.ts'

/** What one packet takes from one component of a system to the next; it is sent again later than that. */
const withinMs = 10
/** Packets that are remembered. */
const most = 4096

/**
 * Tells of a packet whether it is one that was seen already, at another component of the same machine: the same headers
 * within some milliseconds. What is sent again comes later, and over IPv4 under another number.
 */
export function createSeenAgain(): (time: PacketTime | undefined, packet: Packet) => boolean {
  const seen = new Map<string, number>()
  return (time, packet) => {
    if (time === undefined || packet.kind === 'not-ip' || packet.kind === 'unreadable') return false
    const ms = time.sec * 1000 + time.nanos / 1e6
    // Where the payload begins depends on what stands before the header of IP.
    const key = JSON.stringify({ ...packet, payloadAt: 0 })
    const before = seen.get(key)
    if (before !== undefined && Math.abs(ms - before) <= withinMs) return true
    // Anew at the end: what was seen longest ago goes first.
    seen.delete(key)
    seen.set(key, ms)
    if (seen.size > most) {
      const [oldest] = seen.keys()
      if (oldest !== undefined) seen.delete(oldest)
    }
    return false
  }
}
