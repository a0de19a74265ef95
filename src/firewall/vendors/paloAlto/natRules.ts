import type { Addresses, AddressRange } from '../../addresses.ts'
import { addressesOf } from '../../addresses.ts'
import type { Match, NumberRange, Place, Rule, Translation } from '../../ruleset.ts'
import type { XmlTree } from '../../text/xmlTree.ts'
import type { Unknown } from '../../unknown.ts'
import { isYes, membersOf, nameOf } from './notes.ts'
import type { RuleScope } from './ruleMatch.ts'
import { conditionsOf, endsOf } from './ruleMatch.ts'
import { portsOf } from './services.ts'

const understood = new Set([
  'from',
  'to',
  'source',
  'destination',
  'service',
  'to-interface',
  'nat-type',
  'source-translation',
  'destination-translation',
  'dynamic-destination-translation',
  'disabled',
  'description',
  'tag',
  'group-tag',
  'target',
  'uuid',
  'audit-comment',
  'active-active-device-binding',
  'negate-source',
  'negate-destination',
  'loc',
])

/** Rules of address translation: the first that matches the packet as it came decides about both of its ends. */
export interface NatRules {
  /** Asked first: destinations are translated, and a tag says which rule it was. */
  readonly destination: readonly Rule[]
  /** Asked last, by that tag. */
  readonly source: readonly Rule[]
}

/** Ports that the device takes for what it translates. */
const translatedPorts: NumberRange = { first: 1024, last: 65535 }

/** Reads the NAT rulebase, in its order. */
export function natRules(rules: readonly XmlTree[], scope: RuleScope, places: readonly Place[]): NatRules {
  const destination: Rule[] = []
  const source: Rule[] = []
  const own = new Map(places.map((place) => [place.name, place.own ?? []]))
  for (const rule of rules) {
    const strange = scope.notes.strangers(rule, understood)
    if (isYes(rule.child('disabled'))) continue
    const tag = `NAT rule ${nameOf(rule)}`
    const base = { name: nameOf(rule), span: rule.span(), ...commentOf(rule) }
    const type = rule.child('nat-type')?.text() ?? 'ipv4'
    const unknowns: Unknown[] = [...strange, ...conditionsOf(rule)]
    if (type !== 'ipv4') unknowns.push({ kind: 'other', what: `the translation of the type ${type}` })
    const exit = rule.child('to-interface')?.text()
    const match: Match = {
      // A rule for IPv4 does nothing to IPv6, not even where its ends are any.
      family: type === 'ipv4' ? 4 : 6,
      ...endsOf(rule, scope),
      ...(exit !== undefined && exit !== '' && exit !== 'any' && { out: { names: [exit] } }),
    }
    const to = type === 'ipv4' ? destinationOf(rule, scope) : undefined
    const from = sourceOf(rule, scope, own)
    const service = rule.child('service')?.text()
    const rows =
      service === undefined || service === '' || service === 'any'
        ? [{ match: {}, unknowns: [] }]
        : scope.services([service])
    for (const row of rows) {
      destination.push({
        ...base,
        match: { ...match, ...row.match },
        action:
          type !== 'ipv4'
            ? { kind: 'unknown' }
            : to === undefined
              ? { kind: 'no-translation' }
              : { kind: 'translate', destination: to },
        unknowns: [...unknowns, ...row.unknowns],
        ...(from !== undefined && { sets: tag }),
      })
    }
    if (from !== undefined) source.push(...sourceRules(base, tag, match, from))
    destination.push(...backwards(rule, base, match, from))
  }
  return { destination, source }
}

type Named = Pick<Rule, 'name' | 'span' | 'comment'>

function commentOf(rule: XmlTree): Pick<Rule, 'comment'> {
  const text = rule.child('description')?.text()
  return text === undefined || text === '' ? {} : { comment: text }
}

function destinationOf(rule: XmlTree, scope: RuleScope): Translation | undefined {
  const found = rule.child('destination-translation') ?? rule.child('dynamic-destination-translation')
  if (found === undefined) return undefined
  const address = found.child('translated-address')?.text()
  const port = found.child('translated-port')?.text()
  const ports = port === undefined || port === '' ? undefined : portsOf(port)?.[0]
  return {
    ...(address !== undefined && address !== '' && { to: translatedTo(scope.addresses([address]), address) }),
    ...(ports !== undefined && { ports }),
  }
}

/** What something is translated to: addresses where all of them are known. */
function translatedTo({ sure, possible }: Addresses, text: string): readonly AddressRange[] | Unknown {
  const [first] = possible
  if (first !== undefined) return first.because
  return sure.length === 0 ? { kind: 'reference', what: `the address "${text}"` } : sure
}

interface SourceTranslation {
  readonly translation: Translation
  /** For one address to one, both ways. */
  readonly isBidirectional: boolean
}

function sourceOf(
  rule: XmlTree,
  scope: RuleScope,
  own: ReadonlyMap<string, readonly AddressRange[]>,
): SourceTranslation | undefined {
  const found = rule.child('source-translation')
  if (found === undefined) return undefined
  const fixed = found.child('static-ip')
  if (fixed !== undefined) {
    const address = fixed.child('translated-address')?.text() ?? ''
    return {
      translation: { to: translatedTo(scope.addresses([address]), address) },
      isBidirectional: isYes(fixed.child('bi-directional')),
    }
  }
  const ported = found.child('dynamic-ip-and-port') ?? found.child('persistent-dynamic-ip-and-port')
  const pool = ported ?? found.child('dynamic-ip')
  const names = membersOf(pool?.child('translated-address'))
  const ports = ported === undefined ? {} : { ports: translatedPorts }
  if (names.length > 0) {
    return {
      translation: { to: translatedTo(scope.addresses(names), names.join(', ')), ...ports },
      isBidirectional: false,
    }
  }
  const face = ported?.child('interface-address')
  if (face === undefined)
    return { translation: { to: { kind: 'other', what: 'how the source is translated' } }, isBidirectional: false }
  const given = face.child('ip')?.text() ?? face.child('floating-ip')?.text()
  // The address of an interface is written with its prefix, and stands for itself.
  const host = given?.split('/')[0] ?? ''
  const faceOwn = own.get(face.child('interface')?.text() ?? '') ?? []
  const to =
    host !== '' ? translatedTo(scope.addresses([host]), host) : faceOwn.length > 0 ? faceOwn : ('interface' as const)
  return { translation: { to, ...ports }, isBidirectional: false }
}

/** Sources are translated by the family of what they become: a rule for IPv4 does nothing to IPv6. */
function sourceRules(base: Named, tag: string, match: Match, { translation }: SourceTranslation): readonly Rule[] {
  return [
    {
      ...base,
      // The source stands here as well: an address of a subnet keeps its place in what it is translated to.
      match: { family: 4, tagged: { tag }, ...(match.source !== undefined && { source: match.source }) },
      action: { kind: 'translate', source: translation },
      unknowns: [],
    },
  ]
}

/** A static translation both ways: what comes to the outer address goes to the inner one. */
function backwards(rule: XmlTree, base: Named, match: Match, from: SourceTranslation | undefined): readonly Rule[] {
  const to = from?.translation.to
  if (from?.isBidirectional !== true || to === undefined || to === 'interface' || !('length' in to)) return []
  const inner = match.source
  const known = inner !== undefined && inner.possible.length === 0 ? inner.sure : undefined
  const zones = membersOf(rule.child('to')).filter((zone) => zone !== 'any')
  return [
    {
      ...base,
      name: `${base.name} (backwards)`,
      match: { family: 4, destination: addressesOf(to), ...(zones.length > 0 && { out: { names: zones } }) },
      action: {
        kind: 'translate',
        destination: { to: known ?? { kind: 'other', what: `the inner addresses of ${base.name}` } },
      },
      unknowns: [],
      implied: true,
    },
  ]
}
