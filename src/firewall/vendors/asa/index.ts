import { addressesOf, unknownAddresses } from '../../addresses.ts'
import type { Reader } from '../../reader.ts'
import type { Rule, RuleSet, Stage } from '../../ruleset.ts'
import type { Span } from '../../source.ts'
import { fewDoubts } from '../../text/doubtsOf.ts'
import { countStatements } from '../../text/statements.ts'
import type { Unknown } from '../../unknown.ts'
import type { Block } from '../cisco/blocks.ts'
import { blocksOf } from '../cisco/blocks.ts'
import { ownPlaces } from '../ownPlaces.ts'
import type { AccessList } from './accessLists.ts'
import { accessListsOf } from './accessLists.ts'
import type { Interface } from './interfaces.ts'
import { interfacesOf, placesOf, routesOf } from './interfaces.ts'
import type { Nats } from './nat.ts'
import { natsOf } from './nat.ts'
import { objectsOf } from './objects.ts'
import { silentCommands } from './silentCommands.ts'

export { write } from './write.ts'

/** Where an access list is bound. */
interface Binding {
  readonly list: string
  readonly way: 'in' | 'out' | 'global'
  readonly place?: string
  readonly span: Span
}

/** Commands that another part of the reader counts. */
const counted = new Set(['interface', 'object', 'object-group', 'name', 'access-list', 'nat', 'route'])

/**
 * Reads the running configuration of a Cisco ASA from 8.3 on: access lists, by interface and global, objects, groups,
 * both kinds of NAT, security levels, interfaces, static routes. In the order in which a packet meets them: destination
 * back to its real address, list of the interface it comes in by, global list, list of the one it leaves by, source.
 */
export const read: Reader = (files, given) => {
  const hints = ownPlaces(given)
  const statements = countStatements()
  const ruleSets = files.flatMap((file): readonly RuleSet[] => {
    const blocks = blocksOf(file)
    const [head] = blocks
    if (head === undefined) return []
    const objects = objectsOf(blocks, statements)
    const interfaces = interfacesOf(blocks, hints, statements)
    const own = (name: string) => {
      const found = interfaces.find((one) => one.name === name)
      return found === undefined || found.own.length === 0
        ? unknownAddresses({ kind: 'place', what: `the address of the interface ${name}` })
        : addressesOf(found.own)
    }
    const lines = blocks.filter(({ words }) => words[0]?.toLowerCase() === 'access-list')
    const lists = accessListsOf(lines, { objects, own, statements })
    const nats = natsOf(blocks, objects, statements)
    const routes = routesOf(blocks, interfaces, statements)
    const bindings: Binding[] = []
    const doubts: Unknown[] = []
    let hostname = file.name
    let sameLevel = { inter: false, intra: false }
    for (const block of blocks) {
      const [first = '', ...words] = block.words
      const command = first.toLowerCase()
      if (command === 'hostname') hostname = words[0] ?? hostname
      if (command === 'same-security-traffic') {
        sameLevel = {
          inter: sameLevel.inter || words[1] === 'inter-interface',
          intra: sameLevel.intra || words[1] === 'intra-interface',
        }
      }
      if (command === 'access-group') {
        const binding = bindingOf(block)
        if (binding !== undefined) bindings.push(binding)
      }
      if (command === 'interface') doubts.push(...policyRoutesOf(block))
      if (counted.has(command) || (command === 'ipv6' && words[0]?.toLowerCase() === 'route')) continue
      if (silentCommands.has(command)) {
        statements.understood(1 + block.below.length)
        continue
      }
      statements.unread(block.span, `the command ${command} is not known`)
      statements.understood(block.below.length)
      doubts.push({ kind: 'unread', what: `line ${block.span.line}, ${command}, which is not understood` })
    }
    const chains = chainsOf({ interfaces, lists, bindings, sameLevel, nats, span: head.span })
    return [
      {
        ...{ vendor: 'asa', name: hostname, stages, chains, doubts: fewDoubts(doubts) },
        places: placesOf(interfaces, hints, routes),
        ...(routes !== undefined && { routes }),
      },
    ]
  })
  return { ruleSets, coverage: statements.coverage() }
}

/** `policy-route route-map NAME`: it comes before the routes, and where it leads is not followed. */
function policyRoutesOf({ words: [, name = ''], below }: Block): readonly Unknown[] {
  const maps = below.flatMap(({ words: [first = '', second = '', map = ''] }) =>
    first.toLowerCase() === 'policy-route' && second.toLowerCase() === 'route-map' ? [map] : [],
  )
  return maps.map(
    (map): Unknown => ({
      kind: 'place',
      what: `whether route-map ${map} of ${name} leads elsewhere than the routes`,
    }),
  )
}

/** `access-group LIST in interface outside`, `access-group LIST global`. */
function bindingOf({ words, span }: Block): Binding | undefined {
  const [, list = '', way = '', word = '', place = ''] = words
  // What goes to the device itself is its own affair.
  if (words.some((each) => each.toLowerCase() === 'control-plane')) return undefined
  if (way.toLowerCase() === 'global') return { list, way: 'global', span }
  if (!/^(in|out)$/i.test(way) || word.toLowerCase() !== 'interface') return undefined
  return { list, way: way.toLowerCase() === 'in' ? 'in' : 'out', place, span }
}

interface Ground {
  readonly interfaces: readonly Interface[]
  readonly lists: ReadonlyMap<string, AccessList>
  readonly bindings: readonly Binding[]
  readonly sameLevel: { readonly inter: boolean; readonly intra: boolean }
  readonly nats: Nats
  /** Of the configuration as a whole, for what the device does without a line of its own. */
  readonly span: Span
}

function chainsOf({ interfaces, lists, bindings, sameLevel, nats, span }: Ground): RuleSet['chains'] {
  const global = bindings.find(({ way }) => way === 'global')
  const chains: Record<string, readonly Rule[]> = {
    'mapped destinations': nats.incoming,
    'mapped sources': nats.leaving,
    'to the device': [],
  }
  const bound = (binding: Binding): readonly Rule[] => {
    const list = lists.get(binding.list)
    if (list !== undefined) return list.rules
    const what = `the access list ${binding.list}, which is not in the file`
    const unknowns: readonly Unknown[] = [{ kind: 'reference', what }]
    return [{ name: binding.list, span: binding.span, match: {}, action: { kind: 'unknown' }, unknowns }]
  }
  const denied = (span: Span): Rule => ({
    ...{ name: 'implicit deny', span, match: {}, unknowns: [], implied: true },
    action: { kind: 'drop' },
  })
  // A chain of its own, from which what goes back by its own interface returns.
  chains['same level'] = sameLevelRules(interfaces, sameLevel, span)
  const into: Rule[] = [
    {
      ...{ name: 'same-security-traffic', span, match: {}, unknowns: [], implied: true },
      action: { kind: 'jump', chain: 'same level' },
    },
  ]
  for (const binding of bindings.filter(({ way }) => way === 'in')) {
    const chain = `in by ${binding.place ?? ''}`
    chains[chain] = [...bound(binding), ...(global === undefined ? [denied(binding.span)] : [])]
    into.push(jump(binding, { in: { names: [binding.place ?? ''] } }, chain))
  }
  if (global !== undefined) {
    chains['global list'] = [...bound(global), denied(global.span)]
    into.push(jump(global, {}, 'global list'))
  }
  chains['in'] = [...into, ...levelRules(interfaces, span)]
  chains['out'] = bindings
    .filter(({ way }) => way === 'out')
    .map((binding) => {
      const chain = `out by ${binding.place ?? ''}`
      chains[chain] = [...bound(binding), denied(binding.span)]
      return jump(binding, { out: { names: [binding.place ?? ''] } }, chain)
    })
  return chains
}

function jump({ list, span }: Binding, match: Rule['match'], chain: string): Rule {
  return { name: `access-group ${list}`, span, match, action: { kind: 'jump', chain }, unknowns: [], implied: true }
}

/** Between interfaces that are trusted alike, and back out of one, nothing goes without leave, whatever a list says. */
function sameLevelRules(
  interfaces: readonly Interface[],
  { inter, intra }: Ground['sameLevel'],
  span: Span,
): readonly Rule[] {
  const base = { span, unknowns: [], implied: true } as const
  const back = interfaces.map(({ name }): Rule => {
    const match = { in: { names: [name] }, out: { names: [name] } }
    if (intra) return { ...base, name: 'back by the same interface', match, action: { kind: 'return' } }
    return { ...base, name: 'no same-security-traffic permit intra-interface', match, action: { kind: 'drop' } }
  })
  if (inter) return intra ? [] : back
  const across = [...namesByLevel(interfaces).values()].map((names): Rule => {
    const match = { in: { names }, out: { names } }
    return { ...base, name: 'no same-security-traffic permit inter-interface', match, action: { kind: 'drop' } }
  })
  return [...back, ...across]
}

/** Devices with thousands of interfaces have few levels: rules of pairs would be millions. */
function namesByLevel(interfaces: readonly Interface[]): ReadonlyMap<number, readonly string[]> {
  const grouped = Map.groupBy(interfaces, ({ level }) => level)
  return new Map([...grouped].map(([level, some]) => [level, some.map(({ name }) => name)]))
}

/** Without a list, what is more trusted may go to what is less. */
function levelRules(interfaces: readonly Interface[], span: Span): readonly Rule[] {
  const levels = [...namesByLevel(interfaces)]
  return levels.flatMap(([from, into]) =>
    levels.map(([to, out]): Rule => {
      const match = { in: { names: into }, out: { names: out } }
      const name = `security level ${from} to ${to}`
      return { name, span, match, action: { kind: from >= to ? 'allow' : 'drop' }, unknowns: [], implied: true }
    }),
  )
}

const plain = { stateful: true, addresses: 'current' } as const
const translation = { ...plain, otherwise: { action: 'allow', name: 'no translation' } } as const

/** In the order in which a packet meets them. */
const stages: readonly Stage[] = [
  {
    ...translation,
    name: 'NAT of destinations',
    hook: 'prerouting',
    kind: 'destination-nat',
    chain: 'mapped destinations',
  },
  {
    ...{ ...plain, name: 'access lists for what comes in', hook: 'forward', kind: 'filter', chain: 'in' },
    otherwise: { action: 'drop', name: 'implicit deny' },
  },
  {
    ...{ ...plain, name: 'access lists for what leaves', hook: 'forward', kind: 'filter', chain: 'out' },
    otherwise: { action: 'allow', name: 'no list for what leaves' },
  },
  { ...translation, name: 'NAT of sources', hook: 'postrouting', kind: 'source-nat', chain: 'mapped sources' },
  {
    ...{ ...plain, name: 'management of the device', hook: 'input', kind: 'filter', chain: 'to the device' },
    otherwise: { action: 'unknown', name: 'what the device itself answers' },
  },
]
