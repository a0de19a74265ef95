import type { AddressRange } from './addresses.ts'
import { commonRanges, mergedRanges } from './addresses.ts'
import type { Intervals } from './intervals.ts'
import { intervalsOf } from './intervals.ts'

/**
 * Where addresses of one family lie on a line of numbers that a double holds exactly. Of IPv4 a coordinate is the
 * address. Of IPv6 it is the count of bounds at or below the address, of all bounds that a rule set speaks of: what no
 * rule tells apart needs no number of its own, and 128 bits are never compared rule by rule.
 */
export interface Coordinates {
  readonly family: 4 | 6
  /** Every address: one interval. */
  readonly every: Intervals
  /** The smallest set of the line with all the addresses of this family in it; exactly they where all bounds are known here. */
  intervals(ranges: readonly AddressRange[]): Intervals
  /** The addresses of a set, and of those only what is `within` where that is given: the ranges that a question had before it was widened to the grid. */
  ranges(set: Intervals, within?: readonly AddressRange[]): readonly AddressRange[]
}

const size4 = 2 ** 32
const size6 = 1n << 128n

export const coordinates4: Coordinates = Object.freeze({
  family: 4,
  every: Object.freeze([0, size4]),
  intervals(ranges: readonly AddressRange[]): Intervals {
    const pairs: number[] = []
    for (const { family, first, last } of ranges) if (family === 4) pairs.push(Number(first), Number(last) + 1)
    return intervalsOf(pairs)
  },
  ranges(set: Intervals): readonly AddressRange[] {
    const ranges: AddressRange[] = []
    for (let i = 0; i < set.length; i += 2) {
      ranges.push({ family: 4, first: BigInt(set[i] as number), last: BigInt((set[i + 1] as number) - 1) })
    }
    return ranges
  },
})

/** @param known ranges of any family whose bounds are to be told apart */
export function coordinates6(known: Iterable<AddressRange>): Coordinates {
  const ends: bigint[] = [0n, size6]
  for (const { family, first, last } of known) if (family === 6) ends.push(first, last + 1n)
  const bounds = sortedBounds(ends)
  const keys = Float64Array.from(bounds, Number)
  /** Index of the last bound at or below an address. */
  const atOrBelow = (address: bigint): number => {
    const key = Number(address)
    let low = 0
    let high = bounds.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      const at = keys[middle] as number
      if (at < key || (at === key && (bounds[middle] as bigint) <= address)) low = middle
      else high = middle - 1
    }
    return low
  }
  return {
    family: 6,
    every: [0, bounds.length - 1],
    intervals(ranges) {
      const pairs: number[] = []
      for (const { family, first, last } of ranges) if (family === 6) pairs.push(atOrBelow(first), atOrBelow(last) + 1)
      return intervalsOf(pairs)
    },
    ranges(set, within) {
      const ranges: AddressRange[] = []
      for (let i = 0; i < set.length; i += 2) {
        const first = bounds[set[i] as number] as bigint
        ranges.push({ family: 6, first, last: (bounds[set[i + 1] as number] as bigint) - 1n })
      }
      return within === undefined ? ranges : commonRanges(ranges, mergedRanges(within))
    },
  }
}

/**
 * Each number once, in order. Compared as doubles, which keep the order of what they round, and as they are only where
 * that leaves it open. Not by a Set: engines hash the low half of a BigInt, which is 0 in most prefixes.
 */
function sortedBounds(ends: readonly bigint[]): readonly bigint[] {
  const keys = Float64Array.from(ends, Number)
  const order = Uint32Array.from(ends, (_, at) => at)
  order.sort((a, b) => {
    const apart = (keys[a] as number) - (keys[b] as number)
    if (apart !== 0) return apart
    const [x, y] = [ends[a] as bigint, ends[b] as bigint]
    return x < y ? -1 : x > y ? 1 : 0
  })
  const bounds: bigint[] = []
  for (const at of order) if (ends[at] !== bounds.at(-1)) bounds.push(ends[at] as bigint)
  return bounds
}
