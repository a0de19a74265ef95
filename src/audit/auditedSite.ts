import { mergedRanges } from '../firewall/addresses.ts'
import type { AuditedSite } from '../firewall/audited.ts'
import { rangesOfPrefix } from '../firewall/rangesOfPrefix.ts'
import type { Site } from '../model/site.ts'
import { planFlows } from '../plan/planFlows.ts'

/** What findings want to know of a site: what is needed, and what is inside. */
export function auditedSite(site: Site): AuditedSite {
  const texts = [
    ...Object.values(site.hosts).flatMap(({ addresses }) => addresses),
    ...Object.values(site.networks).flatMap(({ prefixes }) => prefixes),
  ]
  return { cloud: site.cloud, planned: planFlows(site), inside: mergedRanges(texts.flatMap(rangesOfPrefix)) }
}
