import type { Confidence } from '../model/cause.ts'
import { rankSumGreater } from './exactTests.ts'
import { median, quantileOf } from './median.ts'
import type { TimeLine } from './timeLine.ts'
import type { Arrival } from './trend.ts'
import { daysUntil, trendOf } from './trend.ts'

/** From that share of a limit on, a burst may meet it. */
const nearLimit = 0.8
/** What counts is the busiest hour of a week, not the mean of days and nights. */
const busiest = 0.99
/** Handshakes of busy times take half as long again, and 5 ms more, before it is load that slows them. */
const [timesSlower, leastSlower] = [1.5, 5]
const mostP = 1e-4
const fewestPairs = 40
/** A limit that is met later than that is nothing to plan for yet. */
const mostDays = 30

/** Something is nearly full. */
export interface Saturation {
  readonly confidence: Extract<Confidence, 'likely' | 'possible'>
  /** Connections in busy times (99 of 100 times there are fewer), and the limit where one is known. */
  readonly connections: number
  readonly limit?: number
  /** When the limit is met, where the count rises towards it. */
  readonly arrival?: Arrival
  /** Medians of handshakes in the quieter half of times and in the busiest quarter, milliseconds; where they differ. */
  readonly slower?: { readonly quiet: number; readonly busy: number }
}

/**
 * Whether a target, a gate or a table of connections fills up: the count is near its limit or will be within 30 days, or
 * handshakes take longer the more connections there are. Both together are likely; one alone is possible, and that
 * handshakes slow down counts without a limit only where the counts at all differ.
 *
 * @param handshakes milliseconds; each is held against the count that was taken last before it
 * @param limit how many there can be, where that is known
 */
export function saturationOf(connections: TimeLine, handshakes: TimeLine, limit?: number): Saturation | undefined {
  if (connections.values.length === 0) return undefined
  const busy = quantileOf(connections.values, busiest)
  const slower = slowerWhenBusy(connections, handshakes)
  const known = limit !== undefined && limit > 0 && Number.isFinite(limit) ? limit : undefined
  const trend = known === undefined ? undefined : trendOf(connections)
  const arrival = trend && known !== undefined ? daysUntil(trend, known) : undefined
  const isNear = known !== undefined && busy >= nearLimit * known
  const comes = arrival !== undefined && arrival.days <= mostDays
  if (!isNear && !comes && slower === undefined) return undefined
  return {
    confidence: (isNear || comes) && slower !== undefined ? 'likely' : 'possible',
    connections: busy,
    ...(known !== undefined && { limit: known }),
    ...(comes && arrival !== undefined && { arrival }),
    ...(slower !== undefined && { slower }),
  }
}

function slowerWhenBusy(connections: TimeLine, handshakes: TimeLine): Saturation['slower'] {
  const pairs: { readonly count: number; readonly ms: number }[] = []
  let next = 0
  for (let at = 0; at < handshakes.times.length; at += 1) {
    while (next < connections.times.length && (connections.times[next] as number) <= (handshakes.times[at] as number))
      next += 1
    if (next > 0) pairs.push({ count: connections.values[next - 1] as number, ms: handshakes.values[at] as number })
  }
  if (pairs.length < fewestPairs) return undefined
  const counts = pairs.map(({ count }) => count)
  const [half, most] = [quantileOf(counts, 0.5), quantileOf(counts, 0.75)]
  if (!(most > half)) return undefined
  const quiet = pairs.filter(({ count }) => count <= half).map(({ ms }) => ms)
  const busy = pairs.filter(({ count }) => count >= most).map(({ ms }) => ms)
  const [usual, slow] = [median(quiet), median(busy)]
  if (slow < timesSlower * usual || slow < usual + leastSlower || rankSumGreater(busy, quiet) > mostP) return undefined
  return { quiet: usual, busy: slow }
}
