import type { AddressList } from '../../catalog/addressLists.ts'
import { addressLists } from '../../catalog/addressLists.ts'
import type { AddressRange } from '../addresses.ts'
import { commonRanges, mergedRanges } from '../addresses.ts'
import { publicRanges, rangesOfPrefix } from '../rangesOfPrefix.ts'

/** A list of Microsoft's addresses of identity services, with its ranges. */
export interface PublishedList extends Pick<AddressList, 'id' | 'tag' | 'source' | 'asOf'> {
  /** One for each prefix, as it is written. */
  readonly prefixes: readonly AddressRange[]
  readonly merged: readonly AddressRange[]
}

/** The lists that the catalog has, whatever the cloud: an address belongs to one of them or to none. */
export function publishedLists(): readonly PublishedList[] {
  return addressLists.map(({ id, tag, source, asOf, prefixes }) => {
    const ranges = prefixes.flatMap(rangesOfPrefix)
    return { id, ...(tag !== undefined && { tag }), source, asOf, prefixes: ranges, merged: mergedRanges(ranges) }
  })
}

/** The parts of a set that lie on the internet. */
export function publicParts(ranges: readonly AddressRange[]): readonly AddressRange[] {
  return commonRanges(mergedRanges(ranges), internet)
}

const internet = mergedRanges(publicRanges())
const internetOf = ([4, 6] as const).map((family) => internet.filter((range) => range.family === family))

export function isWithinRanges(inner: readonly AddressRange[], outer: readonly AddressRange[]): boolean {
  return isWithinMerged(inner, mergedRanges(outer))
}

/** @param outer as {@link mergedRanges} gives it: the lists have thousands, which are not put in order for each rule */
export function isWithinMerged(inner: readonly AddressRange[], outer: readonly AddressRange[]): boolean {
  if (inner.length === 0) return false
  const own = mergedRanges(inner)
  return sizeOf(commonRanges(own, outer)) === sizeOf(own)
}

export function sizeOf(ranges: readonly AddressRange[]): bigint {
  return ranges.reduce((sum, { first, last }) => sum + last - first + 1n, 0n)
}

export function meetRanges(some: readonly AddressRange[], others: readonly AddressRange[]): boolean {
  return commonRanges(mergedRanges(some), mergedRanges(others)).length > 0
}

/** Whether a set has the whole internet of one family, or nearly: what is private or documentation may be left out. */
export function coversInternet(ranges: readonly AddressRange[]): boolean {
  const all = mergedRanges(ranges)
  return internetOf.some((part) => isWithinMerged(part, all))
}
