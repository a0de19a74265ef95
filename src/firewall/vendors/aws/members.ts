import type { Addresses, AddressRange } from '../../addresses.ts'
import {
  addressesOf,
  commonRanges,
  everyAddress,
  mergedRanges,
  rangesWithout,
  unknownAddresses,
} from '../../addresses.ts'
import type { ReadingHints } from '../../reader.ts'
import type { Estate, Peer } from './estate.ts'

/** Whom rules, groups and lists stand for, as far as the files and the user say it. */
export interface Members {
  /** Addresses of a rule's far end. */
  readonly peer: (peer: Peer) => Addresses
  /** Where a group is attached; `undefined` where no file and no user says anything about any group. */
  readonly attached: (group: string) => {
    readonly sure: readonly AddressRange[]
    readonly shared: readonly AddressRange[]
  }
  /** Addresses of cards of which all groups are known. */
  readonly settled: readonly AddressRange[]
  readonly isAnythingKnown: boolean
}

export function membersOf(estate: Estate, hints: ReadingHints): Members {
  const owners = new Map<string, Set<string>>()
  const byGroup = new Map<string, { privately: AddressRange[]; publicly: AddressRange[] }>()
  for (const card of estate.cards.values()) {
    const vpc = estate.subnets.get(card.subnet ?? '')?.vpc ?? card.subnet ?? card.id
    const key = (card.groups ?? []).toSorted().join(' ')
    for (const range of card.privately) {
      const at = `${range.family}/${range.first}`
      const known = owners.get(at)
      if (known === undefined) owners.set(at, new Set([`${vpc} ${key}`]))
      else known.add(`${vpc} ${key}`)
    }
    for (const group of card.groups ?? []) {
      const found = byGroup.get(group) ?? { privately: [], publicly: [] }
      found.privately.push(...card.privately)
      found.publicly.push(...card.publicly)
      byGroup.set(group, found)
    }
  }
  // Two networks may use one address, and then nobody knows which of its cards is meant.
  const shared = mergedRanges(
    [...estate.cards.values()].flatMap(({ privately }) =>
      privately.filter(({ family, first }) => (owners.get(`${family}/${first}`)?.size ?? 0) > 1),
    ),
  )
  const hinted = (group: string): readonly AddressRange[] => [
    ...(hints.places[group] ?? []),
    ...(hints.places[estate.groups.get(group)?.name ?? group] ?? []),
  ]
  const settled = mergedRanges(
    [...estate.cards.values()].flatMap(({ groups, privately, publicly }) =>
      groups === undefined ? [] : [...privately, ...publicly],
    ),
  )
  return {
    settled,
    isAnythingKnown: estate.cards.size > 0 || [...estate.groups.keys()].some((group) => hinted(group).length > 0),
    attached: (group) => {
      const { privately, publicly } = byGroup.get(group) ?? { privately: [], publicly: [] }
      const all = mergedRanges([...privately, ...publicly, ...hinted(group)])
      return { sure: rangesWithout(all, shared), shared: commonRanges(all, shared) }
    },
    peer: (peer) => {
      switch (peer.kind) {
        case 'addresses':
          return peer.addresses
        case 'list':
          return addressesOfList(peer.list, estate, hints)
        case 'group': {
          // A rule that names a group means the private addresses of its cards, never their public ones.
          const ranges = mergedRanges([...(byGroup.get(peer.group)?.privately ?? []), ...hinted(peer.group)])
          return ranges.length > 0 && !peer.isForeign ? addressesOf(ranges) : groupUnknown(peer.group, ranges, estate)
        }
        default:
          return peer satisfies never
      }
    },
  }
}

function groupUnknown(group: string, hinted: readonly AddressRange[], estate: Estate): Addresses {
  if (hinted.length > 0) return addressesOf(hinted)
  const known = estate.groups.get(group)
  if (known === undefined) {
    return unknownAddresses({
      kind: 'reference',
      what: `which machines are in the security group ${group}, which is not in the files`,
    })
  }
  const what = `which machines are in the security group ${titleOf(known)}`
  return unknownAddresses({ kind: 'place', what })
}

/** `web (sg-0a1b)`, or the id where it has no name. */
export function titleOf({ id, name }: { readonly id: string; readonly name: string }): string {
  return name === id ? id : `${name} (${id})`
}

export function addressesOfList(id: string, estate: Estate, hints: ReadingHints): Addresses {
  const list = estate.lists.get(id)
  const ranges = list?.entries ?? hints.places[id] ?? hints.places[list?.name ?? id]
  if (ranges !== undefined) return addressesOf(ranges)
  const title = list === undefined ? id : titleOf(list)
  if (list?.isAws === true) {
    return unknownAddresses({ kind: 'tag', what: `the addresses of AWS's prefix list ${title}`, tag: list.name })
  }
  return unknownAddresses({
    kind: 'reference',
    what: `the entries of the prefix list ${title}, which are not in the files`,
  })
}

/** Everything but some ranges. */
export function allBut(ranges: readonly AddressRange[]): readonly AddressRange[] {
  return rangesWithout(everyAddress().sure, mergedRanges(ranges))
}
