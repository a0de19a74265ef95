import { parseAddress, parseCidr } from '../model/cidr.ts'
import { membersOf } from '../model/membersOf.ts'

/** Addresses of one family that belong together: first and last, both in. */
interface Range {
  readonly first: bigint
  readonly last: bigint
}

/** By family, sorted, and none over another. */
type Tag = Readonly<Record<4 | 6, readonly Range[]>>

/** Prefixes of one file that are read; the largest that Microsoft published has some 100,000. */
const mostPrefixes = 1_000_000

/**
 * Microsoft's published address ranges by service tag, as one of the weekly files has them.
 * https://learn.microsoft.com/azure/virtual-network/service-tags-overview#discover-service-tags-by-using-downloadable-json-files
 */
export class ServiceTags {
  readonly #tags: ReadonlyMap<string, Tag>
  /** Counts up with each file of a cloud. */
  readonly changeNumber: number
  /** Prefixes that could not be read, and are of no tag. */
  readonly unread: number

  private constructor(tags: ReadonlyMap<string, Tag>, changeNumber: number, unread: number) {
    this.#tags = tags
    this.changeNumber = changeNumber
    this.unread = unread
  }

  /** How many tags there are. */
  get size(): number {
    return this.#tags.size
  }

  /** @returns undefined for what is no such file; never throws */
  static read(document: unknown): ServiceTags | undefined {
    const { values, changeNumber } = membersOf(document)
    if (!Array.isArray(values) || typeof changeNumber !== 'number') return undefined
    const tags = new Map<string, Tag>()
    let unread = 0
    let left = mostPrefixes
    for (const value of values) {
      const { name, properties } = membersOf(value)
      const { addressPrefixes } = membersOf(properties)
      if (typeof name !== 'string' || !Array.isArray(addressPrefixes)) return undefined
      const ranges = { 4: [] as Range[], 6: [] as Range[] }
      for (const prefix of addressPrefixes.slice(0, left)) {
        const parsed = typeof prefix === 'string' ? parseCidr(prefix) : undefined
        if (parsed === undefined || !('ok' in parsed)) unread += 1
        else {
          const { family, first, prefixLength } = parsed.ok
          const size = 1n << BigInt((family === 4 ? 32 : 128) - prefixLength)
          ranges[family].push({ first, last: first + size - 1n })
        }
      }
      left -= addressPrefixes.length
      if (left < 0) return undefined
      tags.set(name.toLowerCase(), { 4: merged(ranges[4]), 6: merged(ranges[6]) })
    }
    return tags.size === 0 ? undefined : new ServiceTags(tags, changeNumber, unread)
  }

  /** Whether the file has a tag, such as `AzureActiveDirectory` or `Storage.WestEurope`, in whatever letter case. */
  has(tag: string): boolean {
    return this.#tags.has(tag.toLowerCase())
  }

  /**
   * The address ranges of a tag, by family and first address, none over or beside another.
   *
   * @returns undefined for a tag that the file does not have
   */
  ranges(tag: string): readonly (Range & { readonly family: 4 | 6 })[] | undefined {
    const known = this.#tags.get(tag.toLowerCase())
    if (known === undefined) return undefined
    return ([4, 6] as const).flatMap((family) => known[family].map(({ first, last }) => ({ family, first, last })))
  }

  /**
   * Whether an address is in the ranges of a tag.
   *
   * @param address as text; what is none is in no range
   * @returns undefined for a tag that the file does not have
   */
  contains(tag: string, address: string): boolean | undefined {
    const known = this.#tags.get(tag.toLowerCase())
    if (known === undefined) return undefined
    const read = parseAddress(address)
    return read !== undefined && isIn(known[read.family], read.value)
  }
}

/** Sorted, with those that touch or lie over each other as one. */
function merged(ranges: readonly Range[]): readonly Range[] {
  const sorted = ranges.toSorted((one, other) => (one.first < other.first ? -1 : one.first > other.first ? 1 : 0))
  const kept: Range[] = []
  for (const range of sorted) {
    const before = kept.at(-1)
    if (before === undefined || range.first > before.last + 1n) kept.push(range)
    else if (range.last > before.last) kept[kept.length - 1] = { first: before.first, last: range.last }
  }
  return kept
}

function isIn(ranges: readonly Range[], value: bigint): boolean {
  let [low, high] = [0, ranges.length - 1]
  while (low <= high) {
    const middle = (low + high) >> 1
    const { first, last } = ranges[middle] ?? { first: 0n, last: -1n }
    if (value < first) high = middle - 1
    else if (value > last) low = middle + 1
    else return true
  }
  return false
}
