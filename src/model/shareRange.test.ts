import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { shareRange } from './shareRange.ts'

test('the shares that are likely are the ends of the score interval', () => {
  // Wilson, 95 %: of 10 in 100 it is 5.5 to 17.4 %, of 3 in 100 1.0 to 8.5 %, of 1 in 10 1.8 to 40.4 %.
  const ends = (met: number, all: number): readonly string[] => {
    const { least, most } = shareRange(met, all)
    return [least, most].map((end) => end.toFixed(3))
  }
  assert.deepEqual(ends(10, 100), ['0.055', '0.174'])
  assert.deepEqual(ends(3, 100), ['0.010', '0.085'])
  assert.deepEqual(ends(1, 10), ['0.018', '0.404'])
  assert.deepEqual(ends(0, 30), ['0.000', '0.114'])
  assert.deepEqual(ends(50, 50), ['0.929', '1.000'])
})

test('the range of a share holds it, lies between nothing and all, and narrows with what is tried', () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.nat(1000), (one, other) => {
      const [met, all] = [Math.min(one, other), Math.max(one, other)]
      const { share, least, most } = shareRange(met, all)
      assert.ok(least >= 0 && most <= 1 && least <= share + 1e-12 && share <= most + 1e-12)
      const wider = shareRange(met, all, 3.29)
      assert.ok(wider.least <= least + 1e-12 && wider.most >= most - 1e-12)
    }),
  )
  assert.deepEqual(shareRange(0, 0), { share: 0, least: 0, most: 1 })
})
