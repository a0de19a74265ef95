import { normalTail } from './exactTests.ts'
import { medianInPlace } from './median.ts'
import type { TimeLine } from './timeLine.ts'

const dayMs = 86_400_000
/** All pairs of so many points are some 45,000; more points are brought to as many medians of equal stretches. */
const mostPoints = 300
const fewestPoints = 8
/** A rise that chance makes once in a hundred series is told; a trend is a forecast, and nobody is woken by it. */
const mostP = 0.01

/** Where a series is heading. */
export interface Trend {
  /** By how much it changes in a day, in the unit of the measure (H. Theil 1950, P. K. Sen 1968): a median, so wild values hardly move it. */
  readonly perDay: number
  /** The slopes between which the true one lies, 95 of 100 times. */
  readonly leastPerDay: number
  readonly mostPerDay: number
  /** What it is at the last point, by the trend. */
  readonly now: number
  /** How rarely chance orders the points so (H. Mann 1945, M. Kendall 1975), two-sided. */
  readonly p: number
}

/**
 * The slope of a series. For a latency its weekly or daily 99th percentile is given, not each value.
 *
 * @returns undefined for fewer than eight points, or where all have one time
 */
export function trendOf(line: TimeLine): Trend | undefined {
  const { times, values } = stretches(line)
  const n = times.length
  if (n < fewestPoints) return undefined
  const slopes = new Float64Array((n * (n - 1)) / 2)
  let [count, order] = [0, 0]
  for (let one = 0; one < n; one += 1)
    for (let other = one + 1; other < n; other += 1) {
      const days = ((times[other] as number) - (times[one] as number)) / dayMs
      if (!(days > 0)) continue
      const rise = (values[other] as number) - (values[one] as number)
      slopes[count] = rise / days
      count += 1
      order += Math.sign(rise)
    }
  if (count === 0) return undefined
  const sorted = slopes.subarray(0, count).sort()
  const deviation = Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18)
  const at = (rank: number): number => sorted[Math.max(0, Math.min(count - 1, Math.round(rank)))] as number
  const perDay = (at((count - 1) / 2 - 0.25) + at((count - 1) / 2 + 0.25)) / 2
  const last = times[n - 1] as number
  const levels = values.map((value, index) => value + (perDay * (last - (times[index] as number))) / dayMs)
  return {
    perDay,
    leastPerDay: at((count - 1.96 * deviation) / 2),
    mostPerDay: at((count + 1.96 * deviation) / 2),
    now: medianInPlace(levels),
    p: Math.min(1, 2 * normalTail(Math.max(0, Math.abs(order) - 1) / deviation)),
  }
}

/** When a series arrives at a limit, should it go on as it does. */
export interface Arrival {
  readonly days: number
  /** By the steepest and by the flattest slope that is likely; `latest` is infinite where it may not arrive at all. */
  readonly earliest: number
  readonly latest: number
}

/**
 * Days until a rising series arrives at a limit, such as a time-out or the connections that are allowed.
 *
 * @returns undefined where it does not rise beyond chance, or the limit is no number; 0 days where it is there
 */
export function daysUntil({ now, perDay, leastPerDay, mostPerDay, p }: Trend, limit: number): Arrival | undefined {
  if (!Number.isFinite(limit)) return undefined
  if (now >= limit) return { days: 0, earliest: 0, latest: 0 }
  if (!(p < mostP && perDay > 0)) return undefined
  const left = limit - now
  const by = (slope: number): number => (slope > 0 ? left / slope : Number.POSITIVE_INFINITY)
  return { days: by(perDay), earliest: by(mostPerDay), latest: by(leastPerDay) }
}

function stretches(line: TimeLine): TimeLine {
  const { length } = line.times
  if (length <= mostPoints) return line
  const part = (values: Float64Array) => (_: unknown, at: number) =>
    medianInPlace(values.slice(Math.floor((at * length) / mostPoints), Math.floor(((at + 1) * length) / mostPoints)))
  return {
    times: Float64Array.from({ length: mostPoints }, part(line.times)),
    values: Float64Array.from({ length: mostPoints }, part(line.values)),
  }
}
