import type { Addresses, AddressRange } from '../addresses.ts'
import { mergedRanges } from '../addresses.ts'

/** Addresses on which the same items bear: those that surely do, and those of which nobody knows. */
export interface Attachment<Item> {
  readonly ranges: readonly AddressRange[]
  readonly sure: readonly Item[]
  readonly possible: readonly Item[]
}

/** Bearings that are told apart at most: items times the ends of their ranges. A file of some megabytes has a hundredth. */
const mostBearings = 20_000_000

/**
 * Divides all addresses by which items (security groups, policies) bear on them, so that each part can have a stage of
 * its own: a union of allows is no union where one stage would deny before the other is asked. Parts on which the same
 * items bear are one; a part on which none bears is left out. In time that grows with the ranges and the parts' items;
 * where that is beyond measure, every item is a possible one of all their addresses.
 */
export function attachmentsOf<Item>(
  items: readonly { readonly item: Item; readonly addresses: Addresses }[],
): readonly Attachment<Item>[] {
  interface Edge {
    readonly family: 4 | 6
    readonly at: bigint
    readonly index: number
    readonly isSure: boolean
    readonly by: 1 | -1
  }
  const edges: Edge[] = []
  for (const [index, { addresses }] of items.entries()) {
    const add = (ranges: readonly AddressRange[], isSure: boolean): void => {
      for (const { family, first, last } of ranges) {
        edges.push({ family, at: first, index, isSure, by: 1 }, { family, at: last + 1n, index, isSure, by: -1 })
      }
    }
    add(mergedRanges(addresses.sure), true)
    add(mergedRanges(addresses.possible.flatMap(({ within }) => within)), false)
  }
  if (edges.length * items.length > mostBearings) {
    const reach = items.flatMap(({ addresses: { sure, possible } }) => [
      ...sure,
      ...possible.flatMap(({ within }) => within),
    ])
    return [{ ranges: mergedRanges(reach), sure: [], possible: items.map(({ item }) => item) }]
  }
  edges.sort((a, b) => a.family - b.family || (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
  const parts = new Map<string, { ranges: AddressRange[]; sure: Item[]; possible: Item[] }>()
  const sure = new Set<number>()
  const possible = new Set<number>()
  for (let at = 0; at < edges.length; ) {
    const { family, at: first } = edges[at] as Edge
    for (let edge = edges[at]; edge?.family === family && edge.at === first; edge = edges[at]) {
      const bearing = edge.isSure ? sure : possible
      if (edge.by === 1) bearing.add(edge.index)
      else bearing.delete(edge.index)
      at += 1
    }
    const next = edges[at]
    if (next === undefined || next.family !== family || sure.size + possible.size === 0) continue
    const certain = [...sure].toSorted((a, b) => a - b)
    const perhaps = [...possible].filter((index) => !sure.has(index)).toSorted((a, b) => a - b)
    const key = `${certain.join(',')}?${perhaps.join(',')}`
    const itemsAt = (indices: readonly number[]): Item[] => indices.flatMap((index) => items[index]?.item ?? [])
    const part = parts.get(key) ?? { ranges: [], sure: itemsAt(certain), possible: itemsAt(perhaps) }
    part.ranges.push({ family, first, last: next.at - 1n })
    parts.set(key, part)
  }
  return [...parts.values()].map((part) => ({ ...part, ranges: mergedRanges(part.ranges) }))
}
