import type { Condition } from '../catalog/index.ts'
import { factRows } from '../catalog/index.ts'
import type { Feature } from '../model/feature.ts'
import type { Fact, Site } from '../model/site.ts'
import { isPlayed } from './endsOf.ts'

/** What a row's condition comes to for one site and one host that would open the flow. */
export type Need =
  | { readonly holds: 'yes' | 'unknown'; readonly features: readonly Feature[]; readonly unsettled: readonly Fact[] }
  | { readonly holds: 'no' }

/**
 * Settles one fact: by the site file's own word first, then by what the rest of the file implies, then by the
 * catalog's default.
 *
 * @param from the host that would open the flow: whether a proxy is used is a question about one host
 */
export function factOf(site: Site, fact: Fact, from: string): boolean | 'unknown' {
  const said = site.facts[fact]
  if (said !== undefined) return said
  switch (fact) {
    case 'outbound-proxy':
      return Object.values(site.proxies).some((proxy) => proxy.usedBy.includes(from))
    case 'multi-domain-forest':
      // A forest named after another domain has at least two; one name for both does not exclude child domains.
      return site.forest !== undefined && site.domain !== undefined && site.forest !== site.domain ? true : 'unknown'
    case 'ad-fs-farm':
      // Nodes that share a SQL Server do not copy their configuration from each other.
      return (
        Object.values(site.hosts).filter((host) => host.roles.includes('adfs')).length > 1 &&
        site.facts['ad-fs-on-sql'] !== true
      )
    default:
      return factRows[fact].default
  }
}

/** Whether a row is needed at this site: one feature of every group, its cloud, all of its roles and all of its facts. */
export function conditionOf(site: Site, condition: Condition, from: string): Need {
  const isOn = (feature: Feature): boolean => site.features.includes(feature)
  if (!condition.features.every((group) => group.some(isOn))) return { holds: 'no' }
  if (!condition.clouds.includes(site.cloud)) return { holds: 'no' }
  if (!condition.roles.every(({ role, is }) => isPlayed(site, role) === (is === 'played'))) return { holds: 'no' }
  const unsettled: Fact[] = []
  for (const { fact, is } of condition.facts) {
    const value = factOf(site, fact, from)
    if (value === 'unknown') unsettled.push(fact)
    else if (value !== is) return { holds: 'no' }
  }
  const features = [...new Set(condition.features.flat().filter(isOn))]
  return { holds: unsettled.length > 0 ? 'unknown' : 'yes', features, unsettled }
}
