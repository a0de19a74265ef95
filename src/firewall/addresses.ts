import type { Unknown } from './unknown.ts'

/** Addresses from `first` to `last`, both in: numbers of 32 or 128 bits, as in {@link import('../model/cidr.ts').Address}. */
export interface AddressRange {
  readonly family: 4 | 6
  readonly first: bigint
  readonly last: bigint
}

/** A part of a set of which a configuration alone does not tell whether it belongs to it. */
export interface PossibleAddresses {
  /** Where the part can lie at most. */
  readonly within: readonly AddressRange[]
  readonly because: Unknown
  /** True for *all of `within` but what `because` stands for*: a negated object whose content is not known. */
  readonly inverted?: true
}

/**
 * A set of addresses between two bounds: `sure` is in it, and each of `possible` may be in part. What is in neither is
 * outside. An object of unknown content is never empty: it is `possible`.
 */
export interface Addresses {
  /** By family and first address, none over or beside another. */
  readonly sure: readonly AddressRange[]
  readonly possible: readonly PossibleAddresses[]
}

const last4 = (1n << 32n) - 1n
const last6 = (1n << 128n) - 1n

/** Every address of one family, or of both. */
export function everyAddress(family?: 4 | 6): Addresses {
  const all: AddressRange[] = [
    { family: 4, first: 0n, last: last4 },
    { family: 6, first: 0n, last: last6 },
  ]
  return { sure: all.filter((range) => family === undefined || range.family === family), possible: [] }
}

export const noAddress: Addresses = Object.freeze({ sure: [], possible: [] })

/** The set of some ranges in any order, over each other or not. */
export function addressesOf(ranges: readonly AddressRange[]): Addresses {
  return { sure: mergedRanges(ranges), possible: [] }
}

/** A set of which only a reason is known why nothing is. */
export function unknownAddresses(because: Unknown, within = everyAddress().sure): Addresses {
  return { sure: [], possible: [{ within, because }] }
}

/** Sorts ranges and joins those that overlap or touch. Time n log n. */
export function mergedRanges(ranges: readonly AddressRange[]): readonly AddressRange[] {
  if (ranges.length < 2) return ranges
  const sorted = ranges.toSorted((a, b) => a.family - b.family || compare(a.first, b.first))
  const merged: AddressRange[] = []
  for (const range of sorted) {
    const before = merged.at(-1)
    if (before === undefined || before.family !== range.family || before.last + 1n < range.first) merged.push(range)
    else if (range.last > before.last) merged[merged.length - 1] = { ...before, last: range.last }
  }
  return merged
}

/** Ranges of both lists; each list as {@link mergedRanges} gives it. Linear. */
export function commonRanges(some: readonly AddressRange[], others: readonly AddressRange[]): readonly AddressRange[] {
  const common: AddressRange[] = []
  for (let i = 0, j = 0; i < some.length && j < others.length; ) {
    const a = some[i] as AddressRange
    const b = others[j] as AddressRange
    if (a.family !== b.family) {
      if (a.family < b.family) i += 1
      else j += 1
      continue
    }
    const first = a.first > b.first ? a.first : b.first
    const last = a.last < b.last ? a.last : b.last
    if (first <= last) common.push({ family: a.family, first, last })
    if (a.last < b.last) i += 1
    else j += 1
  }
  return common
}

/** What is left of merged ranges without other merged ranges. Linear. */
export function rangesWithout(some: readonly AddressRange[], others: readonly AddressRange[]): readonly AddressRange[] {
  return commonRanges(some, complement(others))
}

function complement(ranges: readonly AddressRange[]): readonly AddressRange[] {
  const left: AddressRange[] = []
  for (const family of [4, 6] as const) {
    let next = 0n
    for (const range of ranges) {
      if (range.family !== family) continue
      if (range.first > next) left.push({ family, first: next, last: range.first - 1n })
      next = range.last + 1n
    }
    const last = family === 4 ? last4 : last6
    if (next <= last) left.push({ family, first: next, last })
  }
  return left
}

/** What is in one set or another: objects of a group, values of a list. */
export function unionOf(sets: readonly Addresses[]): Addresses {
  if (sets.length === 1) return sets[0] as Addresses
  return {
    sure: mergedRanges(sets.flatMap(({ sure }) => sure)),
    // Groups that name one object name its doubts once.
    possible: [...new Set(sets.flatMap(({ possible }) => possible))],
  }
}

/** What is in both sets: two conditions on the same address. */
export function intersectionOf(a: Addresses, b: Addresses): Addresses {
  const within = (possible: readonly PossibleAddresses[], bounds: readonly AddressRange[]): PossibleAddresses[] =>
    possible.flatMap((part) => {
      const rest = commonRanges(part.within, bounds)
      return rest.length === 0 ? [] : [{ ...part, within: rest }]
    })
  const reach = (set: Addresses): readonly AddressRange[] =>
    mergedRanges([...set.sure, ...set.possible.flatMap((part) => part.within)])
  return {
    sure: commonRanges(a.sure, b.sure),
    possible: [...within(a.possible, reach(b)), ...within(b.possible, reach(a))],
  }
}

/** What is outside of a set, in the families that are meant: a negated condition. */
export function outsideOf(set: Addresses, families: readonly (4 | 6)[] = [4, 6]): Addresses {
  const all = families.flatMap((family) => everyAddress(family).sure)
  const reach = mergedRanges([...set.sure, ...set.possible.flatMap((part) => part.within)])
  return {
    sure: rangesWithout(all, reach),
    possible: set.possible.flatMap(({ within, because, inverted }) => {
      const rest = commonRanges(rangesWithout(within, set.sure), all)
      if (rest.length === 0) return []
      return [inverted === true ? { within: rest, because } : { within: rest, because, inverted: true as const }]
    }),
  }
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}
