import type { AddressRange } from '../../addresses.ts'
import { mergedRanges } from '../../addresses.ts'
import type { NotPermitted, Permit } from '../../permit.ts'
import { cidrTexts, inFamily, intervalTexts } from '../../writing/addressTexts.ts'
import type { HostRule } from '../../writing/hostRules.ts'
import { rangesOfEnd } from '../../writing/hostRules.ts'
import { nameOf, ownNames, plainText } from '../../writing/plainText.ts'
import { ruleComment } from '../../writing/ruleComment.ts'

/** A customer-managed prefix list, as `describe-prefix-lists` shows one. */
export interface WrittenList {
  readonly PrefixListId: string
  readonly PrefixListName: string
  readonly Cidrs: readonly string[]
  readonly family: 4 | 6
  readonly about: string
}

/** One rule as EC2 counts them: one far end at one range of ports. */
export interface WrittenRule {
  readonly isEgress: boolean
  readonly protocol: 'tcp' | 'udp' | 'icmp' | 'icmpv6'
  /** Ports, or type and code of ICMP. */
  readonly from: number
  readonly to: number
  readonly peer:
    | { readonly kind: 'CidrIp' | 'CidrIpv6'; readonly cidr: string }
    | { readonly kind: 'PrefixListId'; readonly list: WrittenList }
  readonly description: string
}

/** A security group of machines that are alike. */
export interface WrittenGroup {
  readonly id: string
  readonly name: string
  readonly description: string
  /** The machines that it is for. */
  readonly machines: readonly AddressRange[]
  readonly rules: readonly WrittenRule[]
}

export interface WrittenGroups {
  readonly groups: readonly WrittenGroup[]
  readonly lists: readonly WrittenList[]
  /** Rules that all groups together may not have. */
  readonly notSaid: readonly NotPermitted[]
  /** Groups that the usual quota does not let be made. */
  readonly heavy: readonly { readonly group: string; readonly weight: number }[]
}

/** Characters of descriptions (EC2 API reference: IpRange), and the signs that they take are more than are written. */
const longestDescription = 255
/** From so many prefixes of one family on they stand in a list. */
const manyPrefixes = 6
/** `create-managed-prefix-list` takes so many entries at once. */
const mostEntries = 100
/** Rules of one direction and family that a group has by the usual quota, and that all groups of a card have at most. */
const usualQuota = 60
const mostRules = 1000

/**
 * Security groups for rules: machines with the same addresses share one. The same far end at the same ports is one rule,
 * whatever it is for: EC2 refuses a second.
 */
export function writtenGroups(rules: readonly HostRule[], site: string): WrittenGroups {
  const lists = prefixLists(site)
  const ownName = ownNames(60)
  const notSaid: NotPermitted[] = []
  const heavy: { group: string; weight: number }[] = []
  const byMachines = Map.groupBy(rules, ({ near }) => intervalTexts(mergedRanges(rangesOfEnd(near))).join())
  const groups = [...byMachines.values()].map((own): WrittenGroup => {
    const [first] = own
    const name = ownName(nameOf(`postern ${site} ${first?.machine ?? ''}`, '-'))
    const entries = new Map<string, Entry>()
    const weights = new Map<string, number>()
    for (const rule of own) {
      const made = entriesOf(rule, lists.listOf)
      const fresh = made.filter(({ key }) => !entries.has(key))
      const after = added(weights, fresh)
      if (Math.max(0, ...after.values()) > mostRules) {
        notSaid.push(...tooMany(rule))
        continue
      }
      for (const [way, weight] of after) weights.set(way, weight)
      for (const entry of made) {
        const before = entries.get(entry.key)
        entries.set(entry.key, { ...entry, permits: [...(before?.permits ?? []), ...entry.permits] })
      }
    }
    const weight = Math.max(0, ...weights.values())
    if (weight > usualQuota) heavy.push({ group: name, weight })
    const told = [...entries.values()].map(({ rule, permits }): WrittenRule => {
      return { ...rule, description: ruleComment(permits, longestDescription) }
    })
    return {
      id: `sg-${name}`,
      name,
      description: plainText(
        `Postern ${plainText(site, 60)}: what ${plainText(first?.machine ?? '', 60)} needs`,
        longestDescription,
      ),
      machines: mergedRanges(own.flatMap(({ near }) => rangesOfEnd(near))),
      rules: told,
    }
  })
  const used = new Set(
    groups.flatMap((group) => group.rules.flatMap(({ peer }) => (peer.kind === 'PrefixListId' ? peer.list : []))),
  )
  return { groups, lists: lists.all().filter((list) => used.has(list)), notSaid, heavy }
}

interface Entry {
  readonly key: string
  /** Direction and family, which are counted apart. */
  readonly way: string
  /** A reference to a list counts as all that the list can hold. */
  readonly weight: number
  readonly rule: Omit<WrittenRule, 'description'>
  readonly permits: readonly Permit[]
}

type ListOf = (ranges: readonly AddressRange[], family: 4 | 6, about: string) => readonly WrittenList[]

function entriesOf(rule: HostRule, listOf: ListOf): readonly Entry[] {
  const isEgress = rule.passage === 'output'
  const { far } = rule
  const ranges = mergedRanges(rangesOfEnd(far))
  const nearFamilies = new Set(rangesOfEnd(rule.near).map(({ family }) => family))
  return ([4, 6] as const).flatMap((family) => {
    const own = inFamily(ranges, family)
    // A machine without an address of the family never meets the rule.
    if (own.length === 0 || (nearFamilies.size > 0 && !nearFamilies.has(family))) return []
    const texts = cidrTexts(own)
    const about =
      far.kind === 'prefixes' && far.source !== undefined ? `${far.source}, as of ${far.asOf ?? '?'}` : rule.id
    const peers: readonly WrittenRule['peer'][] =
      texts.length < manyPrefixes
        ? texts.map((cidr) => ({ kind: family === 4 ? 'CidrIp' : 'CidrIpv6', cidr }))
        : listOf(own, family, about).map((list) => ({ kind: 'PrefixListId', list }))
    return trafficOf(rule, family).flatMap((traffic) =>
      peers.map((peer): Entry => {
        const end = peer.kind === 'PrefixListId' ? peer.list.PrefixListId : peer.cidr
        return {
          key: JSON.stringify([isEgress, traffic, end]),
          way: `${isEgress} ${family}`,
          weight: peer.kind === 'PrefixListId' ? peer.list.Cidrs.length : 1,
          rule: { isEgress, ...traffic, peer },
          permits: rule.permits,
        }
      }),
    )
  })
}

function trafficOf(
  { transport, ports }: HostRule,
  family: 4 | 6,
): readonly Pick<WrittenRule, 'protocol' | 'from' | 'to'>[] {
  if (transport !== 'icmp') return ports.map(({ first, last }) => ({ protocol: transport, from: first, to: last }))
  // Echo request, code 0 (RFC 792, RFC 4443 §4.1).
  return [family === 4 ? { protocol: 'icmp', from: 8, to: 0 } : { protocol: 'icmpv6', from: 128, to: 0 }]
}

function added(weights: ReadonlyMap<string, number>, entries: readonly Entry[]): ReadonlyMap<string, number> {
  const after = new Map(weights)
  for (const { way, weight } of new Map(entries.map((entry) => [entry.key, entry])).values()) {
    after.set(way, (after.get(way) ?? 0) + weight)
  }
  return after
}

function tooMany({ permits, machine }: HostRule): readonly NotPermitted[] {
  const who = plainText(machine, 60)
  const why = `with it the security groups of ${who} would have more than the ${mostRules} rules that a network interface can have`
  const instead = 'let it go through a proxy, or through AWS Network Firewall, whose rules take names'
  return permits.flatMap(({ id, flows }) => flows.map((flow) => ({ flow, permit: id, why, instead })))
}

/** Lists by what is in them, in parts that one call can make. */
function prefixLists(site: string): { readonly listOf: ListOf; readonly all: () => readonly WrittenList[] } {
  const known = new Map<string, readonly WrittenList[]>()
  const own = ownNames(60)
  return {
    listOf: (ranges, family, about) => {
      const texts = cidrTexts(ranges)
      const key = texts.join()
      const before = known.get(key)
      if (before !== undefined) return before
      const count = Math.ceil(texts.length / mostEntries)
      const made = Array.from({ length: count }, (_, at): WrittenList => {
        const name = own(nameOf(`postern ${nameOf(site, '-', 24)} ${nameOf(about, '-', 24)} v${family}`, '-'))
        const Cidrs = texts.slice(at * mostEntries, (at + 1) * mostEntries)
        return {
          PrefixListId: `pl-${name}`,
          PrefixListName: name,
          Cidrs,
          family,
          about: plainText(about, longestDescription),
        }
      })
      known.set(key, made)
      return made
    },
    all: () => [...known.values()].flat(),
  }
}
