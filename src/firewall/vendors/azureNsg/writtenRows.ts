import type { Permit } from '../../permit.ts'
import { cidrTexts, inFamily } from '../../writing/addressTexts.ts'
import { nameOf, ownNames } from '../../writing/plainText.ts'
import { portTexts } from '../../writing/portTexts.ts'
import { ruleComment } from '../../writing/ruleComment.ts'
import type { RuleToWrite, SaidEnd } from '../../writing/rulesToWrite.ts'

/** One security rule, in ARM's words; every other form is rendered from it. */
export interface SecurityRow {
  readonly name: string
  readonly description: string
  readonly priority: number
  readonly direction: 'Inbound' | 'Outbound'
  readonly access: 'Allow' | 'Deny'
  readonly protocol: 'Tcp' | 'Udp' | 'Icmp' | '*'
  /** Prefixes, or one service tag, or `*` alone. */
  readonly sources: readonly string[]
  readonly destinations: readonly string[]
  /** `443`, `1024-65535`, or `*` alone. */
  readonly ports: readonly string[]
}

/** What Azure takes of a description (REST: SecurityRulePropertiesFormat). */
const longestDescription = 140
const longestName = 80
/** The first and last priority that rules of one's own have. */
const [firstPriority, lastPriority] = [100, 4096]
/** So much is left between two rules, for those that come later. */
const usualGap = 10

const protocols = { tcp: 'Tcp', udp: 'Udp', icmp: 'Icmp' } as const

/** Rows for one group: what has to stay closed first, then what is let pass, and the rest of each direction denied last. */
export function securityRows(closed: readonly RuleToWrite[], rules: readonly RuleToWrite[]): readonly SecurityRow[] {
  const own = ownNames(longestName)
  const rows = [
    ...closed.flatMap((rule) => rowsOf(rule, 'Deny', own)),
    ...rules.flatMap((rule) => rowsOf(rule, 'Allow', own)),
  ]
  const gap = Math.max(1, Math.min(usualGap, Math.floor((lastPriority - firstPriority - 2) / Math.max(1, rows.length))))
  const directions = (['Inbound', 'Outbound'] as const).filter((way) => rows.some(({ direction }) => direction === way))
  return [
    ...rows.map((row, at) => ({ ...row, priority: firstPriority + at * gap })),
    // Azure's own rules would let everything out, and all of the virtual network in.
    ...(directions.length === 0 ? (['Outbound'] as const) : directions).map(
      (direction): SecurityRow => ({
        name: own(`deny-all-${direction.toLowerCase()}`),
        description: 'What no rule above lists is not asked for by the plan',
        priority: lastPriority,
        direction,
        access: 'Deny',
        protocol: '*',
        sources: ['*'],
        destinations: ['*'],
        ports: ['*'],
      }),
    ),
  ]
}

/** Rules are of one family: Azure takes no prefixes of both in one. */
function rowsOf(rule: RuleToWrite, access: SecurityRow['access'], own: (wanted: string) => string): SecurityRow[] {
  const families = ([4, 6] as const).filter((family) => carries(rule, family))
  return families.map((family) => ({
    name: own(nameOf(`${access === 'Deny' ? '' : 'allow-'}${rule.id}${family === 6 ? '-v6' : ''}`, '-', longestName)),
    description: ruleComment(rule.permits, longestDescription),
    priority: firstPriority,
    direction: rule.passage === 'input' ? 'Inbound' : 'Outbound',
    access,
    protocol: protocols[rule.transport],
    sources: wordsOf(rule.from, family),
    destinations: wordsOf(rule.to, family),
    ports: rule.ports.length === 0 ? ['*'] : portTexts(rule.ports),
  }))
}

function carries({ from, to, transport }: RuleToWrite, family: 4 | 6): boolean {
  // Of ICMP over IPv6 Azure says that network security groups do not support it.
  if (transport === 'icmp' && family === 6) return false
  return wordsOf(from, family).length > 0 && wordsOf(to, family).length > 0
}

function wordsOf(end: SaidEnd, family: 4 | 6): readonly string[] {
  switch (end.kind) {
    case 'tag':
      return inFamily(end.ranges, family).length > 0 ? [end.tag] : []
    case 'prefixes':
      return cidrTexts(inFamily(end.ranges, family))
    case 'names':
      return []
    default:
      return end satisfies never
  }
}

/** Whether a permit is one that the protocol `Icmp` cannot carry as a whole. */
export function isEchoOverIpv6({ transport, from, to }: Permit): boolean {
  return transport === 'icmp' && inFamily(from.ranges, 6).length > 0 && inFamily(to.ranges, 6).length > 0
}
