import { addressLists } from '../catalog/addressLists.ts'
import { rangesOfPrefix } from '../firewall/rangesOfPrefix.ts'
import type { Cloud } from '../model/cloud.ts'
import type { Table } from './knowledgeOf.ts'

/**
 * The lists that Postern brings with it, for a cloud, newest first: what is known of names and tags where nobody gave
 * newer ones. Each has the date of its own, which is told beside every flow that it settles.
 */
export function catalogTables(cloud: Cloud): readonly Table[] {
  return addressLists
    .filter(({ clouds }) => clouds.includes(cloud))
    .toSorted((a, b) => b.asOf.localeCompare(a.asOf))
    .flatMap(({ names, tag, prefixes, asOf }): readonly Table[] => {
      const ranges = prefixes.flatMap(rangesOfPrefix)
      const tags = { ranges: (name: string) => (name.toLowerCase() === tag?.toLowerCase() ? ranges : undefined) }
      return [
        ...(names.length === 0
          ? []
          : [{ kind: 'endpoints', asOf, sets: [{ patterns: names, addresses: ranges }] } as const]),
        ...(tag === undefined ? [] : [{ kind: 'service-tags', asOf, tags } as const]),
      ]
    })
}
