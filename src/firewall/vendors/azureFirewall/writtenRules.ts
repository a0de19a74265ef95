import { inFamily, intervalTexts } from '../../writing/addressTexts.ts'
import { nameOf, ownNames } from '../../writing/plainText.ts'
import { portTexts } from '../../writing/portTexts.ts'
import { ruleComment } from '../../writing/ruleComment.ts'
import type { RuleToWrite, SaidEnd } from '../../writing/rulesToWrite.ts'

/** One rule of a policy, in the words of ARM; every other form is rendered from it. */
export type PolicyRule = {
  readonly name: string
  readonly description: string
  readonly sources: readonly string[]
} & (
  | {
      readonly kind: 'application'
      readonly protocols: readonly { readonly type: 'Http' | 'Https'; readonly port: number }[]
      readonly names: readonly string[]
    }
  | {
      readonly kind: 'network'
      readonly protocol: 'TCP' | 'UDP' | 'ICMP'
      /** Addresses, prefixes, ranges or a service tag; empty where names are said. */
      readonly destinations: readonly string[]
      readonly names: readonly string[]
      readonly ports: readonly string[]
    }
)

/** Rules of one kind that do one thing. */
export interface RuleCollection {
  readonly name: string
  readonly kind: PolicyRule['kind']
  readonly action: 'Allow' | 'Deny'
  /** 100 to 65000. */
  readonly priority: number
  readonly rules: readonly PolicyRule[]
}

const longestDescription = 400
const longestName = 80

/** Ports at which the firewall reads a name by itself: of HTTP from its Host field, of TLS from the client's hello. */
const readAt: Readonly<Record<number, 'Http' | 'Https'>> = { 80: 'Http', 443: 'Https' }

/** Whether an application rule can say it. */
export function isRead({ transport, ports }: Pick<RuleToWrite, 'transport' | 'ports'>): boolean {
  return transport === 'tcp' && ports.every(({ first, last }) => first === last && readAt[first] !== undefined)
}

/**
 * The collections of one group. Network rules are asked before application rules whatever their priority; the last one
 * denies all names, so that those that the firewall lets out by itself are closed as well (Microsoft Learn: *Infrastructure
 * FQDNs for Azure Firewall*).
 */
export function ruleCollections(
  closed: readonly RuleToWrite[],
  rules: readonly RuleToWrite[],
): readonly RuleCollection[] {
  const own = ownNames(longestName)
  const written = (some: readonly RuleToWrite[], does: string): readonly PolicyRule[] =>
    some.flatMap((rule) => ruleOf(rule, own(nameOf(`${does}${rule.id}`, '-', longestName))))
  const [denials, allows] = [written(closed, ''), written(rules, 'allow-')]
  const of = (some: readonly PolicyRule[], kind: PolicyRule['kind']): readonly PolicyRule[] =>
    some.filter((rule) => rule.kind === kind)
  const collections: readonly RuleCollection[] = [
    { name: 'closed-network', kind: 'network', action: 'Deny', priority: 100, rules: of(denials, 'network') },
    { name: 'network', kind: 'network', action: 'Allow', priority: 200, rules: of(allows, 'network') },
    { name: 'closed-names', kind: 'application', action: 'Deny', priority: 300, rules: of(denials, 'application') },
    { name: 'names', kind: 'application', action: 'Allow', priority: 400, rules: of(allows, 'application') },
    { name: 'all-other-names', kind: 'application', action: 'Deny', priority: 65_000, rules: [allNames] },
  ]
  return collections.filter((collection) => collection.rules.length > 0)
}

const allNames: PolicyRule = {
  kind: 'application',
  name: 'deny-all-other-names',
  description: 'What no rule above lists is not asked for by the plan, names of the platform among it',
  sources: ['*'],
  protocols: [
    { type: 'Http', port: 80 },
    { type: 'Https', port: 443 },
  ],
  names: ['*'],
}

function ruleOf(rule: RuleToWrite, name: string): readonly PolicyRule[] {
  const { from, to, transport, ports, permits } = rule
  const told = { name, description: ruleComment(permits, longestDescription), sources: wordsOf(from) }
  const destinations = wordsOf(to)
  const names = to.kind === 'names' ? to.names : []
  if (told.sources.length === 0 || (destinations.length === 0 && names.length === 0)) return []
  if (names.length > 0 && isRead(rule)) {
    const protocols = ports.flatMap(({ first }) => {
      const type = readAt[first]
      return type === undefined ? [] : [{ type, port: first }]
    })
    return [{ ...told, kind: 'application', protocols, names }]
  }
  const protocol = ({ tcp: 'TCP', udp: 'UDP', icmp: 'ICMP' } as const)[transport]
  return [
    {
      ...told,
      kind: 'network',
      protocol,
      destinations,
      names,
      ports: ports.length === 0 ? ['*'] : portTexts(ports),
    },
  ]
}

function wordsOf(end: SaidEnd): readonly string[] {
  switch (end.kind) {
    case 'tag':
      return [end.tag]
    case 'prefixes':
      return intervalTexts(inFamily(end.ranges, 4))
    case 'names':
      return []
    default:
      return end satisfies never
  }
}
