import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { rangesOf } from '../../../test/ruleSetOf.ts'
import type { AddressRange } from '../addresses.ts'
import { mergedRanges } from '../addresses.ts'
import { blocksOf, cidrTexts, intervalTexts, prefixTexts } from './addressTexts.ts'

test('ranges in the words of platforms: prefixes, prefixes always with a length, or one text each', () => {
  const ranges = rangesOf('10.0.0.1', '10.0.0.4 - 10.0.0.6', '10.1.0.0/16', '2001:db8::/32')
  assert.deepEqual(prefixTexts(ranges), ['10.0.0.1', '10.0.0.4/31', '10.0.0.6', '10.1.0.0/16', '2001:db8::/32'])
  assert.deepEqual(cidrTexts(ranges).slice(0, 2), ['10.0.0.1/32', '10.0.0.4/31'])
  assert.deepEqual(intervalTexts(ranges), ['10.0.0.1', '10.0.0.4-10.0.0.6', '10.1.0.0/16', '2001:db8::/32'])
})

test('blocks are together the range, at its ends too, and no two of them could be one', () => {
  const last = { 4: (1n << 32n) - 1n, 6: (1n << 128n) - 1n } as const
  const range = fc.constantFrom<4 | 6>(4, 6).chain((family) =>
    fc.tuple(fc.bigInt(0n, last[family]), fc.bigInt(0n, last[family])).map(([a, b]): AddressRange => {
      return { family, first: a < b ? a : b, last: a < b ? b : a }
    }),
  )
  fc.assert(
    fc.property(range, (one) => {
      const blocks = blocksOf([one])
      const width = one.family === 4 ? 32 : 128
      const ranges = blocks.map(({ family, first, length }) => {
        const size = 1n << BigInt(width - length)
        assert.equal(first % size, 0n)
        return { family, first, last: first + size - 1n }
      })
      assert.deepEqual(mergedRanges(ranges), [one])
      assert.ok(blocks.length <= 2 * width)
    }),
  )
})
