import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { lagProducts } from './autocorrelation.ts'

test('sums and pairs of every lag are those of adding up by hand', () => {
  const value = fc.oneof(fc.double({ min: -100, max: 100, noNaN: true }), fc.constant(undefined))
  fc.assert(
    fc.property(fc.array(value, { minLength: 2, maxLength: 80 }), fc.integer({ min: 0, max: 79 }), (series, lag) => {
      const mostLag = Math.min(lag, series.length - 1)
      const { sums, pairs } = lagProducts(
        Float64Array.from(series, (one) => one ?? 0),
        Float64Array.from(series, (one) => (one === undefined ? 0 : 1)),
        mostLag,
      )
      assert.equal(sums.length, mostLag + 1)
      for (let apart = 0; apart <= mostLag; apart += 1) {
        let [sum, count] = [0, 0]
        for (let at = 0; at + apart < series.length; at += 1) {
          const [one, other] = [series[at], series[at + apart]]
          if (one === undefined || other === undefined) continue
          sum += one * other
          count += 1
        }
        assert.ok(Math.abs((sums[apart] ?? Number.NaN) - sum) < 1e-6)
        assert.equal(pairs[apart], count)
      }
    }),
  )
})
