import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { phaseOf, slotAfter } from './slots.ts'

test('a slot is the next one of its grid, and never now', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 4_000_000_000_000 }),
      fc.integer({ min: 5000, max: 86_400_000 }),
      fc.string(),
      (at, everyMs, key) => {
        const phaseMs = phaseOf('seed', key, everyMs)
        assert.ok(phaseMs >= 0 && phaseMs < everyMs)
        const slot = slotAfter(at, everyMs, phaseMs)
        assert.ok(slot > at && slot <= at + everyMs)
        assert.equal(slotAfter(slot - 1, everyMs, phaseMs), slot)
        assert.equal(slotAfter(slot, everyMs, phaseMs), slot + everyMs)
      },
    ),
  )
})

test('a thousand targets with names alike are spread over the minute', () => {
  const tenths = new Array<number>(10).fill(0)
  for (let at = 1; at <= 1000; at += 1) {
    const tenth = Math.floor(phaseOf('7213', `dc${at}|60000`, 60_000) / 6000)
    tenths[tenth] = (tenths[tenth] ?? 0) + 1
  }
  for (const count of tenths) assert.ok(count > 60 && count < 140, tenths.join(' '))
})

test('another seed gives other places', () => {
  const places = (seed: string): readonly number[] => ['a', 'b', 'c', 'd'].map((key) => phaseOf(seed, key, 60_000))
  assert.notDeepEqual(places('1'), places('2'))
  assert.deepEqual(places('1'), places('1'))
})
