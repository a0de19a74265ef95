import type { Addresses } from '../../addresses.ts'
import { outsideOf, unionOf } from '../../addresses.ts'
import type { Action, Match, Rule } from '../../ruleset.ts'
import type { Unknown } from '../../unknown.ts'
import type { AddressBooks } from './addressBooks.ts'
import type { Applications } from './applications.ts'
import { applicationsOf } from './applications.ts'
import type { Tree } from './tree.ts'

/**
 * Policies between two zones in their order, then global ones. The first that fits decides; what fits none is denied,
 * unless the default policy says otherwise.
 */
export function policyRules(tree: Tree, books: AddressBooks): readonly Rule[] {
  const known: Known = { books, applications: applicationsOf(tree) }
  const policies = tree.at('security', 'policies')
  const pairs = (policies?.below('from-zone') ?? []).flatMap(([from, zone]) =>
    zone
      .below('to-zone')
      .flatMap(([to, list]) =>
        list.below('policy').flatMap(([name, policy]) => rulesOf(name, policy, [from], [to], known)),
      ),
  )
  const global = (policies?.below('global', 'policy') ?? []).flatMap(([name, policy]) =>
    rulesOf(name, policy, policy.values('match', 'from-zone'), policy.values('match', 'to-zone'), known),
  )
  return [...pairs, ...global]
}

/** Conditions of a match that are addresses, ports or zones; everything else depends on more than a flow tells. */
const read = new Set(
  `source-address destination-address application from-zone to-zone source-address-excluded destination-address-excluded`.split(
    ' ',
  ),
)
const open: Readonly<Record<string, Unknown['kind']>> = {
  'source-identity': 'user',
  'source-end-user-profile': 'user',
  'dynamic-application': 'application',
  'url-category': 'tag',
}

/** What the words of policies stand for. */
interface Known {
  readonly books: AddressBooks
  readonly applications: Applications
}

function rulesOf(
  name: string,
  policy: Tree,
  from: readonly string[],
  to: readonly string[],
  { books, applications }: Known,
): readonly Rule[] {
  const unknowns: Unknown[] = []
  for (const [word, node] of policy.below('match')) {
    if (read.has(word)) continue
    const value = node.values().join(', ')
    if (value === 'any' || value === 'none') continue
    const kind = open[word]
    unknowns.push(
      kind === undefined
        ? { kind: 'unread', what: `${word}, which is not understood` }
        : { kind, what: `${word} ${value}` },
    )
  }
  const schedule = policy.value('scheduler-name')
  if (schedule !== undefined) unknowns.push({ kind: 'time', what: `the time (scheduler ${schedule})` })
  const ends: Match = {
    ...endMatch('source', from, policy, books),
    ...endMatch('destination', to, policy, books),
    ...zoneMatch('in', from),
    ...zoneMatch('out', to),
  }
  const then = policy.at('then')
  const action = actionOf(then, unknowns)
  const inspects = then?.at('permit', 'application-services', 'ssl-proxy') !== undefined
  const comment = policy.value('description')
  const services = policy.values('match', 'application')
  return (services.length === 0 ? ['any'] : services).flatMap((service) => {
    const { matches, unknowns: more } = applications(service)
    return matches.map((match): Rule => {
      const both = { name, span: policy.span, match: { ...ends, ...match }, action, unknowns: [...unknowns, ...more] }
      return { ...both, ...(inspects && { inspectsTls: true }), ...(comment !== undefined && { comment }) }
    })
  })
}

function actionOf(then: Tree | undefined, unknowns: Unknown[]): Action {
  if (then?.at('permit') !== undefined) return { kind: 'allow' }
  if (then?.at('reject') !== undefined) return { kind: 'reject' }
  if (then?.at('deny') !== undefined) return { kind: 'drop' }
  unknowns.push({ kind: 'unread', what: 'what a policy without permit, deny or reject does' })
  return { kind: 'unknown' }
}

function zoneMatch(field: 'in' | 'out', zones: readonly string[]): Match {
  return zones.length === 0 || zones.includes('any') ? {} : { [field]: { names: zones } }
}

function endMatch(side: 'source' | 'destination', zones: readonly string[], policy: Tree, books: AddressBooks): Match {
  const words = policy.values('match', `${side}-address`)
  if (words.length === 0) return {}
  const zone = zones.length === 1 ? zones[0] : undefined
  const set: Addresses = unionOf(words.map((word) => books(word, zone)))
  return { [side]: policy.at('match', `${side}-address-excluded`) === undefined ? set : outsideOf(set) }
}
