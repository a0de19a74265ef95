import type { AddressRange } from '../../addresses.ts'
import { addressesOf, intersectionOf, mergedRanges } from '../../addresses.ts'
import type { Match, NumberRange, Rule, Translation } from '../../ruleset.ts'
import type { Statements } from '../../text/statements.ts'
import type { XmlTree } from '../../text/xmlTree.ts'
import type { Unknown } from '../../unknown.ts'
import { passedByForward } from './filterChains.ts'
import { isOn } from './interfaces.ts'
import type { PfRule } from './pfRule.ts'
import { isDisabled, oldRule } from './pfRule.ts'
import type { Words } from './ruleOf.ts'
import { addressesOfWord, rulesOf } from './ruleOf.ts'

/** Translation of what comes in: port forwards in their order, then one-to-one; the first that fits decides. */
export function inboundNat(root: XmlTree, words: Words, statements: Statements): readonly Rule[] {
  const nat = root.child('nat')
  const system = root.child('system')
  const isUsual = !isOn(system?.child('disablenatreflection')) && isOn(system?.child('enablenatreflectionpurenat'))
  const forwards = (nat?.elements('rule') ?? []).flatMap((element) => {
    statements.understood()
    if (isDisabled(element)) return []
    const made = forwardRules(element, words)
    const word = element.child('natreflection')?.text() ?? ''
    return word === 'enable' || word === 'purenat' || (word === '' && isUsual) ? made.flatMap(reflected) : made
  })
  const pairs = oneToOne(nat).flatMap((element) => {
    statements.understood()
    return isDisabled(element) ? [] : pairRules(element, words, 'in')
  })
  return [...forwards, ...pairs]
}

/** Translation of what goes out: one-to-one before the rules of the page *Outbound*, those before what is automatic. */
export function outboundNat(nat: XmlTree | undefined, words: Words, statements: Statements): readonly Rule[] {
  const outbound = nat?.child('outbound')
  const mode = outbound?.child('mode')?.text().toLowerCase() ?? 'automatic'
  const pairs = oneToOne(nat).flatMap((element) => (isDisabled(element) ? [] : pairRules(element, words, 'out')))
  const written = (outbound?.elements('rule') ?? []).flatMap((element) => {
    statements.understood()
    return isDisabled(element) || mode === 'automatic' || mode === 'disabled' ? [] : outboundRules(element, words)
  })
  return [...pairs, ...written, ...(mode === 'automatic' || mode === 'hybrid' ? automatic(outbound ?? nat, words) : [])]
}

function oneToOne(nat: XmlTree | undefined): readonly XmlTree[] {
  return nat?.elements('onetoone') ?? []
}

function forwardRules(element: XmlTree, words: Words): readonly Rule[] {
  const rule: PfRule = oldRule(element)
  const of = (name: string): string => element.child(name)?.text() ?? ''
  const isPassed = of('associated-rule-id') === 'pass'
  const target = rangesOf(of('target'), words)
  return rulesOf({ ...rule, type: 'pass', conditions: [], strange: [] }, 'in', words).map((made) => {
    if (isOn(element.child('nordr'))) return { ...made, action: { kind: 'no-translation' } }
    const ports = targetPorts(of('local-port'), made.match.destinationPorts, words)
    const unknowns: readonly Unknown[] = [target, ports].filter(
      (part): part is Unknown => part !== undefined && 'kind' in part,
    )
    const destination: Translation = {
      ...{ to: target },
      ...(ports !== undefined && !('kind' in ports) && { ports }),
    }
    return {
      ...made,
      unknowns: [...made.unknowns, ...unknowns.filter(({ kind }) => kind !== 'names')],
      action: { kind: 'translate', destination },
      ...(isPassed && { sets: passedByForward }),
    }
  })
}

/** With NAT reflection whoever comes in elsewhere is led there too, by ways of which not all are told here. */
function reflected(rule: Rule): readonly Rule[] {
  const { in: into, ...match } = rule.match
  if (into === undefined) return [rule]
  const because: Unknown = { kind: 'other', what: 'NAT reflection, which also leads there who comes from inside' }
  const elsewhere: Match = {
    ...match,
    in: into.inverted === true ? { names: into.names } : { ...into, inverted: true },
  }
  return [rule, { ...rule, match: elsewhere, unknowns: [...rule.unknowns, because] }]
}

/** The first port of the target is written; a range behind it is as long as that of the rule. */
function targetPorts(
  word: string,
  from: readonly NumberRange[] | undefined,
  words: Words,
): NumberRange | Unknown | undefined {
  if (word === '') return undefined
  const ports = words.aliases.ports(word)
  if ('kind' in ports) return ports
  const [first] = ports
  const [range] = from ?? []
  if (first === undefined) return undefined
  const length = range === undefined || from?.length !== 1 ? 0 : range.last - range.first
  return { first: first.first, last: Math.max(first.last, first.first + length) }
}

function rangesOf(word: string, words: Words): readonly AddressRange[] | Unknown {
  const { sure, possible } = addressesOfWord(word, words)
  const [open] = possible
  return open === undefined ? sure : open.because
}

/** One-to-one: an outer block stands for an inner one of the same size, both ways. */
function pairRules(element: XmlTree, words: Words, way: 'in' | 'out'): readonly Rule[] {
  const rule = oldRule(element)
  const inner = rule.source
  const outside = addressesOfWord(element.child('external')?.text() ?? '', words).sure
  const inside = addressesOfWord(inner.words[0] ?? '', words).sure
  const external = outside[0]
  const sized = external === undefined ? [] : inside.flatMap((range) => blockAt(external, range))
  const asked = rulesOf({ ...rule, type: 'pass', conditions: [], strange: [], source: anyEnd }, way, words)
  return asked
    .filter(({ match }) => match.family === undefined || match.family === external?.family)
    .map((made) => {
      const { destination: far, ...rest } = made.match
      if (isOn(element.child('nobinat'))) return { ...made, action: { kind: 'no-translation' } }
      if (way === 'in') {
        const match: Match = { ...rest, ...(far !== undefined && { source: far }), destination: addressesOf(sized) }
        return { ...made, match, action: { kind: 'translate', destination: { to: inside } } }
      }
      const match: Match = { ...rest, ...(far !== undefined && { destination: far }), source: addressesOf(inside) }
      return { ...made, match, action: { kind: 'translate', source: { to: sized } } }
    })
}

const anyEnd = { words: ['any'], isNegated: false, port: '' }

/** As many addresses as another range has, from the first of a block on. */
function blockAt({ family, first }: AddressRange, like: AddressRange): readonly AddressRange[] {
  return family === like.family ? [{ family, first, last: first + (like.last - like.first) }] : []
}

function outboundRules(element: XmlTree, words: Words): readonly Rule[] {
  const rule = oldRule(element)
  const of = (name: string): string => element.child(name)?.text() ?? ''
  const source = { ...rule.source, port: of('sourceport') }
  const destination = { ...rule.destination, port: of('dstport') }
  const family = rule.family === 'inet' && element.child('ipprotocol') === undefined ? 'inet' : rule.family
  const asked = rulesOf(
    { ...rule, type: 'pass', conditions: [], strange: [], source, destination, family },
    'out',
    words,
  )
  const target = of('target')
  const to = target === 'other-subnet' ? `${of('targetip')}/${of('targetip_subnet')}` : target
  return asked.map((made) => {
    if (isOn(element.child('nonat'))) return { ...made, action: { kind: 'no-translation' } }
    const pool = to === '' ? ('interface' as const) : rangesOf(to, words)
    return { ...made, action: { kind: 'translate', source: { to: pool } } }
  })
}

/** What the firewall does by itself: inner networks leave by an outer interface with its address. IPv4 alone. */
function automatic(near: XmlTree | undefined, words: Words): readonly Rule[] {
  const inner = mergedRanges(words.interfaces.filter(({ isOutside }) => !isOutside).flatMap(({ nets }) => nets))
  const outer = words.interfaces.filter(({ isOutside }) => isOutside).map(({ key }) => key)
  if (near === undefined || inner.length === 0 || outer.length === 0) return []
  const source = intersectionOf(addressesOf(inner), addressesOf([{ family: 4, first: 0n, last: (1n << 32n) - 1n }]))
  return [
    {
      name: 'automatic outbound NAT',
      span: near.span(),
      match: { family: 4, source, out: { names: outer } },
      action: { kind: 'translate', source: { to: 'interface' } },
      unknowns: [],
      implied: true,
    },
  ]
}
