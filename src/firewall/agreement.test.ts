import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { agree, agreeOnAll, agreeOnOne } from '../../test/firewall/agreement.ts'
import type { Mix, Random } from '../../test/firewall/randomRuleSets.ts'
import { plain, seeded } from '../../test/firewall/randomRuleSets.ts'

const jumps = { chains: 3, jumps: 40 }
const mixes: readonly [string, Mix][] = [
  ['a list', plain],
  ['jumps, gotos and returns', { ...plain, ...jumps }],
  ['unknowns', { ...plain, unknowns: 20 }],
  ['jumps and unknowns over two stages', { ...plain, ...jumps, rules: 7, unknowns: 15, stages: 2 }],
  ['the answer too', { ...plain, stateful: false, stages: 2 }],
  ['interfaces and zones', { ...plain, ...jumps, places: true }],
  ['rules that say where it leaves', { ...plain, ...jumps, places: true, leads: true, stages: 3 }],
  ['rules that may say where it leaves', { ...plain, places: true, leads: true, stages: 3, unknowns: 10 }],
  ['tags', { ...plain, ...jumps, tags: true, stages: 2 }],
  ['translation', { ...plain, translation: true }],
  ['translation, and the answer too', { ...plain, translation: true, stateful: false, stages: 2 }],
  ['to the machine', { ...plain, passage: 'input', stages: 2, places: true, unknowns: 5 }],
  ['from the machine', { ...plain, passage: 'output', stages: 2, places: true, unknowns: 5 }],
  ['to the machine, and the answer too', { ...plain, passage: 'input', stages: 3, places: true, stateful: false }],
  ['from the machine, and the answer too', { ...plain, passage: 'output', stages: 3, places: true, stateful: false }],
  ['names', { ...plain, names: true, unknowns: 5 }],
  [
    'everything',
    {
      ...{ ...plain, ...jumps, rules: 6, unknowns: 10, stages: 2, places: true, translation: true, tags: true },
      ...{ stateful: false, names: true },
    },
  ],
]
/** Over all mixes more than a million. */
const packetsPerMix = 70_000

for (const [name, mix] of mixes) {
  test(`the judge says of each packet what a walk through the rules says: ${name}`, () => {
    const { packets, open } = agree(mix, 1, packetsPerMix)
    assert.ok(packets >= packetsPerMix)
    if (mix.unknowns > 0) assert.ok(open > packets / 100, `of ${open} packets the end was open`)
  })
}

for (const [name, mix] of mixes.slice(0, 4)) {
  test(`the judge says of all packets together what a diagram of them says: ${name}`, () => {
    for (let seed = 1; seed <= 400; seed += 1) {
      // Types of ICMP are where a diagram has ports.
      const wrong = agreeOnAll({ ...mix, icmpTypes: false }, seeded(seed))
      assert.equal(wrong, undefined, `seed ${seed}: ${wrong}`)
    }
  })
}

test('of rule sets that differ the plainest is shown', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...mixes),
      fc.array(fc.nat(9999), { maxLength: 400, size: 'max' }),
      ([name, mix], numbers) => {
        agreeOnOne(mix, drawnFrom(numbers), name)
      },
    ),
    { numRuns: 100 },
  )
})

/** Takes numbers from a list, then the largest ones, by which every chance is missed: a shorter list makes plainer rules. */
function drawnFrom(numbers: readonly number[]): Random {
  let at = 0
  return (below) => {
    const number = numbers[at] ?? below - 1
    at += 1
    return number % below
  }
}
