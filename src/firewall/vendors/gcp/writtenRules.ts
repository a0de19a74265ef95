import type { AddressRange } from '../../addresses.ts'
import { mergedRanges } from '../../addresses.ts'
import { cidrTexts, inFamily, intervalTexts } from '../../writing/addressTexts.ts'
import type { HostRule } from '../../writing/hostRules.ts'
import { rangesOfEnd } from '../../writing/hostRules.ts'
import { nameOf, ownNames } from '../../writing/plainText.ts'
import { portTexts } from '../../writing/portTexts.ts'
import { ruleComment } from '../../writing/ruleComment.ts'

/** Protocol and ports, as `firewalls` of the Compute Engine API has them. */
export interface WrittenTraffic {
  readonly IPProtocol: string
  readonly ports?: readonly string[]
}

/** A firewall rule of a VPC network, as `gcloud compute firewall-rules list --format json` shows it. */
export interface WrittenRule {
  readonly kind: 'compute#firewall'
  readonly name: string
  readonly description: string
  readonly network: string
  readonly direction: 'EGRESS' | 'INGRESS'
  readonly priority: number
  readonly targetTags: readonly string[]
  readonly destinationRanges?: readonly string[]
  readonly sourceRanges?: readonly string[]
  readonly allowed?: readonly WrittenTraffic[]
  readonly denied?: readonly WrittenTraffic[]
  readonly disabled: false
}

/** Machines that are alike, and the network tag by which rules know them. */
export interface TaggedMachines {
  readonly tag: string
  readonly machines: readonly AddressRange[]
}

export interface WrittenRules {
  readonly rules: readonly WrittenRule[]
  readonly tags: readonly TaggedMachines[]
}

/** What stands for the network of the user's own, of which no site file knows the name. */
export const anyNetwork = 'global/networks/NETWORK'

/** Denials before allows, both before rules of the usual priority 1000, and what is left before the implied allow of 65535. */
const priorities = { denial: 800, allow: 900, rest: 65534 } as const
/** A rule takes so many ranges and target tags at most, and a description so many characters (VPC quotas; firewalls API). */
const mostRanges = 256
const mostTags = 70
const longestDescription = 1000

/**
 * Rules of a VPC network. A rule has ranges of one family; it is for the machines with its tag; and since everything may
 * go out by itself, what machines with outbound rules do not need is denied behind them.
 */
export function writtenRules(rules: readonly HostRule[], site: string): WrittenRules {
  const named = resourceNames()
  const tags = new Map<string, TaggedMachines>()
  const tagOf = ({ near, machine }: HostRule): TaggedMachines => {
    const machines = mergedRanges(rangesOfEnd(near))
    const key = intervalTexts(machines).join()
    const known = tags.get(key) ?? { tag: named(`postern ${site} ${machine}`), machines }
    tags.set(key, known)
    return known
  }
  const ownName = resourceNames()
  const written = rules.flatMap((rule) =>
    rowsOf(rule, tagOf(rule).tag, (end) => ownName(`postern ${site} ${rule.id}`, end)),
  )
  const opening = [
    ...new Set(rules.flatMap((rule) => (rule.passage === 'output' && !rule.isDenial ? [tagOf(rule).tag] : []))),
  ]
  const rest = chunks(opening, mostTags).flatMap((targetTags) =>
    (['0.0.0.0/0', '::/0'] as const).map((range): WrittenRule => {
      const name = ownName(`postern ${site} other egress`, range === '::/0' ? '-v6' : '-v4')
      return {
        ...{ kind: 'compute#firewall', name, description: 'what no rule above lets these machines open' },
        ...{ network: anyNetwork, direction: 'EGRESS', priority: priorities.rest, targetTags },
        ...{ destinationRanges: [range], denied: [{ IPProtocol: 'all' }], disabled: false },
      }
    }),
  )
  return { rules: [...written, ...rest], tags: [...tags.values()] }
}

function rowsOf(rule: HostRule, tag: string, named: (end: string) => string): readonly WrittenRule[] {
  const { near, far, passage, isDenial, permits } = rule
  const isEgress = passage === 'output'
  const families = new Set(rangesOfEnd(near).map(({ family }) => family))
  return ([4, 6] as const).flatMap((family) => {
    // A machine without an address of the family never meets the rule.
    if (families.size > 0 && !families.has(family)) return []
    return chunks(cidrTexts(inFamily(rangesOfEnd(far), family)), mostRanges).map((ranges): WrittenRule => {
      const traffic = [trafficOf(rule, family)]
      return {
        kind: 'compute#firewall',
        name: named(`-v${family}`),
        description: ruleComment(permits, longestDescription),
        network: anyNetwork,
        direction: isEgress ? 'EGRESS' : 'INGRESS',
        priority: isDenial ? priorities.denial : priorities.allow,
        targetTags: [tag],
        ...(isEgress ? { destinationRanges: ranges } : { sourceRanges: ranges }),
        ...(isDenial ? { denied: traffic } : { allowed: traffic }),
        disabled: false,
      }
    })
  })
}

/** ICMP of IPv6 has no name of its own there. Types cannot be told apart. */
function trafficOf({ transport, ports }: HostRule, family: 4 | 6): WrittenTraffic {
  if (transport === 'icmp') return { IPProtocol: family === 4 ? 'icmp' : '58' }
  return { IPProtocol: transport, ports: portTexts(ports) }
}

/** Names as RFC 1035 has labels: small letters, digits, hyphens, 63 at most, each once. */
function resourceNames(): (wanted: string, end?: string) => string {
  const own = ownNames(63)
  return (wanted, end = '') =>
    own(
      `${nameOf(wanted, '-', 63 - end.length)
        .toLowerCase()
        .replace(/-+$/, '')}${end}`,
    )
}

function chunks<Item>(items: readonly Item[], most: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / most) }, (_, at) => items.slice(at * most, (at + 1) * most))
}
