import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { aFailure } from '../../../test/historySamples.ts'
import type { Span } from '../../model/series.ts'
import { newestFailures } from './flow.ts'

const dayMs = 86_400_000

test('the newest failures of a span are found however far back they lie, newest first', () => {
  const times = fc.array(fc.integer({ min: 0, max: 400 * dayMs }), { maxLength: 40 })
  const ends = fc.tuple(fc.integer({ min: 0, max: 400 * dayMs }), fc.integer({ min: 0, max: 400 * dayMs }))
  fc.assert(
    fc.property(times, ends, fc.integer({ min: 1, max: 10 }), (ats, [one, other], most) => {
      const kept = ats.toSorted((a, b) => a - b).map((at) => aFailure('a|b', at))
      const store = { failures: ({ from, to }: Span) => kept.filter(({ at }) => at >= from && at < to) }
      const span = { from: Math.min(one, other), to: Math.max(one, other) }
      const found = newestFailures(store, span, 'a|b', most)
      assert.deepEqual(found, store.failures(span).toReversed().slice(0, most))
    }),
  )
})
