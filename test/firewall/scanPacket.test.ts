import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Match, Rule, RuleSet, Stage } from '../../src/firewall/ruleset.ts'
import { bddOutcomes, PacketBits } from './bddOutcomes.ts'
import type { Packet } from './packet.ts'
import { overAllChoices } from './packet.ts'
import type { Mix } from './randomRuleSets.ts'
import { plain, randomFlow, randomPacket, randomRuleSet, seeded } from './randomRuleSets.ts'
import { scanPacket } from './scanPacket.ts'
import { showPacket, showRuleSet } from './showRuleSet.ts'

const mixes: readonly [string, Mix][] = [
  ['a list', { ...plain, icmpTypes: false }],
  ['jumps', { ...plain, icmpTypes: false, chains: 3, jumps: 40 }],
  ['unknowns', { ...plain, icmpTypes: false, unknowns: 25 }],
  [
    'jumps and unknowns over two stages',
    { ...plain, icmpTypes: false, rules: 6, chains: 3, jumps: 40, unknowns: 20, stages: 2 },
  ],
]

for (const [name, mix] of mixes) {
  test(`the walk of one packet and the walk of all at once agree: ${name}`, () => {
    for (let seed = 1; seed <= 150; seed += 1) {
      const random = seeded(seed)
      const ruleSet = randomRuleSet(random, mix)
      const spaces = { 4: new PacketBits(4), 6: new PacketBits(6) }
      const ends = { 4: bddOutcomes(spaces[4], ruleSet), 6: bddOutcomes(spaces[6], ruleSet) }
      for (let at = 0; at < 30; at += 1) {
        const packet = randomPacket(random, randomFlow(random, mix))
        const scanned = new Set(
          overAllChoices((choose) => scanPacket(ruleSet, 'forward', packet, choose))?.map(({ end }) => end),
        )
        const { family } = packet
        const all = (['allow', 'drop', 'reject'] as const).filter((end) =>
          holds(spaces[family], ends[family][end], packet),
        )
        assert.deepEqual(new Set(all), scanned, `seed ${seed}: ${showPacket(packet)}\n${showRuleSet(ruleSet)}`)
      }
    }
  })
}

function holds(space: PacketBits, set: number, packet: Packet): boolean {
  const { family, source, destination, protocol, sourcePort, destinationPort } = packet
  const one = (value: Packet['source']) =>
    typeof value === 'bigint' ? [{ family, first: value, last: value }] : [...value]
  const port = (value: Packet['sourcePort']) => {
    const number = typeof value === 'number' ? value : 0
    return [{ first: number, last: number }]
  }
  const point = space.setOf({
    ...{ source: one(source), destination: one(destination), protocols: [{ first: protocol, last: protocol }] },
    ...{ sourcePorts: port(sourcePort), destinationPorts: port(destinationPort) },
  })
  return space.bdd.without(point, set) === 0
}

const tcp: Packet = {
  ...{ family: 4, source: 0x0a000001n, destination: 0x0a000002n, protocol: 6, sourcePort: 2000, destinationPort: 443 },
  ...{ state: 'new', flags: 2, request: 'connect' },
}

function rule(name: string, match: Match, action: Rule['action'], more: Partial<Rule> = {}): Rule {
  return { name, match, action, unknowns: [], span: { file: 'f', line: 1, text: name }, ...more }
}

function ruleSet(chains: RuleSet['chains'], stages: readonly Partial<Stage>[]): RuleSet {
  return {
    ...{ vendor: 'nftables', name: 'd', chains, places: [], doubts: [] },
    stages: stages.map((stage) => ({
      ...{ name: 's', hook: 'forward', kind: 'filter', chain: 'c', stateful: true, addresses: 'current' },
      ...{ otherwise: { action: 'drop', name: 'policy' } },
      ...stage,
    })),
  }
}

const ends = (set: RuleSet, packet: Packet = tcp) =>
  new Set(overAllChoices((choose) => scanPacket(set, 'forward', packet, choose))?.map(({ end }) => end))
const one = (value: bigint) => ({ sure: [{ family: 4 as const, first: value, last: value }], possible: [] })
const here = { kind: 'time', what: 'the time' } as const

const rows: readonly [string, RuleSet, ReturnType<typeof ends>][] = [
  [
    'the first rule that matches ends the list',
    ruleSet({ c: [rule('a', {}, { kind: 'allow' }), rule('b', {}, { kind: 'drop' })] }, [{}]),
    new Set(['allow']),
  ],
  [
    'a stateless list is asked for the answer too',
    ruleSet({ c: [rule('a', { destinationPorts: [{ first: 443, last: 443 }] }, { kind: 'allow' })] }, [
      { stateful: false },
    ]),
    new Set(['drop']),
  ],
  [
    'an answer is established, and goes the other way',
    ruleSet(
      {
        c: [
          rule('a', { destinationPorts: [{ first: 443, last: 443 }] }, { kind: 'allow' }),
          rule(
            'b',
            { states: ['established'], source: one(0x0a000002n), tcpFlags: [{ mask: 0xff, value: 0x12 }] },
            { kind: 'allow' },
          ),
        ],
      },
      [{ stateful: false }],
    ),
    new Set(['allow']),
  ],
  [
    'an unknown may hold or not',
    ruleSet({ c: [rule('a', {}, { kind: 'allow' }, { unknowns: [here] })] }, [{}]),
    new Set(['allow', 'drop']),
  ],
  [
    'one unknown is the same in two rules',
    ruleSet(
      {
        c: [
          rule('a', {}, { kind: 'allow' }, { unknowns: [here] }),
          rule('b', {}, { kind: 'reject' }, { unknowns: [here] }),
        ],
      },
      [{}],
    ),
    new Set(['allow', 'drop']),
  ],
  [
    'after a goto the list before goes on, not the one that has it',
    ruleSet(
      {
        c: [rule('a', {}, { kind: 'jump', chain: 'j' }), rule('b', {}, { kind: 'reject' })],
        j: [rule('g', {}, { kind: 'goto', chain: 'k' }), rule('never', {}, { kind: 'allow' })],
        k: [],
      },
      [{}],
    ),
    new Set(['reject']),
  ],
  [
    'a chain that is nowhere may do anything',
    ruleSet({ c: [rule('a', {}, { kind: 'jump', chain: 'nowhere' })] }, [{}]),
    new Set(['allow', 'drop']),
  ],
  [
    'a filter behind a translation sees the new destination, and so does the answer until sources are changed',
    ruleSet(
      {
        n: [
          rule(
            'n',
            { destination: one(0x0a000002n) },
            { kind: 'translate', destination: { to: one(0x0a000063n).sure } },
          ),
        ],
        c: [
          rule('f', { destination: one(0x0a000063n) }, { kind: 'allow' }),
          rule('r', { source: one(0x0a000063n), states: ['established'] }, { kind: 'allow' }),
        ],
        p: [
          rule('q', { source: one(0x0a000063n), states: ['established'] }, { kind: 'allow' }),
          rule('o', { destination: one(0x0a000063n) }, { kind: 'allow' }),
        ],
      },
      [
        { kind: 'destination-nat', hook: 'prerouting', chain: 'n', otherwise: { action: 'allow', name: 'none' } },
        { stateful: false },
        { stateful: false, hook: 'postrouting', chain: 'p' },
      ],
    ),
    new Set(['allow']),
  ],
  [
    'tags go from rule to rule',
    ruleSet(
      {
        c: [
          rule('a', {}, { kind: 'continue' }, { sets: 'red' }),
          rule('b', { tagged: { tag: 'red' } }, { kind: 'allow' }),
        ],
      },
      [{}],
    ),
    new Set(['allow']),
  ],
]

for (const [name, set, expected] of rows) test(name, () => assert.deepEqual(ends(set), expected))
