import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Knock } from './seriesOf.ts'
import { seriesOf } from './seriesOf.ts'

const stood = (ms: number, ownLagMs?: number): Knock => ({
  outcome: 'connected',
  ms,
  ...(ownLagMs !== undefined && { ownLagMs }),
})
/** How long each is waited for. */
const timeoutMs = 3000
const times = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one)

test('connections that stand at once are counted, and their round trips are ranked', () => {
  const knocks = Array.from({ length: 100 }, (_, at) => stood((at + 1) / 10))
  assert.deepEqual(seriesOf(knocks, 100, timeoutMs), {
    outcome: 'whole',
    sent: 100,
    prompt: 100,
    repeated: 0,
    late: 0,
    lost: 0,
    refused: 0,
    missedByTenth: times(10, 0),
    roundTripMs: { least: 0.1, median: 5, p95: 9.5, most: 10 },
  })
})

test('a SYN that was sent again shows as whole seconds over the quickest, whatever a round trip takes', () => {
  for (const tripMs of [0.3, 40, 720]) {
    const knocks = [stood(tripMs), ...[1000, 2004, 3002, 7010].map((more) => stood(tripMs + more))]
    const { prompt, repeated, late, missedByTenth } = seriesOf(knocks, 5, timeoutMs)
    assert.deepEqual([prompt, repeated, late], [1, 4, 0], `${tripMs} ms`)
    assert.deepEqual(missedByTenth, [0, 0, 1, 0, 1, 0, 1, 0, 1, 0])
  }
})

test('what is late by anything else was not sent again', () => {
  const { prompt, repeated, late } = seriesOf([stood(1), stood(800), stood(1500), stood(2600)], 4, timeoutMs)
  assert.deepEqual([prompt, repeated, late], [2, 0, 2])
})

test('for as long as this process did not look, nothing was late', () => {
  const { prompt, repeated, late, roundTripMs } = seriesOf([stood(1), stood(1011, 1010), stood(30, 40)], 3, timeoutMs)
  assert.deepEqual([prompt, repeated, late, roundTripMs?.most], [3, 0, 0, 1])
})

test('silence is lost, and a refusal by whomever is an answer', () => {
  const ends = ['timeout', 'timeout', 'refused', 'reset', 'host-unreachable', 'admin-prohibited'] as const
  const knocks = ends.map((outcome) => ({ outcome, ms: 3000 }))
  const { lost, refused, sent, outcome, missedByTenth, roundTripMs } = seriesOf(knocks, 6, timeoutMs)
  assert.deepEqual([lost, refused, sent, outcome, roundTripMs], [2, 4, 6, 'whole', undefined])
  assert.deepEqual(missedByTenth, [1, 1, 0, 0, 0, 0, 0, 0, 0, 0])
})

test('silence while this process did not look is no loss, and the series is not whole', () => {
  const silent = (ownLagMs: number): Knock => ({ outcome: 'timeout', ms: 3400, ownLagMs })
  const { outcome, sent, lost, missedByTenth } = seriesOf([stood(1), silent(120), silent(3100)], 3, timeoutMs)
  assert.deepEqual([outcome, sent, lost], ['tool-limit', 2, 1])
  assert.deepEqual(missedByTenth, [0, 0, 0, 1, 0, 0, 0, 0, 0, 0])
})

test('what this side ended is not counted, and why is said', () => {
  const ended = seriesOf([stood(1), { outcome: 'aborted', ms: 5 }], 40, timeoutMs)
  assert.deepEqual([ended.outcome, ended.sent], ['aborted', 1])
  const short = seriesOf([stood(1), { outcome: 'tool-limit', ms: 0 }], 2, timeoutMs)
  assert.deepEqual([short.outcome, short.sent], ['tool-limit', 1])
})

test('whatever came, each connection is counted once at most', () => {
  const outcomes = ['connected', 'timeout', 'refused', 'aborted', 'tool-limit', 'error'] as const
  const knock = fc.record({
    outcome: fc.constantFrom(...outcomes),
    ms: fc.double({ min: 0, max: 10_000, noNaN: true }),
    ownLagMs: fc.nat(3000),
  })
  fc.assert(
    fc.property(fc.array(knock, { maxLength: 60 }), fc.integer({ min: 1, max: 60 }), (knocks, meant) => {
      const { sent, prompt, repeated, late, lost, refused, missedByTenth } = seriesOf(knocks, meant, timeoutMs)
      assert.equal(sent, prompt + repeated + late + lost + refused)
      assert.equal(
        missedByTenth.reduce((sum, one) => sum + one, 0),
        repeated + lost,
      )
      assert.equal(missedByTenth.length, 10)
    }),
  )
})
