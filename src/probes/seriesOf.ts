import type { ConnectSeries, TcpConnect } from '../model/observation.ts'

type Counted = Pick<
  ConnectSeries,
  'outcome' | 'sent' | 'prompt' | 'repeated' | 'late' | 'lost' | 'refused' | 'missedByTenth' | 'roundTripMs'
>

/** What a connection of a series tells. */
export type Knock = Pick<TcpConnect, 'outcome' | 'ms' | 'ownLagMs'>

/**
 * When a SYN is sent again: after a second at first, and then after whole seconds more (RFC 6298 §2.1 and §5.5; Linux has
 * several a second apart before it doubles). In milliseconds.
 */
const stepMs = 1000
/** So much before a whole second a step may show, since clocks and the quickest round trip differ, and so much after it. */
const beforeStepMs = 50
const afterStepMs = 300

/** The share of the time-out for which it must have been looked, for silence to be that of the network. */
const watchedShare = 0.5

const answeredNo: ReadonlySet<TcpConnect['outcome']> = new Set([
  'refused',
  'reset',
  'host-unreachable',
  'net-unreachable',
  'admin-prohibited',
])

/** What kept this side from asking, or from looking. */
const ownFaults: ReadonlySet<TcpConnect['outcome']> = new Set(['tool-limit', 'no-local-network', 'timeout'])

type End = 'prompt' | 'repeated' | 'late' | 'lost' | 'refused'

/**
 * Counts what came of the connections of a series, in the order of their sending.
 *
 * @param meant how many there were to be: where fewer came to an end of their own, the series is not whole
 * @param timeoutMs how long each was waited for: silence while this process was kept from looking is nobody's
 */
export function seriesOf(knocks: readonly Knock[], meant: number, timeoutMs: number): Counted {
  const tookMs = ({ ms, ownLagMs = 0 }: Knock): number => Math.max(0, ms - ownLagMs)
  const stood = knocks.filter(({ outcome }) => outcome === 'connected')
  const leastMs = stood.reduce((least, one) => Math.min(least, tookMs(one)), Number.POSITIVE_INFINITY)
  const endOf = (one: Knock): End | undefined => {
    if (answeredNo.has(one.outcome)) return 'refused'
    if (one.outcome === 'timeout') return tookMs(one) < watchedShare * timeoutMs ? undefined : 'lost'
    if (one.outcome !== 'connected') return undefined
    const overMs = tookMs(one) - leastMs
    if (overMs < stepMs - beforeStepMs) return 'prompt'
    return (overMs + beforeStepMs) % stepMs <= beforeStepMs + afterStepMs ? 'repeated' : 'late'
  }
  const ends = knocks.map((one) => ({ one, end: endOf(one) }))
  const count = (wanted: End): number => ends.filter(({ end }) => end === wanted).length
  const missedByTenth = Array.from({ length: 10 }, () => 0)
  ends.forEach(({ end }, at) => {
    const tenth = Math.min(9, Math.floor((at * 10) / meant))
    if (end === 'repeated' || end === 'lost') missedByTenth[tenth] = (missedByTenth[tenth] ?? 0) + 1
  })
  const trips = ends.flatMap(({ one, end }) => (end === 'prompt' ? [tookMs(one)] : [])).toSorted((a, b) => a - b)
  const sent = ends.filter(({ end }) => end !== undefined).length
  const ownFault = ends.some(({ one, end }) => end === undefined && ownFaults.has(one.outcome))
  return {
    outcome: sent === meant ? 'whole' : ownFault ? 'tool-limit' : 'aborted',
    sent,
    prompt: trips.length,
    repeated: count('repeated'),
    late: count('late'),
    lost: count('lost'),
    refused: count('refused'),
    missedByTenth,
    ...(trips.length > 0 && { roundTripMs: quantilesOf(trips) }),
  }
}

/** @param sorted in ascending order, one at least */
function quantilesOf(sorted: readonly number[]): NonNullable<ConnectSeries['roundTripMs']> {
  // The smallest value that a share of all does not exceed, which is one that was measured.
  const at = (share: number): number => {
    const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
    return Math.round(value * 10) / 10
  }
  return { least: at(0), median: at(0.5), p95: at(0.95), most: at(1) }
}
