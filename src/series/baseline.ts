import { logOf } from './grid.ts'
import { medianDeviation, medianInPlace } from './median.ts'
import type { TimeLine } from './timeLine.ts'
import { between, firstAt } from './timeLine.ts'
import type { ZoneClock } from './zoneClock.ts'
import { hourOfWeek } from './zoneClock.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const weekMs = 7 * dayMs
/** As many weeks must have readings of an hour before it is judged by itself. */
const leastWeeks = 3
/** Older weeks say less of today than they blur. */
const mostWeeks = 8
/** Fewer readings have no level. */
const leastReadings = 10

/** What is usual at one time. */
export interface Level {
  /** In the unit of the measure. */
  readonly median: number
  /**
   * The median distance from it (MAD) of the logarithms, never less than 1 ms and 5 % of the median make there: else a
   * series that never moves would alarm on nothing.
   */
  readonly spread: number
  readonly count: number
  readonly basis: 'hour-of-week' | 'last-day'
}

/** What is usual, as it was known at one time. */
export interface Baseline {
  /** @returns undefined where too little is known of that time to call anything usual */
  levelAt(at: number): Level | undefined
}

/**
 * What is usual by the hour of the week, of the last three to eight weeks; where an hour has fewer, of the last day.
 *
 * @param until what came before is used, milliseconds since 1970
 * @param clock whose hours count: people work by the clock on the wall
 */
export function baselineOf(line: TimeLine, until: number, clock: ZoneClock): Baseline {
  const { times, values } = between(line, until - mostWeeks * weekMs, until)
  const hours = Array.from({ length: 168 }, () => ({ values: [] as number[], weeks: new Set<number>() }))
  for (let at = 0; at < times.length; at += 1) {
    const time = times[at] as number
    const hour = hours[hourOfWeek(time, clock)]
    hour?.values.push(values[at] as number)
    hour?.weeks.add(Math.floor((until - time) / weekMs))
  }
  const byHour = hours.map((hour) =>
    hour.weeks.size >= leastWeeks ? levelOf(Float64Array.from(hour.values), 'hour-of-week') : undefined,
  )
  const last = levelOf(values.subarray(firstAt(times, until - dayMs)), 'last-day')
  return { levelAt: (at) => byHour[hourOfWeek(at, clock)] ?? last }
}

/** @returns undefined for fewer than ten values */
export function levelOf(values: Float64Array, basis: Level['basis']): Level | undefined {
  if (values.length < leastReadings) return undefined
  const logs = values.map(logOf)
  const middle = medianInPlace(logs)
  const usual = Math.exp(middle)
  return {
    median: usual,
    spread: Math.max(medianDeviation(logs, middle), leastSpread(usual)),
    count: values.length,
    basis,
  }
}

/** The least spread of logarithms around a value: what 5 % and 1 ms (or 1, of what is counted) make, the larger one. */
export function leastSpread(usual: number): number {
  return Math.max(Math.log(1.05), Math.log1p(1 / Math.max(usual, 0.01)))
}

/**
 * How many deviations a value lies above what is usual (below: negative): 0.6745 · (x − median) / MAD of the logarithms
 * (B. Iglewicz, D. Hoaglin, "How to Detect and Handle Outliers", 1993). Above 3.5 it is far out.
 */
export function robustZ({ median, spread }: Level, value: number): number {
  return (0.6745 * (logOf(value) - logOf(median))) / spread
}
