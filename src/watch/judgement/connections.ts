import { hostPort } from '../../model/hostPort.ts'
import type { Reading } from '../../model/series.ts'
import type { PeerCount } from '../../wire/socketTable.ts'

/**
 * Connections to the ends of flows, as readings. What is being closed counts: it holds its port. A place that has none, and
 * never had one, is none of ours, and has no reading.
 *
 * @param targets `target:10.1.0.5:636`
 * @param counted those that had connections before
 */
export function connectionReadings(
  counts: readonly PeerCount[],
  targets: ReadonlySet<string>,
  counted: ReadonlySet<string>,
  at: number,
): readonly Reading[] {
  const found = new Map<string, number>()
  for (const { peer, opening, established, closing } of counts) {
    const target = `target:${hostPort(peer.address, peer.port)}`
    if (targets.has(target)) found.set(target, opening + established + closing)
  }
  for (const target of counted) if (targets.has(target) && !found.has(target)) found.set(target, 0)
  return [...found].map(([subject, value]) => ({ subject, measure: 'connections-count', at, value }))
}
