import type { Addresses, AddressRange } from '../../src/firewall/addresses.ts'
import { addressesOf, outsideOf } from '../../src/firewall/addresses.ts'
import type { AskedFlow, Passage } from '../../src/firewall/judged.ts'
import type { NamePattern } from '../../src/firewall/namePattern.ts'
import type { Action, Hook, Match, NumberRange, Rule, RuleSet, Stage } from '../../src/firewall/ruleset.ts'
import type { Unknown, unknownKinds } from '../../src/firewall/unknown.ts'
import type { Packet } from './packet.ts'

/** A number from 0 to below the bound. */
export type Random = (below: number) => number

/** The same numbers for the same seed, everywhere (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** What a random rule set may have. Chances are of a hundred. */
export interface Mix {
  /** Rules of the first chain at most. */
  readonly rules: number
  /** Chains to jump to. */
  readonly chains: number
  readonly jumps: number
  readonly unknowns: number
  readonly negations: number
  readonly stateful: boolean
  readonly stages: number
  readonly places: boolean
  readonly translation: boolean
  readonly tags: boolean
  /** Rules that say by which place a packet leaves. */
  readonly leads: boolean
  readonly passage: Passage
  /** Rules that ask for names, and questions by name. */
  readonly names: boolean
  readonly icmpTypes: boolean
}

export const plain: Mix = {
  rules: 10,
  chains: 0,
  jumps: 0,
  unknowns: 0,
  negations: 15,
  stateful: true,
  stages: 1,
  places: false,
  translation: false,
  tags: false,
  leads: false,
  passage: 'forward',
  names: false,
  icmpTypes: true,
}

/** Hooks of filter stages, in the order in which they stand in the rule set. */
const hooksOf = {
  forward: ['forward', 'postrouting', 'prerouting'],
  input: ['input', 'prerouting'],
  output: ['output', 'postrouting'],
} as const satisfies Record<Passage, readonly Hook[]>
const names = ['login.example', 'a.login.example', 'b.a.login.example', 'other.example'] as const

/** Bits of the part of the space in which all addresses lie: small, so that rules overlap often. */
const bits = 5
const base: Readonly<Record<4 | 6, bigint>> = { 4: 0x0a00_0000n, 6: 0x2001_0db8_0000_0000_0000_0000_ffff_ff00n }
const firstPort = 440
const ports = 8
const protocols = [6, 6, 6, 17, 17, 1] as const
const kinds = [
  'names',
  'tag',
  'dynamic-set',
  'time',
  'user',
  'packet',
] as const satisfies (typeof unknownKinds)[number][]
const places = ['lan0', 'lan1', 'wan0'] as const

export function randomRuleSet(random: Random, mix: Mix): RuleSet {
  let unknowns = 0
  const jumpedTo = new Set<string>()
  const make = makerOf(random, mix, () => {
    unknowns += 1
    const kind = kinds[random(kinds.length)] ?? 'other'
    return { kind, what: `unknown ${unknowns}`, ...(kind === 'tag' && { tag: `tag ${unknowns}` }) }
  })
  const chains: Record<string, readonly Rule[]> = {}
  const list = (name: string, most: number, actions: () => Action): void => {
    chains[name] = Array.from({ length: 1 + random(most) }, (_, at) => {
      const action = actions()
      // In a chain that is gone through twice an unknown is the same both times, which a set of packets cannot say.
      const isAgain = 'chain' in action && mix.unknowns > 0 && jumpedTo.has(action.chain)
      if ('chain' in action) jumpedTo.add(action.chain)
      return make.rule(name, at, isAgain ? { kind: 'continue' } : action)
    })
  }
  const stages: Stage[] = []
  for (let at = 0; at < mix.stages; at += 1) {
    // A jump leads to a chain of a higher number: there are no circles.
    for (let chain = 0; chain < mix.chains; chain += 1) {
      list(`s${at}c${chain}`, Math.max(1, mix.rules >> 1), () => make.action(at, chain + 1))
    }
    list(`s${at}`, mix.rules, () => make.action(at, 0))
    const hooks = hooksOf[mix.passage]
    const hook = hooks[at % hooks.length] ?? 'forward'
    const isNear = mix.passage !== 'forward' && hook === mix.passage && chance(random, 30)
    const near = isNear ? make.addresses() : undefined
    const isOpen = mix.unknowns > 0 && chance(random, 10)
    const otherwise = chance(random, 60) ? 'drop' : chance(random, 80) ? 'allow' : 'reject'
    stages.push({
      ...{ name: `filter ${at}`, hook, kind: 'filter', chain: `s${at}`, stateful: mix.stateful, addresses: 'current' },
      otherwise: { action: isOpen ? 'unknown' : otherwise, name: 'policy' },
      ...(near !== undefined && { attachedTo: near }),
    })
  }
  if (mix.translation) {
    // Of the first packet of IPv4 alone: what addresses become is of the same family.
    for (const side of ['destination', 'source'] as const) {
      const name = side === 'source' ? 'snat' : 'dnat'
      list(name, 3, () => make.translation(side))
      chains[name] = chains[name]?.map((rule) => ({ ...rule, match: firstOf4(rule.match) })) ?? []
    }
    const nat = { stateful: true, addresses: 'current', otherwise: { action: 'allow', name: 'none' } } as const
    stages.unshift({ ...nat, name: 'dnat', hook: 'prerouting', kind: 'destination-nat', chain: 'dnat' })
    stages.push({ ...nat, name: 'snat', hook: 'postrouting', kind: 'source-nat', chain: 'snat' })
  }
  return {
    ...{ vendor: 'nftables', name: 'random', stages, chains, doubts: [] },
    places: places.map((name) => ({ name, kind: 'interface', ...(name !== 'wan0' && { zones: ['inside'] }) })),
  }
}

function firstOf4({ states, ...match }: Match): Match {
  return { ...match, family: 4 }
}

interface Maker {
  addresses(): Addresses
  rule(chain: string, at: number, action: Action): Rule
  action(stage: number, nextChain: number): Action
  translation(side: 'source' | 'destination'): Action
}

function makerOf(random: Random, mix: Mix, unknown: () => Unknown): Maker {
  const addresses = (): Addresses => {
    const some = Array.from({ length: 1 + random(2) }, () => randomRange(random, 4))
    if (chance(random, 30)) some.push(randomRange(random, 6))
    const sure = addressesOf(some)
    const set: Addresses = chance(random, mix.unknowns)
      ? {
          sure: chance(random, 50) ? [] : sure.sure,
          possible: [
            { within: addressesOf([randomRange(random, 4), randomRange(random, 6)]).sure, because: unknown() },
          ],
        }
      : sure
    return chance(random, mix.negations) ? outsideOf(set) : set
  }
  const tags = ['red', 'blue'] as const
  const tag = (): string => tags[random(2)] ?? 'red'
  const match = (): Match => {
    const protocol = protocols[random(protocols.length)] ?? 6
    const hasPorts = protocol !== 1
    return {
      ...(chance(random, 10) && { family: chance(random, 80) ? 4 : 6 }),
      ...(chance(random, 5) && { destinationPorts: [{ first: 0, last: 65535 }] }),
      ...(chance(random, 70) && {
        protocols: [{ first: protocol, last: protocol }],
        ...(hasPorts && chance(random, 60) && { destinationPorts: randomPorts(random) }),
        ...(hasPorts && chance(random, 10) && { sourcePorts: [{ first: 2000 + random(4), last: 2003 + random(5) }] }),
        ...(protocol === 6 &&
          chance(random, 8) && { tcpFlags: [{ mask: 0x12, value: chance(random, 70) ? 2 : 0x12 }] }),
      }),
      ...(chance(random, 60) && { source: addresses() }),
      ...(chance(random, 60) && { destination: addresses() }),
      ...(!mix.stateful &&
        chance(random, 40) && {
          states: chance(random, 50) ? ['new'] : ['established', 'related'],
        }),
      ...(mix.places && mix.passage !== 'output' && chance(random, 25) && { in: randomPlaces(random) }),
      ...(mix.places && mix.passage !== 'input' && chance(random, 25) && { out: randomPlaces(random) }),
      ...(mix.places && mix.passage === 'forward' && chance(random, 8) && { sameZone: chance(random, 50) }),
      ...(mix.names && chance(random, 40) && { requestedNames: [randomPattern(random)] }),
      ...(mix.tags && chance(random, 25) && { tagged: { tag: tag(), ...(chance(random, 40) && { not: true }) } }),
    }
  }
  return {
    addresses,
    rule: (chain, at, action) => ({
      ...{ name: `${chain} #${at}`, match: match(), action },
      ...(mix.tags && chance(random, 25) && { sets: tag() }),
      ...(mix.leads && chance(random, 40) && { leadsOut: [places[random(3)] ?? 'wan0'] }),
      unknowns: chance(random, mix.unknowns) || action.kind === 'unknown' ? [unknown()] : [],
      span: { file: 'random', line: at + 1, text: `${chain} #${at}` },
    }),
    action(stage, nextChain) {
      if (nextChain < mix.chains && chance(random, mix.jumps)) {
        const chain = `s${stage}c${nextChain + random(mix.chains - nextChain)}`
        return { kind: chance(random, 75) ? 'jump' : 'goto', chain }
      }
      if (nextChain > 0 && chance(random, 15)) return { kind: 'return' }
      if (mix.unknowns > 0 && chance(random, 3)) return { kind: 'unknown' }
      if (chance(random, mix.tags ? 30 : 5)) return { kind: 'continue' }
      return { kind: chance(random, 50) ? 'allow' : chance(random, 70) ? 'drop' : 'reject' }
    },
    translation(side) {
      if (chance(random, 20)) return { kind: 'no-translation' }
      const to = randomRange(random, 4)
      const first = (side === 'source' ? 2000 : firstPort) + random(ports)
      const part = {
        ...(chance(random, 80) && { to: [chance(random, 60) ? { ...to, last: to.first } : to] }),
        ...(chance(random, 30) && { ports: { first, last: chance(random, 70) ? first : first + random(3) } }),
      }
      return side === 'source' ? { kind: 'translate', source: part } : { kind: 'translate', destination: part }
    },
  }
}

function chance(random: Random, ofHundred: number): boolean {
  return ofHundred > 0 && random(100) < ofHundred
}

/** A prefix, or at times any range. */
function randomRange(random: Random, family: 4 | 6): AddressRange {
  const size = 1 << random(bits + 1)
  const start = chance(random, 80) ? random((1 << bits) / size) * size : random(1 << bits)
  const first = base[family] + BigInt(start)
  return { family, first, last: first + BigInt(Math.min(size, (1 << bits) - start)) - 1n }
}

function randomPorts(random: Random): readonly NumberRange[] {
  if (chance(random, 50)) {
    const first = firstPort + random(ports)
    return [{ first, last: first }]
  }
  const first = firstPort + random(ports)
  return [{ first, last: Math.min(firstPort + ports - 1, first + random(ports)) }]
}

function randomPattern(random: Random): NamePattern {
  const name = names[random(names.length)] ?? 'login.example'
  const covers = (['exactly', 'at-or-below', 'below', 'one-label-below', 'glob', 'any'] as const)[random(6)] ?? 'any'
  return { name, covers, text: covers === 'glob' ? `*${name.slice(random(4))}` : name }
}

function randomPlaces(random: Random): { readonly names: readonly string[]; readonly inverted?: true } {
  const name = ['lan0', 'lan1', 'wan0', 'lan*', 'inside'][random(5)] ?? 'wan0'
  return { names: [name], ...(chance(random, 20) && { inverted: true }) }
}

/** A question with sets of addresses and ports, from one port, through known places where the rules ask for them. */
export function randomFlow(random: Random, mix: Mix): AskedFlow {
  const transport = chance(random, 60) ? 'tcp' : chance(random, 70) ? 'udp' : 'icmp'
  const family = chance(random, 80) ? 4 : 6
  const sourcePort = 2000 + random(8)
  return {
    ...{ source: [randomRange(random, family)], destination: [randomRange(random, family)], transport },
    ports: transport === 'icmp' ? [] : randomPorts(random),
    sourcePorts: { first: sourcePort, last: chance(random, 70) ? sourcePort : 2000 + 8 },
    request: 'connect',
    ...(mix.names && { name: names[random(names.length)] ?? 'login.example' }),
    ...(mix.places && { in: places[random(3)] ?? 'lan0', out: places[random(3)] ?? 'wan0' }),
  }
}

/** One packet of a question. */
export function randomPacket(random: Random, flow: AskedFlow): Packet {
  const oneOf = (ranges: readonly AddressRange[]): AddressRange => {
    const { family, first, last } = ranges[random(ranges.length)] ?? { family: 4, first: 0n, last: 0n }
    const size = Number(last - first) + 1
    // Ends of ranges are where mistakes are.
    const value = chance(random, 30) ? (chance(random, 50) ? first : last) : first + BigInt(random(size))
    return { family, first: value, last: value }
  }
  const source = oneOf(flow.source)
  const destination = oneOf(flow.destination ?? [])
  const { first, last } = flow.ports[random(Math.max(1, flow.ports.length))] ?? { first: 0, last: 0 }
  const { first: near, last: far } = flow.sourcePorts ?? { first: 0, last: 0 }
  const hasPorts = flow.transport !== 'icmp'
  const protocol = flow.transport === 'tcp' ? 6 : flow.transport === 'udp' ? 17 : source.family === 4 ? 1 : 58
  return {
    ...{ family: source.family, source: source.first, destination: destination.first, protocol },
    ...(hasPorts
      ? { sourcePort: near + random(far - near + 1), destinationPort: first + random(last - first + 1) }
      : { icmp: { type: source.family === 4 ? 8 : 128, code: 0 } }),
    ...(flow.in !== undefined && { in: flow.in }),
    ...(flow.out !== undefined && { out: flow.out }),
    ...{ state: 'new', flags: flow.transport === 'tcp' ? 2 : 0, request: flow.request },
    ...(flow.name !== undefined && { name: flow.name }),
  }
}
