import { medianInPlace } from './median.ts'
import type { Point } from './timeLine.ts'
import { timeLineOf } from './timeLine.ts'

/** Readings in steps of one length. */
export interface Grid {
  /** The begin of the first step, milliseconds since 1970. */
  readonly from: number
  readonly stepMs: number
  /** The middle of each step's readings; NaN where the step has none: nothing is filled in. */
  readonly values: Float64Array
  /** When the questions of a step were really sent: the middle of their times; NaN where there were none. */
  readonly times: Float64Array
  /** How many steps have a value. */
  readonly held: number
}

/** More steps than a quarter of a year of minutes are asked for by mistake only. */
const mostSteps = 200_000

/**
 * Puts readings on a regular grid. The three to five questions that are asked in one step become their median, so that one
 * packet that was sent again is not the step's value.
 *
 * @param points in any order; what is no finite number, or lies outside, is left out
 * @param span `to` is not part of it
 * @throws RangeError where the step is no positive number, or there would be more than 200,000 steps
 */
export function gridOf(
  points: readonly Point[],
  { from, to, stepMs }: { readonly from: number; readonly to: number; readonly stepMs: number },
): Grid {
  const steps = Math.max(0, Math.ceil((to - from) / stepMs))
  if (!(stepMs > 0) || !(steps <= mostSteps))
    throw new RangeError(`a grid has at most ${mostSteps} steps of a positive length: ${steps} of ${stepMs} ms`)
  const values = new Float64Array(steps).fill(Number.NaN)
  const times = new Float64Array(steps).fill(Number.NaN)
  const line = timeLineOf(points.filter(({ at }) => at >= from && at < to))
  let held = 0
  for (let first = 0; first < line.times.length; ) {
    const step = Math.min(steps - 1, Math.floor(((line.times[first] as number) - from) / stepMs))
    const end = from + (step + 1) * stepMs
    let next = first + 1
    while (next < line.times.length && (line.times[next] as number) < end) next += 1
    values[step] = medianInPlace(line.values.slice(first, next))
    times[step] = medianInPlace(line.times.slice(first, next))
    held += 1
    first = next
  }
  return { from, stepMs, values, times, held }
}

export function isMissing({ values }: Grid, step: number): boolean {
  return Number.isNaN(values[step] ?? Number.NaN)
}

/** The steps that have a value, as points at the times at which was asked. */
export function pointsOf({ values, times }: Grid): readonly Point[] {
  return Array.from(values, (value, step) => ({ at: times[step] ?? Number.NaN, value })).filter(
    ({ value }) => !Number.isNaN(value),
  )
}

/** What is smaller counts as a hundredth: zero has no logarithm, and no path is quicker than 10 µs. */
const leastOfLog = 0.01

/** The natural logarithm by which times are compared: twice as long is as far above as half as long is below. */
export function logOf(value: number): number {
  return Math.log(Math.max(value, leastOfLog))
}
