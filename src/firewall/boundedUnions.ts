import type { Addresses } from './addresses.ts'
import { everyAddress, unionOf } from './addresses.ts'
import type { Unknown } from './unknown.ts'

/** Ranges that the unions of one configuration have at most, together: fifty service tags of the longest kind. */
const mostRanges = 4_000_000

/**
 * Unions for objects that refer to each other: short texts can name long lists in ever new combinations, and each would
 * be written out. Beyond a bound, over all of them together, a union is one that may be anything.
 */
export function boundedUnions(
  most = mostRanges,
): (sets: readonly Addresses[], families?: readonly (4 | 6)[]) => Addresses {
  let left = most
  return (sets, families = [4, 6]) => {
    const [only] = sets
    if (only !== undefined && sets.length === 1) return only
    const size = sets.reduce((sum, { sure, possible }) => sum + sure.length + possible.length, 0)
    if (size <= left) {
      left -= size
      return unionOf(sets)
    }
    return {
      sure: [],
      possible: [{ within: families.flatMap((family) => everyAddress(family).sure), because: tooLong }],
    }
  }
}

const tooLong: Unknown = { kind: 'other', what: 'lists of addresses that are too long together to be written out' }
