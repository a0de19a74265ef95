import type { Reading } from '../model/series.ts'
import { median } from './median.ts'

/** A value with its time: {@link Reading} without its subject. `at` is when the question was really sent, ms since 1970. */
export type Point = Pick<Reading, 'at' | 'value'>

/** Points in the order of time; both arrays have the same length and hold finite numbers only. */
export interface TimeLine {
  readonly times: Float64Array
  readonly values: Float64Array
}

/** Sorts by time and leaves out what is no number; points of one time stay in the order in which they were given. */
export function timeLineOf(points: readonly Point[]): TimeLine {
  const finite = points.filter(({ at, value }) => Number.isFinite(at) && Number.isFinite(value))
  const sorted = isInOrder(finite) ? finite : finite.toSorted((one, other) => one.at - other.at)
  return {
    times: Float64Array.from(sorted, ({ at }) => at),
    values: Float64Array.from(sorted, ({ value }) => value),
  }
}

/** The usual time between two points that follow each other, milliseconds; NaN where there are not two. */
export function intervalOf(times: Float64Array): number {
  const gaps = new Float64Array(Math.max(0, times.length - 1))
  for (let at = 0; at < gaps.length; at += 1) gaps[at] = (times[at + 1] as number) - (times[at] as number)
  return median(gaps)
}

/** The part of a line from one time to before another. */
export function between({ times, values }: TimeLine, from: number, to: number): TimeLine {
  const [first, end] = [firstAt(times, from), firstAt(times, to)]
  return { times: times.subarray(first, end), values: values.subarray(first, end) }
}

/** The place of the first time that is not before `at`; the length where there is none. */
export function firstAt(times: Float64Array, at: number): number {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((times[middle] as number) < at) low = middle + 1
    else high = middle
  }
  return low
}

function isInOrder(points: readonly Point[]): boolean {
  return points.every(({ at }, index) => index === 0 || at >= (points[index - 1]?.at ?? at))
}
