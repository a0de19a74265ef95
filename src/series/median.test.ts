import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { median, medianDeviation, quantileOf } from './median.ts'

const values = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 300 })

test('the median is what sorting finds, and the given array stays as it is', () => {
  fc.assert(
    fc.property(values, (given) => {
      const before = [...given]
      const sorted = given.toSorted((one, other) => one - other)
      const [low, high] = [sorted[(given.length - 1) >> 1] ?? 0, sorted[given.length >> 1] ?? 0]
      assert.equal(median(given), given.length % 2 === 1 ? high : low / 2 + high / 2)
      assert.deepEqual(given, before)
    }),
  )
})

test('a quantile is the value of its rank, the lower one of two', () => {
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (given, share) => {
      const sorted = Float64Array.from(given).sort()
      // Zero and minus zero are one value that sorting puts in an order.
      assert.equal(quantileOf(given, share) + 0, (sorted[Math.floor(share * (given.length - 1))] ?? 0) + 0)
    }),
  )
})

test('of nothing there is no median, of one it is that one, and a hundred thousand equal ones take no time', () => {
  assert.ok(Number.isNaN(median([])))
  assert.ok(Number.isNaN(quantileOf([], 0.5)))
  assert.equal(median([7]), 7)
  assert.equal(median(new Float64Array(100_000).fill(3)), 3)
})

test('the median deviation is the usual distance from the middle', () => {
  assert.equal(medianDeviation([1, 2, 3, 4, 1000], 3), 1)
})
