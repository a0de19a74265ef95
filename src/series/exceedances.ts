import { leastSpread } from './baseline.ts'
import { logOf } from './grid.ts'
import { medianDeviation, medianInPlace } from './median.ts'
import type { TimeLine } from './timeLine.ts'
import { intervalOf } from './timeLine.ts'

/** Readings around one, by whose median it is called high: long beside a spike, short beside a working day. */
const around = 121
/** So many deviations (MAD) above it, */
const deviations = 5
/** and at least so much above it, is high: a fifth, and 2 ms. */
const leastShare = 1.2
const leastExcess = 2

/** One time at which a series was high: some readings that follow each other. */
export interface Run {
  /** The places of its first reading and of its last. */
  readonly first: number
  readonly last: number
  /** By how much its highest reading lies above what was usual then, in the unit of the measure. */
  readonly excess: number
}

/** The readings that stand out of what was usual around them, as runs in the order of time. */
export function exceedances(line: TimeLine): readonly Run[] {
  const { values } = line
  const usual = localLevels(values.map(logOf))
  const isStill = new Uint8Array(values.length)
  const excesses = values.map((value, at) => {
    const middle = Math.exp(usual.middles[at] as number)
    const bound = Math.max(
      deviations * (usual.spreads[at] as number),
      Math.log(leastShare),
      Math.log1p(leastExcess / Math.max(middle, 0.01)),
    )
    const above = logOf(value) - Math.log(Math.max(middle, 0.01))
    if (above > bound / 2) isStill[at] = 1
    return above > bound ? value - middle : 0
  })
  return runsOf(line.times, excesses, isStill)
}

/**
 * Runs of what is above zero; two that one reading or none lies between are one, and a gap ends it.
 *
 * @param excesses 0 where nothing stands out
 * @param isStill 1 where a run that has begun goes on, though nothing would begin there
 */
export function runsOf(times: Float64Array, excesses: Float64Array, isStill?: Uint8Array): readonly Run[] {
  const longest = 2.5 * intervalOf(times)
  const runs: Run[] = []
  for (let at = 0; at < times.length; at += 1) {
    const excess = excesses[at] as number
    const before = runs.at(-1)
    const goesOn = before !== undefined && (times[at] as number) - (times[before.last] as number) <= longest
    if (!(excess > 0) && !(goesOn && isStill?.[at] === 1)) continue
    if (goesOn) runs[runs.length - 1] = { first: before.first, last: at, excess: Math.max(before.excess, excess) }
    else runs.push({ first: at, last: at, excess })
  }
  return runs
}

/** The logarithms with what lies far out brought to median ± 6 MAD of its surroundings, which are taken off. */
export function winsorised(values: Float64Array): Float64Array {
  const logs = values.map(logOf)
  const middle = medianInPlace(logs.slice())
  const most = 6 * Math.max(medianDeviation(logs, middle), leastSpread(Math.exp(middle)))
  return logs.map((log) => Math.max(-most, Math.min(most, log - middle)))
}

/** Median and spread around each place: exact at every quarter of the surroundings, on straight lines between. */
function localLevels(logs: Float64Array): { readonly middles: Float64Array; readonly spreads: Float64Array } {
  const hop = around >> 2
  const knots = Math.max(1, Math.ceil(logs.length / hop) + 1)
  const middles = new Float64Array(knots)
  const spreads = new Float64Array(knots)
  for (let knot = 0; knot < knots; knot += 1) {
    const middle = Math.min(knot * hop, Math.max(0, logs.length - 1))
    const from = Math.max(0, Math.min(middle - (around >> 1), logs.length - around))
    const part = logs.subarray(from, from + around)
    const level = medianInPlace(part.slice())
    middles[knot] = level
    spreads[knot] = Math.max(medianDeviation(part, level), leastSpread(Math.exp(level)))
  }
  const at = (line: Float64Array) => (_: number, place: number) => {
    const knot = Math.floor(place / hop)
    const part = place / hop - knot
    return (line[knot] as number) * (1 - part) + (line[knot + 1] ?? (line[knot] as number)) * part
  }
  return { middles: logs.map(at(middles)), spreads: logs.map(at(spreads)) }
}
