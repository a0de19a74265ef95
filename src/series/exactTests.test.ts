import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fisherGreater, holm, normalTail, rankSumGreater } from './exactTests.ts'

const near = (told: number, exact: number): void =>
  assert.ok(Math.abs(told - exact) <= 1e-6 * Math.max(exact, 1e-3), `${told} for ${exact}`)

test('failures on one side are as rare as counting says', () => {
  // Fisher's tea: four cups of four.
  near(fisherGreater(4, 4, 0, 4), 1 / 70)
  near(fisherGreater(3, 4, 1, 4), 17 / 70)
  near(fisherGreater(0, 10, 5, 10), 1)
  assert.ok(fisherGreater(400, 500, 20, 10_000) < 1e-200)
})

test('tails of the normal distribution are those of tables', () => {
  near(normalTail(0), 0.5)
  near(normalTail(1.959964), 0.025)
  near(normalTail(-1.959964), 0.975)
  assert.ok(Math.abs(normalTail(6) / 9.8659e-10 - 1) < 1e-4)
})

test('values that lie higher have higher ranks, equal ones are no evidence', () => {
  const low = Array.from({ length: 30 }, (_, at) => at)
  assert.ok(
    rankSumGreater(
      low.map((value) => value + 20),
      low,
    ) < 1e-5,
  )
  assert.ok(
    rankSumGreater(
      low,
      low.map((value) => value + 20),
    ) > 0.999,
  )
  assert.equal(rankSumGreater([3, 3, 3], [3, 3, 3]), 1)
  assert.equal(rankSumGreater([], [1]), 1)
})

test('after all tests no p is smaller than before, the order stays, and one test alone is as it was', () => {
  assert.deepEqual(holm([0.01, 0.04, 0.03]), [0.03, 0.06, 0.06])
  assert.deepEqual(holm([0.2]), [0.2])
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 }), (ps) => {
      const adjusted = holm(ps)
      for (const [at, p] of ps.entries()) {
        assert.ok((adjusted[at] ?? 0) >= p && (adjusted[at] ?? 2) <= 1)
        for (const [other, q] of ps.entries()) if (p < q) assert.ok((adjusted[at] ?? 0) <= (adjusted[other] ?? 0))
      }
    }),
  )
})
