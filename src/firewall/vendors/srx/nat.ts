import type { AddressRange } from '../../addresses.ts'
import { addressesOf, unionOf } from '../../addresses.ts'
import type { Action, Match, NumberRange, Rule, Translation } from '../../ruleset.ts'
import type { Unknown } from '../../unknown.ts'
import { cidrRange } from '../cidrRange.ts'
import { lookUp } from '../lookUp.ts'
import type { AddressBooks } from './addressBooks.ts'
import type { Tree } from './tree.ts'

/** Static rules before those of destinations: the first that fits decides. */
export function inboundNat(tree: Tree, books: AddressBooks): readonly Rule[] {
  const fixed = ruleSets(tree, 'static').map(({ set, name, rule }): Rule => {
    const to = prefixOf(rule.value('then', 'static-nat', 'prefix') ?? rule.value('then', 'static-nat', 'prefix-name'))
    const port = portOf(
      rule,
      'then',
      'static-nat',
      'prefix',
      rule.value('then', 'static-nat', 'prefix') ?? '',
      'mapped-port',
    )
    return ruleOf(
      name,
      rule,
      { ...natMatch(rule, books), ...zones(set, 'from', 'in') },
      translate('destination', to, port),
    )
  })
  const wanted = ruleSets(tree, 'destination').map(({ set, name, rule }): Rule => {
    const match = { ...natMatch(rule, books), ...zones(set, 'from', 'in') }
    if (rule.at('then', 'destination-nat', 'off') !== undefined)
      return ruleOf(name, rule, match, { kind: 'no-translation' })
    const pool = tree.at('security', 'nat', 'destination', 'pool', rule.value('then', 'destination-nat', 'pool') ?? '')
    const address = pool?.value('address')
    const port =
      pool === undefined
        ? undefined
        : (portOf(pool, 'address', address ?? '', 'port') ?? portOf(pool, 'address', 'port'))
    return ruleOf(name, rule, match, translate('destination', prefixOf(address), port))
  })
  return [...fixed, ...wanted]
}

/** Sources of static rules turned round, before those of sources. */
export function outboundNat(tree: Tree, books: AddressBooks): readonly Rule[] {
  const fixed = ruleSets(tree, 'static').map(({ set, name, rule }): Rule => {
    const real = prefixOf(rule.value('then', 'static-nat', 'prefix'))
    const outer = rule.values('match', 'destination-address').flatMap((word) => cidrRange(word) ?? [])
    const match: Match = { ...(real !== undefined && { source: addressesOf([real]) }), ...zones(set, 'from', 'out') }
    return ruleOf(name, rule, match, translate('source', outer[0]))
  })
  const wanted = ruleSets(tree, 'source').map(({ set, name, rule }): Rule => {
    const match = { ...natMatch(rule, books), ...zones(set, 'from', 'in'), ...zones(set, 'to', 'out') }
    const then = rule.at('then', 'source-nat')
    if (then?.at('off') !== undefined) return ruleOf(name, rule, match, { kind: 'no-translation' })
    if (then?.at('interface') !== undefined) {
      return ruleOf(name, rule, match, { kind: 'translate', source: { to: 'interface' } })
    }
    const pool = tree.at('security', 'nat', 'source', 'pool', then?.value('pool') ?? '')
    return ruleOf(name, rule, match, translate('source', prefixOf(pool?.value('address'))))
  })
  return [...fixed, ...wanted]
}

interface NatRule {
  readonly set: Tree
  readonly name: string
  readonly rule: Tree
}

function ruleSets(tree: Tree, kind: 'static' | 'destination' | 'source'): readonly NatRule[] {
  return tree
    .below('security', 'nat', kind, 'rule-set')
    .flatMap(([, set]) => set.below('rule').map(([name, rule]): NatRule => ({ set, name, rule })))
}

function ruleOf(name: string, { span }: Tree, match: Match, action: Action): Rule {
  const open = action.kind === 'unknown' ? [unread] : []
  return { name: `nat ${name}`, span, match, action, unknowns: open }
}

const unread: Unknown = { kind: 'unread', what: 'a translation to something that is not understood' }

function translate(field: 'source' | 'destination', to: AddressRange | undefined, port?: NumberRange): Action {
  if (to === undefined) return { kind: 'unknown' }
  const translation: Translation = { to: [to], ...(port !== undefined && { ports: port }) }
  return { kind: 'translate', [field]: translation }
}

function prefixOf(text: string | undefined): AddressRange | undefined {
  return text === undefined ? undefined : cidrRange(text)
}

function portOf(node: Tree, ...path: readonly string[]): NumberRange | undefined {
  const text = node.value(...path)
  return text !== undefined && /^\d{1,5}$/.test(text) ? { first: Number(text), last: Number(text) } : undefined
}

function natMatch(rule: Tree, books: AddressBooks): Match {
  const set = (side: string) => {
    const words = [...rule.values('match', `${side}-address`), ...rule.values('match', `${side}-address-name`)]
    return words.length === 0 ? undefined : unionOf(words.map((word) => books(word, undefined)))
  }
  const [source, destination] = [set('source'), set('destination')]
  const ports = rule.below('match', 'destination-port').flatMap(([word, node]) => {
    const last = node.value('to') ?? word
    return /^\d{1,5}$/.test(word) && /^\d{1,5}$/.test(last) ? [{ first: Number(word), last: Number(last) }] : []
  })
  const protocol = lookUp({ tcp: 6, udp: 17, icmp: 1 }, rule.value('match', 'protocol') ?? '')
  return {
    ...(source !== undefined && { source }),
    ...(destination !== undefined && { destination }),
    ...(ports.length > 0 && { destinationPorts: ports }),
    ...(protocol !== undefined && { protocols: [{ first: protocol, last: protocol }] }),
  }
}

function zones(set: Tree, end: 'from' | 'to', field: 'in' | 'out'): Match {
  const names = [...set.values(end, 'zone'), ...set.values(end, 'interface')]
  return names.length === 0 ? {} : { [field]: { names } }
}
