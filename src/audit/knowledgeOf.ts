import { matchesPattern } from '../catalog/index.ts'
import type { ServiceTags } from '../catalog/serviceTags.ts'
import type { AddressRange } from '../firewall/addresses.ts'
import { addressesOf, mergedRanges } from '../firewall/addresses.ts'
import type { Knowledge } from '../firewall/judged.ts'
import { parseAddress } from '../model/cidr.ts'
import type { Site } from '../model/site.ts'
import type { EndpointSet } from './readEndpoints.ts'
import type { NameTable } from './readNameTable.ts'

/** A table that was given, with the date of what it says (ISO 8601 date). */
export type Table = { readonly asOf: string } & (
  | { readonly kind: 'service-tags'; readonly tags: Pick<ServiceTags, 'ranges'> }
  | { readonly kind: 'endpoints'; readonly sets: readonly EndpointSet[] }
  | { readonly kind: 'names'; readonly names: Pick<NameTable, 'addresses'> }
)

/** Addresses of a name, with their date. */
type Named = NonNullable<ReturnType<Knowledge['name']>>

/**
 * What is known of tags and names: what the site file says of its own hosts, then what was looked up, then what
 * Microsoft publishes; of several tables of a kind the first that has it counts.
 */
export function knowledgeOf(tables: readonly Table[], site?: Pick<Site, 'hosts'>): Knowledge {
  const own = ownNames(site)
  const known = new Map<string, Named | undefined>()
  return {
    tag(name) {
      for (const table of tables) {
        const ranges = table.kind === 'service-tags' ? table.tags.ranges(name) : undefined
        if (ranges !== undefined) return { addresses: addressesOf(ranges), asOf: table.asOf }
      }
      return undefined
    },
    name(text) {
      const name = text.toLowerCase().replace(/\.$/, '')
      if (!known.has(name)) known.set(name, own.get(name) ?? lookedUp(name, tables) ?? published(name, tables))
      return known.get(name)
    },
  }
}

/** Its date is no date: the site file says what is so. */
const siteSays = 'the site file'

function ownNames(site: Pick<Site, 'hosts'> | undefined): ReadonlyMap<string, Named> {
  const named = new Map<string, Named>()
  for (const [key, { name, addresses }] of Object.entries(site?.hosts ?? {})) {
    const ranges = addresses.flatMap((text): AddressRange[] => {
      const address = parseAddress(text)
      return address === undefined ? [] : [{ family: address.family, first: address.value, last: address.value }]
    })
    if (ranges.length > 0) named.set((name ?? key).toLowerCase(), { addresses: mergedRanges(ranges), asOf: siteSays })
  }
  return named
}

function lookedUp(name: string, tables: readonly Table[]): Named | undefined {
  for (const table of tables) {
    const addresses = table.kind === 'names' ? table.names.addresses.get(name) : undefined
    if (addresses !== undefined) return { addresses, asOf: table.asOf }
  }
  return undefined
}

/** A name may stand in several sets of the list, by itself or under a pattern: it is served at the addresses of one of them. */
function published(name: string, tables: readonly Table[]): Named | undefined {
  for (const table of tables) {
    if (table.kind !== 'endpoints') continue
    const exact = table.sets.filter(({ patterns }) => patterns.includes(name))
    const meant =
      exact.length > 0 ? exact : table.sets.filter(({ patterns }) => patterns.some((one) => covers(one, name)))
    if (meant.length > 0) {
      return { addresses: mergedRanges(meant.flatMap(({ addresses }) => addresses)), asOf: table.asOf }
    }
  }
  return undefined
}

function covers(pattern: string, name: string): boolean {
  return pattern.includes('*') && !name.includes('*') && matchesPattern(pattern, name)
}
