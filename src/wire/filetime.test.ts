import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { unixOfFiletime } from './filetime.ts'

test('a FILETIME counts from 1601, and 0 is no time', () => {
  assert.equal(unixOfFiletime(0n), undefined)
  assert.equal(unixOfFiletime(10_000n), Date.parse('1601-01-01T00:00:00.001Z'))
  assert.equal(unixOfFiletime(116_444_736_000_009_999n), 0)
  assert.equal(unixOfFiletime(133_485_408_000_000_000n), Date.parse('2024-01-01T00:00:00Z'))
})

test('any moment to the millisecond comes out as it went in', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date('1601-01-02'), max: new Date('2500-01-01'), noInvalidDate: true }),
      (moment) => {
        assert.equal(unixOfFiletime((BigInt(moment.getTime()) + 11_644_473_600_000n) * 10_000n), moment.getTime())
      },
    ),
  )
})

test('any 64 bits are a moment that a date can hold', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }), (filetime) => {
      assert.ok(!Number.isNaN(new Date(unixOfFiletime(filetime) ?? Number.NaN).getTime()))
    }),
  )
})
