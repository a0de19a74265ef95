import { addressListOfTag, addressListsOf } from '../catalog/index.ts'
import type { AddressRange } from '../firewall/addresses.ts'
import { addressesOf, mergedRanges, rangesWithout } from '../firewall/addresses.ts'
import type { Knowledge } from '../firewall/judged.ts'
import type { PermitEnd } from '../firewall/permit.ts'
import { rangesOfPrefix } from '../firewall/rangesOfPrefix.ts'
import type { Cloud } from '../model/cloud.ts'

/** What is known of a name for a rule about it. */
type NamedEnd = Pick<PermitEnd, 'ranges' | 'tag' | 'asOf' | 'source'>

/** Knowledge that falls back to the lists that the catalog has of what Microsoft publishes. */
export interface PublishedKnowledge extends Knowledge {
  /** Addresses of a name with their list, and the service tag whose list has all of them. */
  readonly endOf: (name: string) => NamedEnd
  readonly tagEnd: (tag: string) => NamedEnd
}

/** Tags under which Azure's own firewalls know what the identity services are served at. */
const identityTags = ['AzureActiveDirectory', 'ServiceBus'] as const

/** What such a list is called that came from `--tags` or `--names`. */
const givenTable = 'the table that was given'

/**
 * What a plan's rules may say of names: the tables that were given and the site file first, else the lists of the
 * catalog, whose date goes with them.
 */
export function publishedKnowledge(given: Knowledge, cloud: Cloud): PublishedKnowledge {
  const known = new Map<string, NamedEnd>()
  const tagEnd = (tag: string): NamedEnd => {
    const table = given.tag(tag)
    if (table !== undefined && table.addresses.sure.length > 0) {
      return { ranges: table.addresses.sure, tag, asOf: table.asOf, source: givenTable }
    }
    const list = addressListOfTag(tag)
    if (list === undefined || !list.clouds.includes(cloud)) return { ranges: [] }
    return { ranges: rangesOf(list.prefixes), tag, asOf: list.asOf, source: list.source }
  }
  const lookUp = (name: string): NamedEnd => {
    const table = given.name(name)
    const [list] = addressListsOf(name, cloud)
    if (table !== undefined) {
      const asOf = /^\d{4}-\d\d-\d\d/.test(table.asOf) ? { asOf: table.asOf, source: givenTable } : {}
      return withTag({ ranges: table.addresses, ...asOf }, list?.tag)
    }
    if (list === undefined) return { ranges: [] }
    if (list.tag !== undefined) return tagEnd(list.tag)
    return withTag({ ranges: rangesOf(list.prefixes), asOf: list.asOf, source: list.source }, undefined)
  }
  // A tag may stand in a rule only where no address that the name has is outside of it.
  const withTag = (end: NamedEnd, own: string | undefined): NamedEnd => {
    if (end.asOf === undefined) return end
    const tags = own === undefined ? identityTags : [own, ...identityTags]
    const tag = tags.find((one) => {
      const { ranges } = tagEnd(one)
      return ranges.length > 0 && rangesWithout(end.ranges, ranges).length === 0
    })
    return tag === undefined ? end : { ...end, tag }
  }
  const endOf = (text: string): NamedEnd => {
    const name = text.toLowerCase().replace(/\.$/, '')
    const found = known.get(name) ?? lookUp(name)
    known.set(name, found)
    return found
  }
  return {
    endOf,
    tagEnd,
    name(text) {
      const { ranges, asOf } = endOf(text)
      return ranges.length === 0 ? undefined : { addresses: ranges, asOf: asOf ?? 'the site file' }
    },
    tag(text) {
      const { ranges, asOf = '' } = tagEnd(text)
      return ranges.length === 0 ? undefined : { addresses: addressesOf(ranges), asOf }
    },
  }
}

function rangesOf(prefixes: readonly string[]): readonly AddressRange[] {
  return mergedRanges(prefixes.flatMap(rangesOfPrefix))
}
