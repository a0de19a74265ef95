import assert from 'node:assert/strict'
import { test } from 'node:test'
import { matchesPacket } from '../../../test/firewall/matchesPacket.ts'
import type { Packet } from '../../../test/firewall/packet.ts'
import { rule } from '../../../test/firewall/writtenRules.ts'
import type { NamePattern } from '../namePattern.ts'
import type { Match, Place } from '../ruleset.ts'
import { conditionsExclude, conditionsImply } from './conditions.ts'

const places: readonly Place[] = [
  { name: 'lan0', kind: 'interface', zones: ['inside'] },
  { name: 'lan1', kind: 'interface', zones: ['inside', 'guests'] },
  { name: 'wan0', kind: 'interface', zones: ['outside'] },
  ...['inside', 'guests', 'outside'].map((name) => ({ name, kind: 'zone' as const })),
]
const named = (covers: NamePattern['covers'], name: string, text = name): Match => ({
  requestedNames: [{ covers, name, text }],
})

/** One condition each, of every kind. */
const conditions: readonly Match[] = [
  { states: ['new'] },
  { states: ['established', 'related'] },
  { states: ['new', 'established', 'related'] },
  { requests: ['connect'] },
  { requests: ['plain'] },
  { requests: ['plain', 'connect'] },
  ...['lan0', 'lan1', 'lan*', 'wan0', 'inside', 'guests', 'outside'].flatMap((name): Match[] => [
    { in: { names: [name] } },
    { in: { names: [name], inverted: true } },
  ]),
  { in: { names: ['lan0', 'wan0'] } },
  { sameZone: true },
  { sameZone: false },
  { tcpFlags: [{ mask: 0x12, value: 0x02 }] },
  { tcpFlags: [{ mask: 0x02, value: 0x02 }] },
  {
    tcpFlags: [
      { mask: 0xff, value: 0x02 },
      { mask: 0xff, value: 0x12 },
    ],
  },
  named('exactly', 'a.example'),
  named('exactly', 'b.a.example'),
  named('at-or-below', 'a.example'),
  named('below', 'a.example'),
  named('below', 'example'),
  named('one-label-below', 'a.example'),
  named('one-label-below', 'example'),
  named('glob', 'a.example', '*a.example'),
  named('any', ''),
]

const packets: readonly Packet[] = (['new', 'established'] as const).flatMap((state) =>
  (['connect', 'plain'] as const).flatMap((request) =>
    [0x02, 0x12, 0x10].flatMap((flags) =>
      ['a.example', 'b.a.example', 'c.b.a.example', 'example', 'other.example'].flatMap((name) =>
        ['lan0', 'lan1', 'wan0'].flatMap((near) =>
          ['lan0', 'wan0'].map(
            (far): Packet => ({
              ...{ family: 4, source: 1n, destination: 2n, protocol: 6, sourcePort: 2000, destinationPort: 443 },
              ...{ state, request, flags, name, in: near, out: far },
            }),
          ),
        ),
      ),
    ),
  ),
)

const holds = (match: Match, packet: Packet): boolean =>
  matchesPacket(rule('one', match, 'allow'), packet, { choose: () => 0, places, tags: new Set() })

test('a condition that is said to imply another does so for every packet', () => {
  let seen = 0
  for (const some of conditions) {
    for (const other of conditions) {
      if (!conditionsImply([some], [other])) continue
      seen += 1
      const wrong = packets.find((packet) => holds(some, packet) && !holds(other, packet))
      assert.equal(wrong, undefined, `${JSON.stringify(some)} => ${JSON.stringify(other)}`)
    }
    assert.ok(conditionsImply([some], [some]), JSON.stringify(some))
  }
  assert.ok(seen > 50, `${seen} pairs`)
})

test('conditions that are said to exclude each other have no packet in common', () => {
  let seen = 0
  for (const some of conditions) {
    for (const other of conditions) {
      if (!conditionsExclude([some], [other], places)) continue
      seen += 1
      const both = packets.find((packet) => holds(some, packet) && holds(other, packet))
      assert.equal(both, undefined, `${JSON.stringify(some)} and ${JSON.stringify(other)}`)
    }
  }
  assert.ok(seen > 10, `${seen} pairs`)
})

test('a tag is never taken for the same at two rules: one between may have set it', () => {
  const red: Match = { tagged: { tag: 'red' } }
  assert.equal(conditionsImply([red], [red]), false)
})
