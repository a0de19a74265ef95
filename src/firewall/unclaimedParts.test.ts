import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Intervals } from './intervals.ts'
import { intervalsOf, intervalsWithout, nothing, unionOfIntervals } from './intervals.ts'
import { unclaimedParts } from './unclaimedParts.ts'

test('each set keeps what those before it have not, as taking them away one by one has it', () => {
  const set = fc.array(fc.nat(40), { maxLength: 8 }).map((ends) => intervalsOf(ends.slice(0, ends.length & ~1)))
  fc.assert(
    fc.property(fc.array(set, { maxLength: 12 }), (sets) => {
      let before: Intervals = nothing
      const wanted = sets.map((one) => {
        const left = intervalsWithout(one, before)
        before = unionOfIntervals(before, one)
        return [...left]
      })
      assert.deepEqual(unclaimedParts(sets), wanted)
    }),
  )
})
