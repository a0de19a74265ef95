import { addressesOf, unknownAddresses } from '../../addresses.ts'
import type { Action, Match, Rule } from '../../ruleset.ts'
import type { Span } from '../../source.ts'
import { cidrRanges } from '../cidrRange.ts'
import type { PfRule } from './pfRule.ts'
import type { Way, Words } from './ruleOf.ts'
import { rulesOf } from './ruleOf.ts'

/** The tag of packets that a port forward lets pass by itself. */
export const passedByForward = 'postern: passed by its port forward'

/** What the products add to the rules of the file. */
export interface Implied {
  /** The root, where nothing nearer says it. */
  readonly span: Span
  /** IPv6 is switched off as a whole. */
  readonly isIpv6Off: boolean
  /** Ports of the firewall itself that the first inner interface always reaches, so that nobody locks himself out. */
  readonly lockout?: { readonly place: string; readonly ports: readonly number[] }
}

const privateUse = cidrRanges(
  '10.0.0.0/8',
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  'fc00::/7',
)
/** Reserved and never routed in public (RFC 6890); the list that is fetched every month has no more of IPv4. */
const bogons4 = cidrRanges(
  ...['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '192.0.0.0/24', '192.0.2.0/24', '198.18.0.0/15'],
  ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
)
const bogons6 = cidrRanges('2000::/3')

/**
 * The rules that a packet is held against in one direction. In pf the last rule that fits decides, unless one before it
 * is quick: all quick rules in their order, and then the others from the last to the first, have the same answers.
 */
export function filterChain(rules: readonly PfRule[], way: Way, words: Words, implied: Implied): readonly Rule[] {
  const ordered = [
    ...rules.filter(({ isFloating }) => isFloating),
    ...rules.filter((rule) => !rule.isFloating && isOfGroup(rule, words)),
    ...rules.filter((rule) => !rule.isFloating && !isOfGroup(rule, words)),
  ].filter(({ direction }) => direction === 'any' || direction === way)
  const made = ordered.map((rule) => ({ rule, rules: rulesOf(rule, way, words) }))
  const early = made.filter(({ rule }) => rule.isQuick || rule.type === 'match')
  const late = made.filter(({ rule }) => !rule.isQuick && rule.type !== 'match').toReversed()
  return [...firstOf(way, words, implied), ...early.flatMap((one) => one.rules), ...late.flatMap((one) => one.rules)]
}

function isOfGroup({ interfaces }: PfRule, { groups }: Words): boolean {
  return interfaces.some((name) => groups.has(name))
}

function firstOf(way: Way, { interfaces }: Words, { span, isIpv6Off, lockout }: Implied): readonly Rule[] {
  const rule = (name: string, match: Match, action: Action): Rule => ({
    ...{ name, span, match, action },
    unknowns: [],
    implied: true,
  })
  const off = isIpv6Off ? [rule('IPv6 is not allowed (ipv6allow)', { family: 6 }, { kind: 'drop' })] : []
  if (way === 'out') return off
  const self = addressesOf(interfaces.flatMap(({ own }) => own))
  const ports = (lockout?.ports ?? []).map((port) => ({ first: port, last: port }))
  const unlocked =
    lockout === undefined
      ? []
      : [
          rule(
            'anti-lockout rule',
            {
              in: { names: [lockout.place] },
              destination: self,
              protocols: [{ first: 6, last: 6 }],
              destinationPorts: ports,
            },
            { kind: 'allow' },
          ),
        ]
  const fetched = { kind: 'dynamic-set', what: 'the list of bogons, which is fetched every month' } as const
  const blocks = interfaces.flatMap(({ key, title, blocksPrivate, blocksBogons }) => {
    const into = { names: [key] }
    const bogons = { sure: bogons4, possible: unknownAddresses(fetched, bogons6).possible }
    return [
      ...(blocksBogons
        ? [rule(`block bogon networks of ${title}`, { in: into, source: bogons }, { kind: 'drop' })]
        : []),
      ...(blocksPrivate
        ? [rule(`block private networks of ${title}`, { in: into, source: addressesOf(privateUse) }, { kind: 'drop' })]
        : []),
    ]
  })
  const forwarded = rule('passed by its port forward', { tagged: { tag: passedByForward } }, { kind: 'allow' })
  return [...off, ...blocks, ...unlocked, forwarded]
}
