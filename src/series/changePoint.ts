import type { Confidence } from '../model/cause.ts'
import type { Baseline } from './baseline.ts'
import { levelOf, robustZ } from './baseline.ts'
import { logOf } from './grid.ts'
import { medianInPlace } from './median.ts'
import type { TimeLine } from './timeLine.ts'
import { firstAt, intervalOf } from './timeLine.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** One reading counts as at most so many deviations: a spike, however high, is one vote. */
const mostZ = 4
/** Deviations that a reading may lie off without adding up. */
const slack = 1
/** Where the sum has to arrive: with `mostZ` and `slack`, seven readings far out on one side, or more that are less far. */
const decision = 20
/** What has not lasted that long has not stayed; readings of that time on either side are what a jump is measured by. */
const leastStayMs = hourMs
const [fewestBySide, mostBySide] = [24, 60]
/** Before the first day was seen, what it does by itself is not known. */
const leastHistoryMs = dayMs
/** A jump must be so many times as high as the highest of any other place: what always moves has no level. */
const overOthers = 2
/** Levels that are nearer to each other are within what one of them does by itself. */
const leastDeviations = 2
/** Of the readings after it, so many must lie on its side of the middle between both levels. */
const leastStaying = 0.8

/** A measure that went to another level at one moment, and stayed. */
export interface LevelShift {
  /** The first reading of the new level, milliseconds since 1970. */
  readonly at: number
  /** When it was first beyond chance. */
  readonly seenAt: number
  /** Medians before and after, in the unit of the measure. */
  readonly from: number
  readonly to: number
  /** How many deviations (robust) apart. */
  readonly deviations: number
  /** `possible` where less than a week is known: what happens once a week is not known then. */
  readonly confidence: Extract<Confidence, 'likely' | 'possible'>
}

/**
 * Looks for the moment at which a measure went to another level and stayed there. Where the readings of an hour before and
 * after differ most is the place; it counts where no other place of the series differs half as much, where a two-sided
 * CUSUM (E. S. Page, Biometrika 41, 1954) of robust, bounded z against what was usual says that it is beyond chance, and
 * where the readings have stayed. So single spikes, slow waves, a load that people make, gaps and wild noise are no shift.
 *
 * @param line some days, at least one of them before the shift; since the last known shift, where there was one
 * @param baseline what was usual, where weeks of it are known; else the day before the place is
 */
export function levelShiftOf(line: TimeLine, baseline?: Baseline): LevelShift | undefined {
  const { times, values } = line
  const side = Math.min(mostBySide, Math.max(fewestBySide, Math.round(leastStayMs / intervalOf(times))))
  if (!(times.length >= 4 * side)) return undefined
  const logs = values.map(logOf)
  const near = onlyJump(jumpsOf(times, logs, side), side)
  if (near === undefined) return undefined
  const place = sharpest(logs, near, side)
  const at = times[place] as number
  const [begin, end] = [times[0] as number, times[times.length - 1] as number]
  if (at - begin < leastHistoryMs || end - at < leastStayMs || times.length - place < side) return undefined
  const before = levelOf(values.subarray(firstAt(times, at - dayMs), place), 'last-day')
  const after = levelOf(values.subarray(place), 'last-day')
  if (before === undefined || after === undefined) return undefined
  const deviations = Math.abs(robustZ(before, after.median))
  const seenAt = beyondChanceAt(line, place, baseline ?? { levelAt: () => before })
  if (seenAt === undefined || deviations < leastDeviations) return undefined
  if (!hasStayed(logs.subarray(place), side, logOf(before.median), logOf(after.median))) return undefined
  const confidence = at - begin >= 7 * dayMs ? 'likely' : 'possible'
  return { at, seenAt, from: before.median, to: after.median, deviations, confidence }
}

/** The place of the highest jump, where none that is not the same one is half as high. */
function onlyJump(jumps: Float64Array, side: number): number | undefined {
  let place = 0
  for (let at = 1; at < jumps.length; at += 1)
    if (Math.abs(jumps[at] as number) > Math.abs(jumps[place] as number)) place = at
  const jump = Math.abs(jumps[place] as number)
  for (let at = 0; at < jumps.length; at += 1)
    if (Math.abs(at - place) > 2 * side && Math.abs(jumps[at] as number) * overOthers > jump) return undefined
  return jump > 0 ? place : undefined
}

/** When the sum of what lies off, from the place on and to the one side or the other, is first beyond chance. */
function beyondChanceAt({ times, values }: TimeLine, place: number, usual: Baseline): number | undefined {
  let [above, below] = [0, 0]
  for (let at = place; at < times.length; at += 1) {
    const level = usual.levelAt(times[at] as number)
    if (level === undefined) continue
    const z = Math.max(-mostZ, Math.min(mostZ, robustZ(level, values[at] as number)))
    above = Math.max(0, above + z - slack)
    below = Math.max(0, below - z - slack)
    if (above >= decision || below >= decision) return times[at]
  }
  return undefined
}

/**
 * By how much the median of the readings from each place on lies above that of those before it, in logarithms; 0 where
 * either side is too short, or reaches over a gap: what happened in there has no moment.
 */
function jumpsOf(times: Float64Array, logs: Float64Array, side: number): Float64Array {
  const medians = rollingMedians(logs, side)
  const jumps = new Float64Array(logs.length)
  const longest = 3 * side * intervalOf(times)
  for (let at = side; at + side <= logs.length; at += 1) {
    if ((times[at + side - 1] as number) - (times[at - side] as number) > longest) continue
    jumps[at] = (medians[at] as number) - (medians[at - side] as number)
  }
  return jumps
}

/** The median of each `length` values that follow each other; at the place of the first of them. */
function rollingMedians(values: Float64Array, length: number): Float64Array {
  const medians = new Float64Array(Math.max(0, values.length - length + 1))
  const sorted = values.slice(0, length).sort()
  for (let at = 0; at < medians.length; at += 1) {
    if (at > 0) replace(sorted, values[at - 1] as number, values[at + length - 1] as number)
    medians[at] = ((sorted[(length - 1) >> 1] as number) + (sorted[length >> 1] as number)) / 2
  }
  return medians
}

function replace(sorted: Float64Array, leaving: number, coming: number): void {
  let at = firstAt(sorted, leaving)
  while (at + 1 < sorted.length && (sorted[at + 1] as number) < coming) {
    sorted[at] = sorted[at + 1] as number
    at += 1
  }
  while (at > 0 && (sorted[at - 1] as number) > coming) {
    sorted[at] = sorted[at - 1] as number
    at -= 1
  }
  sorted[at] = coming
}

/** The place near a jump where two levels explain the readings best: the least sum of distances from them. */
function sharpest(logs: Float64Array, near: number, side: number): number {
  const [from, to] = [Math.max(0, near - side), Math.min(logs.length, near + side)]
  const before = medianInPlace(logs.slice(from, near))
  const after = medianInPlace(logs.slice(near, to))
  let [sum, least, best] = [0, Number.POSITIVE_INFINITY, near]
  // Moving the border past a reading takes it from the one side to the other.
  for (let at = from; at < to; at += 1) {
    if (sum < least) [least, best] = [sum, at]
    const value = logs[at] as number
    sum += Math.abs(value - before) - Math.abs(value - after)
  }
  return best
}

/** Whether nearly all readings, and those at the end as well, lie on the side of the new level. */
function hasStayed(logs: Float64Array, side: number, before: number, after: number): boolean {
  const middle = (before + after) / 2
  const staying = (part: Float64Array): number =>
    part.filter((value) => after > before === value > middle).length / part.length
  return staying(logs) >= leastStaying && staying(logs.subarray(-side)) >= leastStaying
}
