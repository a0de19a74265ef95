import type { Addresses } from '../../addresses.ts'
import { intersectionOf } from '../../addresses.ts'
import type { Match, Rule } from '../../ruleset.ts'
import type { Span } from '../../source.ts'
import type { Statements } from '../../text/statements.ts'
import type { Unknown } from '../../unknown.ts'
import { platformAddresses, probeAddresses } from '../azure/addressTexts.ts'
import type { AddressWords } from './addressLists.ts'
import type { SecurityGroup } from './securityGroups.ts'
import type { Direction, SecurityRule } from './securityRule.ts'
import { readSecurityRule } from './securityRule.ts'

/** Tag of packets that a security admin rule let past every group. */
export const alwaysAllowed = 'always allowed'

export const directions = ['Inbound', 'Outbound'] as const

/** The rules of a group in each direction, in the order of their priorities, the default ones behind. */
export function chainsOf(
  group: SecurityGroup,
  words: AddressWords,
  statements: Statements,
): Readonly<Record<Direction, readonly Rule[]>> {
  const read = group.rules.map(({ value, resource }) => {
    const doubts = resource === group.resource ? [] : resource.unknowns
    const rule = readSecurityRule(value, words, doubts)
    return { rule, span: value.span() }
  })
  const gaps = group.gaps.map(({ span, why }) => {
    statements.unread(span, why)
    return gapRule(span, why)
  })
  const doubled = new Set<SecurityRule>()
  const inOrder = Object.fromEntries(
    directions.map((direction) => {
      const own = ordered(read.map(({ rule }) => rule).filter((rule) => rule.directions.includes(direction)))
      return [direction, withTies(own, doubled)] as const
    }),
  )
  for (const { rule, span } of read) {
    const faults = doubled.has(rule) ? [...rule.faults, tieReason(rule)] : rule.faults
    if (faults.length === 0) statements.understood()
    else statements.unread(span, faults.join('; '))
  }
  const place = group.resource.span()
  const whole = (direction: Direction): readonly Rule[] => [
    ...(direction === 'Outbound' ? [platformRule(place, inOrder[direction] ?? [])] : []),
    ...gaps,
    ...(inOrder[direction] ?? []),
    ...(group.hasDefaults ? [] : defaultRules(direction, place, words)),
  ]
  return { Inbound: whole('Inbound'), Outbound: whole('Outbound') }
}

/** By priority; one whose priority nobody knows may come before any. */
export function ordered(rules: readonly SecurityRule[]): readonly SecurityRule[] {
  return rules.toSorted((a, b) => (a.priority ?? 0) - (b.priority ?? 0))
}

/** Of rules with one priority and one direction Azure takes one alone, and nobody knows which. */
function withTies(rules: readonly SecurityRule[], doubled: Set<SecurityRule>): readonly Rule[] {
  const byPriority = new Map<number, SecurityRule[]>()
  for (const rule of rules) {
    if (rule.priority === undefined) continue
    const others = byPriority.get(rule.priority)
    if (others === undefined) byPriority.set(rule.priority, [rule])
    else others.push(rule)
  }
  return rules.flatMap((rule) => {
    const tied = rule.priority === undefined ? [] : (byPriority.get(rule.priority) ?? [])
    // Those that every group has are Azure's own, and nobody wrote them.
    if ((rule.priority ?? 0) >= 65_000) return rule.rules.map((one) => ({ ...one, implied: true as const }))
    if (tied.length < 2) return rule.rules
    if (rule !== tied[0]) doubled.add(rule)
    const what = `which rule of priority ${rule.priority} Azure takes: it refuses two in one direction`
    return rule.rules.map((one) => ({ ...one, unknowns: [...one.unknowns, { kind: 'other' as const, what }] }))
  })
}

function tieReason({ priority }: SecurityRule): string {
  return `another rule of this direction has the priority ${priority} too, which Azure refuses`
}

function gapRule(span: Span, why: string): Rule {
  const because: Unknown = { kind: 'unread', what: `rules that were not understood: ${why}` }
  return { name: 'rules that are not known', span, match: {}, action: { kind: 'unknown' }, unknowns: [because] }
}

/**
 * DNS, DHCP and the metadata service of the host pass whatever the rules say, unless a rule names them by a tag of
 * their own (Microsoft Learn: *Network security groups*, Azure platform considerations).
 */
function platformRule(span: Span, rules: readonly Rule[]): Rule {
  const names = (rule: Rule): boolean =>
    rule.match.destination?.possible.some(({ because }) => /^AzurePlatform/i.test(because.tag ?? '')) === true
  const because: Unknown = { kind: 'other', what: 'the rules on tags of the Azure platform' }
  return {
    name: 'Azure platform',
    span,
    match: { destination: { sure: platformAddresses, possible: [] } },
    action: { kind: 'allow' },
    unknowns: rules.some(names) ? [because] : [],
    implied: true,
  }
}

/** What every group ends with (Microsoft Learn: *Network security groups*, default security rules). */
function defaultRules(direction: Direction, span: Span, { virtualNetwork, internet }: AddressWords): readonly Rule[] {
  const rule = (name: string, match: Match, kind: 'allow' | 'drop'): Rule => ({
    name,
    span,
    match,
    action: { kind },
    unknowns: [],
    implied: true,
  })
  const within: Match = { source: virtualNetwork, destination: virtualNetwork }
  if (direction === 'Inbound') {
    return [
      rule('AllowVnetInBound', within, 'allow'),
      rule('AllowAzureLoadBalancerInBound', { source: { sure: probeAddresses, possible: [] } }, 'allow'),
      rule('DenyAllInBound', {}, 'drop'),
    ]
  }
  return [
    rule('AllowVnetOutBound', within, 'allow'),
    rule('AllowInternetOutBound', { destination: internet }, 'allow'),
    rule('DenyAllOutBound', {}, 'drop'),
  ]
}

/** A rule in front of a group's own: what an admin rule always allows is not held against them. */
export function pastGroups(span: Span): Rule {
  return {
    name: 'what security admin rules always allow',
    span,
    match: { tagged: { tag: alwaysAllowed } },
    action: { kind: 'allow' },
    unknowns: [],
    implied: true,
  }
}

/** The match of a rule that holds only for machines of some networks. */
export function boundTo(match: Match, direction: Direction, networks: Addresses): Match {
  const side = direction === 'Inbound' ? 'destination' : 'source'
  const own = match[side]
  return { ...match, [side]: own === undefined ? networks : intersectionOf(own, networks) }
}
