import type { AddressRange } from '../../addresses.ts'
import { addressesOf, everyAddress } from '../../addresses.ts'
import { one } from '../../numberRanges.ts'
import type { Reader, ReadingHints } from '../../reader.ts'
import type { Place, Route, Rule, RuleSet, Stage } from '../../ruleset.ts'
import type { Span } from '../../source.ts'
import { fewDoubts } from '../../text/doubtsOf.ts'
import type { Statements } from '../../text/statements.ts'
import { countStatements } from '../../text/statements.ts'
import type { Unknown } from '../../unknown.ts'
import { cidrRange } from '../cidrRange.ts'
import type { Block } from '../cisco/blocks.ts'
import { blocksOf } from '../cisco/blocks.ts'
import { netmaskRange } from '../netmaskRange.ts'
import { ownPlaces } from '../ownPlaces.ts'
import type { AccessLists } from './lists.ts'
import { accessListsOf } from './lists.ts'
import { silentCommands } from './silentCommands.ts'

/** An access list on an interface. */
interface Binding {
  readonly list: string
  readonly family: 4 | 6
  readonly way: 'in' | 'out'
  readonly place: string
  readonly span: Span
}

interface Interface {
  readonly name: string
  readonly own: readonly AddressRange[]
  readonly nets: readonly AddressRange[]
  readonly side?: 'inside' | 'outside'
}

/**
 * Reads access lists of Cisco IOS where they are bound to interfaces: standard, extended and of IPv6, with wildcards.
 * They keep no state: answers are held against them as well. Static NAT and overload, static routes.
 */
export const read: Reader = (files, given) => {
  const hints = ownPlaces(given)
  const statements = countStatements()
  const ruleSets = files.flatMap((file): readonly RuleSet[] => {
    const blocks = blocksOf(file)
    if (blocks.length === 0) return []
    const lists = accessListsOf(blocks, statements)
    const doubts: Unknown[] = []
    const bindings: Binding[] = []
    const interfaces = interfacesOf(blocks, hints, { statements, bindings, doubts })
    let name = file.name
    for (const block of blocks) {
      const [first = '', second = ''] = block.words.map((word) => word.toLowerCase())
      if (first === 'hostname') name = block.words[1] ?? name
      if (/^(interface|access-list|object-group)$/.test(first)) continue
      if ((first === 'ip' || first === 'ipv6') && second === 'access-list') continue
      if (first === 'zone-pair') {
        doubts.push({ kind: 'unread', what: `the zone-based firewall of line ${block.span.line}, which is not read` })
        statements.unread(block.span, 'zone-based firewalls are not read')
        statements.understood(block.below.length)
      } else if (silentCommands.has(first)) statements.understood(1 + block.below.length)
      else {
        statements.unread(block.span, `the command ${first} is not known`)
        statements.understood(block.below.length)
        doubts.push({ kind: 'unread', what: `line ${block.span.line}, ${first}, which is not understood` })
      }
    }
    const routes = routesOf(blocks, interfaces)
    return [
      {
        ...{ vendor: 'ios', name, doubts: fewDoubts(doubts) },
        ...rulesOf(bindings, lists, natRules(blocks, interfaces)),
        places: interfaces.map(
          (one): Place => placeOf(one, routes === undefined || hints.places[one.name] !== undefined),
        ),
        ...(routes !== undefined && { routes }),
      },
    ]
  })
  return { ruleSets, coverage: statements.coverage() }
}

function placeOf({ name, own, nets }: Interface, isTold: boolean): Place {
  return { name, kind: 'interface', own, ...(isTold && nets.length > 0 && { networks: nets }) }
}

function interfacesOf(
  blocks: readonly Block[],
  hints: ReadingHints,
  { statements, bindings, doubts }: { statements: Statements; bindings: Binding[]; doubts: Unknown[] },
): readonly Interface[] {
  return blocks.flatMap((block) => {
    if (block.words[0]?.toLowerCase() !== 'interface') return []
    statements.understood(1 + block.below.length)
    const name = block.words.slice(1).join('')
    const own: AddressRange[] = []
    const nets: AddressRange[] = []
    let side: Interface['side']
    let isDown = false
    for (const { words, span } of block.below) {
      const [first = '', second = '', third = '', fourth = ''] = words.map((word) => word.toLowerCase())
      if (first === 'shutdown') isDown = true
      if (second === 'address') {
        const address = third.split('/')[0] ?? ''
        const [one, net] = [cidrRange(address), first === 'ip' ? netmaskRange(third, fourth) : cidrRange(third)]
        if (one !== undefined) own.push(one)
        if (net !== undefined) nets.push(net)
      }
      if (first === 'ip' && second === 'nat' && (third === 'inside' || third === 'outside')) side = third
      const isFilter =
        (first === 'ip' && second === 'access-group') || (first === 'ipv6' && second === 'traffic-filter')
      if (isFilter && (fourth === 'in' || fourth === 'out')) {
        const list = words[2] ?? ''
        bindings.push({ list, family: first === 'ip' ? 4 : 6, way: fourth, place: name, span })
      }
      if (second === 'inspect' || second === 'policy') {
        const what = `${words.join(' ')} of ${name}, which lets answers pass, or leads elsewhere`
        doubts.push({ kind: 'other', what })
      }
    }
    if (isDown) return []
    return [{ name, own, nets: hints.places[name] ?? nets, ...(side !== undefined && { side }) }]
  })
}

/** One stage a direction: what has no list on its interface passes. */
function rulesOf(bindings: readonly Binding[], lists: AccessLists, nat: Nat): Pick<RuleSet, 'stages' | 'chains'> {
  const chains: Record<string, readonly Rule[]> = { 'nat in': nat.incoming, 'nat out': nat.leaving }
  const jumps = (way: 'in' | 'out'): readonly Rule[] =>
    bindings
      .filter((binding) => binding.way === way)
      .map(({ list, family, place, span }) => {
        const key = family === 6 ? `ipv6 ${list}` : list
        const chain = `${key} ${way} by ${place}`
        chains[chain] = listChain(lists.get(key), list, family, span)
        const match = { family, [way]: { names: [place] } }
        return { name: `${list} ${way}`, span, match, action: { kind: 'jump', chain }, unknowns: [], implied: true }
      })
  chains['in'] = jumps('in')
  chains['out'] = jumps('out')
  return { stages, chains }
}

/** A list ends with a denial; one that is bound and has no line permits everything (access-group, command reference). */
function listChain(rules: readonly Rule[] | undefined, list: string, family: 4 | 6, span: Span): readonly Rule[] {
  if (rules === undefined || rules.length === 0) return []
  const base = { span, unknowns: [], implied: true } as const
  // Neighbour discovery is what addresses of IPv6 are found by.
  const found: readonly Rule[] =
    family === 4
      ? []
      : [
          {
            ...base,
            name: 'implicit permit of neighbour discovery',
            match: { protocols: [{ first: 58, last: 58 }], icmp: [{ type: { first: 135, last: 136 } }] },
            action: { kind: 'allow' },
          },
        ]
  return [...rules, ...found, { ...base, name: `implicit deny of ${list}`, match: {}, action: { kind: 'drop' } }]
}

interface Nat {
  readonly incoming: readonly Rule[]
  readonly leaving: readonly Rule[]
}

/** `ip nat inside source static [tcp] LOCAL [PORT] GLOBAL [PORT]`, `ip nat inside source list N interface IF overload`. */
function natRules(blocks: readonly Block[], interfaces: readonly Interface[]): Nat {
  const [inside, outside] = (['inside', 'outside'] as const).map((side) => ({
    names: interfaces.filter((one) => one.side === side).map(({ name }) => name),
  }))
  const incoming: Rule[] = []
  const leaving: Rule[] = []
  if (inside === undefined || outside === undefined) return { incoming, leaving }
  for (const { words, span } of blocks) {
    if (!/^ip nat inside source /i.test(words.join(' '))) continue
    const [kind = '', ...rest] = words.slice(4).map((word) => word.toLowerCase())
    const rule = (match: Rule['match'], action: Rule['action'], unknowns: readonly Unknown[] = []): Rule => ({
      ...{ name: `ip nat inside source ${kind}`, span, match, action, unknowns },
    })
    if (kind !== 'static') {
      const isOverload = rest.includes('interface')
      const what = `which addresses ${rest[0] ?? 'the list'} translates`
      const to = isOverload ? ('interface' as const) : ({ kind: 'other', what: 'a pool of addresses' } as const)
      leaving.push(rule({ in: inside, out: outside }, { kind: 'translate', source: { to } }, [{ kind: 'other', what }]))
      continue
    }
    const isPort = rest[0] === 'tcp' || rest[0] === 'udp'
    const [local = '', localPort = '', outer = '', outerPort = ''] = isPort ? rest.slice(1) : [rest[0], '', rest[1], '']
    const [real, mapped] = [cidrRange(local), cidrRange(outer)]
    if (real === undefined || mapped === undefined) {
      const what = `line ${span.line}, a translation that is not understood`
      incoming.push(rule({ in: outside }, { kind: 'unknown' }, [{ kind: 'unread', what }]))
      continue
    }
    const protocols = isPort ? { protocols: [one(rest[0] === 'tcp' ? 6 : 17)] } : {}
    const ports = isPort ? { destinationPorts: [one(Number(outerPort))] } : {}
    const back = isPort ? { ports: one(Number(localPort)) } : {}
    incoming.push(
      rule(
        { ...protocols, ...ports, in: outside, destination: addressesOf([mapped]) },
        { kind: 'translate', destination: { to: [real], ...back } },
      ),
    )
    const sourcePorts = isPort ? { sourcePorts: [one(Number(localPort))] } : {}
    const match = { ...protocols, ...sourcePorts, in: inside, out: outside, source: addressesOf([real]) }
    leaving.push(rule(match, { kind: 'translate', source: { to: [mapped] } }))
  }
  return { incoming, leaving }
}

/** Networks of interfaces and static routes; undefined without a static route, or where routes are learnt. */
function routesOf(blocks: readonly Block[], interfaces: readonly Interface[]): readonly Route[] | undefined {
  if (blocks.some(({ words: [first = ''] }) => /^router$/i.test(first))) return undefined
  const at = (hop: string): string | undefined => {
    const address = cidrRange(hop)
    if (address === undefined) return interfaces.find(({ name }) => name.toLowerCase() === hop.toLowerCase())?.name
    const holds = ({ family, first, last }: AddressRange): boolean =>
      family === address.family && first <= address.first && address.last <= last
    return interfaces.find(({ nets }) => nets.some(holds))?.name
  }
  const lines = blocks.flatMap(({ words, span }): readonly Route[] => {
    const [first = '', second = '', to = '', mask = '', hop = ''] = words
    const isSix = first.toLowerCase() === 'ipv6'
    if (second.toLowerCase() !== 'route' || (!isSix && first.toLowerCase() !== 'ip')) return []
    const next = isSix ? mask : hop
    const range = isSix
      ? cidrRange(to)
      : to === '0.0.0.0' && mask === '0.0.0.0'
        ? everyAddress(4).sure[0]
        : netmaskRange(to, mask)
    if (range === undefined) return []
    if (/^null0$/i.test(next)) return [{ to: range, kind: 'blackhole', span }]
    const out = at(next)
    return [{ to: range, kind: 'unicast', span, ...(out !== undefined && { out }) }]
  })
  const [any] = lines
  if (any === undefined) return undefined
  const connected = interfaces.flatMap(({ name, nets }) =>
    nets.map((to): Route => ({ to, out: name, metric: 0, kind: 'unicast', span: any.span })),
  )
  return [...connected, ...lines]
}

const stateless = { kind: 'filter', stateful: false, addresses: 'current' } as const
const none = { action: 'allow', name: 'no list on the interface' } as const
const untranslated = { action: 'allow', name: 'no translation' } as const

/** The list for what comes in is asked before a destination is translated, that for what leaves after the source is. */
const stages: readonly Stage[] = [
  { ...stateless, name: 'lists for what comes in', hook: 'prerouting', chain: 'in', otherwise: none },
  {
    ...{ name: 'NAT of destinations', hook: 'prerouting', kind: 'destination-nat', chain: 'nat in', stateful: true },
    ...{ addresses: 'current', otherwise: untranslated },
  },
  {
    ...{ name: 'NAT of sources', hook: 'postrouting', kind: 'source-nat', chain: 'nat out', stateful: true },
    ...{ addresses: 'current', otherwise: untranslated },
  },
  { ...stateless, name: 'lists for what leaves', hook: 'postrouting', chain: 'out', otherwise: none },
]
