import { randomFillSync } from 'node:crypto'

/** Random octets that are fetched at once: to ask for ten at a time costs more than all else of an event. */
const poolOctets = 8192

/** Makes ids of version 7 (RFC 9562 §5.7): the time in front, so that they sort by it, and 74 random bits. */
export function eventIds(): (ms: number) => string {
  const pool = Buffer.alloc(poolOctets)
  let used = poolOctets
  return (ms) => {
    if (used + 10 > poolOctets) {
      randomFillSync(pool)
      used = 0
    }
    const at = Math.max(0, Math.trunc(ms)).toString(16).padStart(12, '0').slice(-12)
    pool[used + 2] = ((pool[used + 2] ?? 0) & 0x3f) | 0x80
    const random = pool.toString('hex', used, used + 10)
    used += 10
    return `${at.slice(0, 8)}-${at.slice(8)}-7${random.slice(1, 4)}-${random.slice(4, 8)}-${random.slice(8)}`
  }
}
