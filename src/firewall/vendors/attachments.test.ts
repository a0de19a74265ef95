import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Addresses, AddressRange } from '../addresses.ts'
import { mergedRanges } from '../addresses.ts'
import { attachmentsOf } from './attachments.ts'

const range = fc
  .tuple(fc.constantFrom<4 | 6>(4, 6), fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 8 }))
  .map(([family, first, length]): AddressRange => ({ family, first: BigInt(first), last: BigInt(first + length) }))
const addresses = fc
  .tuple(fc.array(range, { maxLength: 3 }), fc.array(range, { maxLength: 3 }))
  .map(([sure, within]): Addresses => {
    const because = { kind: 'place', what: 'x' } as const
    return {
      sure: mergedRanges(sure),
      possible: within.length === 0 ? [] : [{ within: mergedRanges(within), because }],
    }
  })

const holds = (ranges: readonly AddressRange[], family: 4 | 6, at: bigint): boolean =>
  ranges.some((one) => one.family === family && one.first <= at && at <= one.last)

test('every address is in the one part that has exactly its items', () => {
  fc.assert(
    fc.property(fc.array(addresses, { maxLength: 5 }), (sets) => {
      const parts = attachmentsOf(sets.map((set, item) => ({ item, addresses: set })))
      for (const family of [4, 6] as const) {
        for (let at = 0n; at < 40n; at += 1n) {
          const sure = sets.flatMap((set, item) => (holds(set.sure, family, at) ? [item] : []))
          const possible = sets.flatMap((set, item) =>
            !sure.includes(item) && set.possible.some(({ within }) => holds(within, family, at)) ? [item] : [],
          )
          const found = parts.filter(({ ranges }) => holds(ranges, family, at))
          assert.deepEqual(
            found.map((part) => [part.sure, part.possible]),
            sure.length + possible.length === 0 ? [] : [[sure, possible]],
          )
        }
      }
    }),
  )
})
