import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { NodeSeen } from './oneBadNode.ts'
import { oneBadNode } from './oneBadNode.ts'
import { normalDraw, seededRandom } from './seededRandom.ts'

const random = seededRandom(1)
const node = (address: string, looks: number, failed: number, ms = 20): NodeSeen => ({
  ...{ address, looks, failed },
  times: Array.from({ length: looks - failed }, () => ms * Math.exp(0.2 * normalDraw(random))),
})
const [first, second, third] = ['10.0.0.1', '10.0.0.2', '10.0.0.3']

const rows: readonly [what: string, nodes: readonly NodeSeen[], expected: string][] = [
  [
    'one of three fails half of the time',
    [node(first, 40, 0), node(second, 40, 20), node(third, 40, 1)],
    `${second} failures`,
  ],
  ['one of two is twice as slow', [node(first, 40, 0), node(second, 40, 0, 40)], `${second} latency`],
  ['one fails and is slow as well', [node(first, 60, 30, 80), node(second, 60, 0)], `${first} failures`],
  ['all are alike', [node(first, 40, 1), node(second, 40, 0), node(third, 40, 2)], 'none'],
  ['all fail alike', [node(first, 40, 20), node(second, 40, 22), node(third, 40, 18)], 'none'],
  ['two of three fail', [node(first, 80, 40), node(second, 80, 40), node(third, 80, 0)], 'none'],
  ['one failed once', [node(first, 40, 1), node(second, 40, 0)], 'none'],
  ['one is slower by a tenth', [node(first, 400, 0, 20), node(second, 400, 0, 22)], 'none'],
  ['there is one address', [node(first, 40, 40)], 'none'],
  ['hardly anything was seen', [node(first, 4, 4), node(second, 4, 0)], 'none'],
  ['nothing was seen', [], 'none'],
]
for (const [what, nodes, expected] of rows)
  test(`${expected === 'none' ? 'no node is' : expected.replace(' ', ' by ')} called bad when ${what}`, () => {
    const bad = oneBadNode(nodes)
    assert.equal(bad === undefined ? 'none' : `${bad.address} ${bad.by}`, expected)
    if (bad !== undefined) assert.ok(bad.p < 1e-4 && bad.own > bad.others)
  })

test('of nodes that are alike none is accused: a thousand names of four', () => {
  for (let name = 0; name < 1000; name += 1) {
    const nodes = [first, second, third, '10.0.0.4'].map((address) => {
      const failed = Array.from({ length: 30 }, () => random() < 0.05).filter((each) => each).length
      return node(address, 30, failed)
    })
    assert.equal(oneBadNode(nodes), undefined)
  }
})

test('whatever was seen, at most one of the addresses is named', () => {
  const seen = fc.record({
    address: fc.string(),
    ...{
      looks: fc.nat(500),
      failed: fc.integer({ min: -5, max: 500 }),
      times: fc.array(fc.double(), { maxLength: 50 }),
    },
  })
  fc.assert(
    fc.property(fc.array(seen, { maxLength: 6 }), (nodes) => {
      const bad = oneBadNode(nodes)
      assert.ok(bad === undefined || nodes.some(({ address }) => address === bad.address))
    }),
  )
})
