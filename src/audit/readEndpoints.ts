import type { AddressRange } from '../firewall/addresses.ts'
import { mergedRanges } from '../firewall/addresses.ts'
import { rangesOfPrefix } from '../firewall/rangesOfPrefix.ts'
import { membersOf } from '../model/membersOf.ts'

/** One set of Microsoft's list of endpoints: names that are served at addresses. */
export interface EndpointSet {
  /** In lower case, as the list has them: exact names and `*.x`. */
  readonly patterns: readonly string[]
  readonly addresses: readonly AddressRange[]
}

/**
 * Reads Microsoft's list of endpoints as its web service gives it: a list of sets with `urls` and, for some, `ips`
 * (https://learn.microsoft.com/microsoft-365/enterprise/microsoft-365-ip-web-service). Never throws.
 *
 * @returns the sets that have both; undefined for what is no such list
 */
export function readEndpoints(document: unknown): readonly EndpointSet[] | undefined {
  if (!Array.isArray(document) || document.length === 0) return undefined
  const sets: EndpointSet[] = []
  for (const entry of document) {
    const { urls, ips, serviceArea } = membersOf(entry)
    if (typeof serviceArea !== 'string') return undefined
    if (!Array.isArray(urls) || !Array.isArray(ips)) continue
    const ranges = ips.flatMap((prefix): AddressRange[] => {
      return typeof prefix === 'string' ? [...rangesOfPrefix(prefix)] : []
    })
    // A prefix that cannot be read leaves the set short: of such a set nothing is known.
    if (ranges.length !== ips.length || ranges.length === 0) continue
    sets.push({
      patterns: urls.filter((url) => typeof url === 'string').map((url) => url.toLowerCase()),
      addresses: mergedRanges(ranges),
    })
  }
  return sets
}
