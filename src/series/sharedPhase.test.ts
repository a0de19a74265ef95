import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { dayMs, noises, simulatedLine } from '../../test/simulatedSeries.ts'
import type { Measure } from '../model/series.ts'
import type { Period } from './periods.ts'
import { periodsOf } from './periods.ts'
import { isSamePhase, sharedPhases } from './sharedPhase.ts'
import { zoneClock } from './zoneClock.ts'

const minuteMs = 60_000
const utc = zoneClock('UTC')
assert.ok(utc)

function searched(subject: string, seed: number, spike?: { readonly minutes: number; readonly at: number }) {
  const line = simulatedLine(
    {
      days: 3,
      latency: (noises['white'] ?? (() => () => 20))(),
      ...(spike && {
        spikes: { periodMs: spike.minutes * minuteMs, phaseMs: spike.at * minuteMs, lastMs: 2 * minuteMs, times: 3 },
      }),
    },
    seed,
  )
  return { subject, measure: 'connect-ms' as Measure, periods: periodsOf(line, utc ?? assert.fail()) }
}

test('series of one period and phase come together, those of another phase or period apart', () => {
  const groups = sharedPhases([
    searched('one', 1, { minutes: 30, at: 7 }),
    searched('two', 2, { minutes: 30, at: 7 }),
    searched('three', 3, { minutes: 30, at: 8 }),
    searched('later', 4, { minutes: 30, at: 20 }),
    searched('other', 5, { minutes: 45, at: 7 }),
    searched('quiet', 6),
  ])
  assert.deepEqual(
    groups.map(({ members }) => members.map(({ subject }) => subject).sort()),
    [['one', 'three', 'two'], ['later'], ['other']],
  )
})

const anyPeriod = fc
  .record({
    kind: fc.constantFrom('spike' as const, 'wave' as const),
    periodMs: fc.integer({ min: minuteMs, max: dayMs }),
    nextAt: fc.integer({ min: 0, max: 10 * dayMs }),
    widthMs: fc.integer({ min: 1, max: minuteMs }),
  })
  .map(
    (some): Period => ({
      ...{ ...some, phaseMs: 0, clock: 'utc', when: '', p: 1e-6, confidence: 'likely', duty: 0.1, effect: 1 },
      ...{ cycles: 9, hitShare: 1, mayBeAliased: false },
    }),
  )

test('a phase is shared with itself, and both ways or not at all', () => {
  fc.assert(
    fc.property(anyPeriod, anyPeriod, (one, other) => {
      assert.ok(isSamePhase(one, one))
      assert.equal(isSamePhase(one, other), isSamePhase(other, one))
      const groups = sharedPhases([
        { subject: 'a', measure: 'tls-ms', periods: [one, other] },
        { subject: 'b', measure: 'tls-ms', periods: [other] },
      ])
      assert.equal(
        groups.reduce((sum, { members }) => sum + members.length, 0),
        3,
      )
    }),
  )
})
