import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { SessionState } from './sessionRules.ts'
import { clockSetBackMs, letsIn, sessionState } from './sessionRules.ts'

const minute = 60_000
const bounds = { idleMs: 60 * minute, hardMs: 12 * 60 * minute, revalidateMs: 15 * minute, graceMs: 30 * minute }
const at = 1_795_000_000_000
const asOf = (minutes: number, over: object = {}) =>
  sessionState(
    { createdAt: at, usedAt: at + minutes * minute, validatedAt: at, ...over },
    bounds,
    at + minutes * minute,
  )

test('a session is fresh, then Entra ID is asked, then it is closed until Entra ID says yes', () => {
  const rows: readonly (readonly [minutes: number, state: SessionState])[] = [
    [0, 'fresh'],
    [14.99, 'fresh'],
    [15, 'due'],
    [44.99, 'due'],
    [45, 'closed'],
    [719, 'closed'],
    [720, 'over'],
  ]
  for (const [minutes, state] of rows) assert.equal(asOf(minutes), state, `${minutes} minutes`)
})

test('while Entra ID could not be asked a moment ago it is not asked again: in the grace that lets in, after it not', () => {
  assert.equal(asOf(20, { askAgainAt: at + 21 * minute }), 'grace')
  assert.equal(asOf(50, { askAgainAt: at + 51 * minute }), 'waiting')
  assert.equal(asOf(21, { askAgainAt: at + 21 * minute }), 'due')
  assert.equal(letsIn('grace'), true)
  assert.equal(letsIn('waiting'), false)
})

test('a session without a request is idle, and one that is old is over even if it is used', () => {
  assert.equal(asOf(60, { usedAt: at, validatedAt: at + 59 * minute }), 'idle')
  assert.equal(asOf(720, { validatedAt: at + 719 * minute }), 'over')
})

test('a clock that was set back ends a session that would begin later, and never makes a validation last', () => {
  const later = at + 2 * 60 * minute
  assert.equal(sessionState({ createdAt: later, usedAt: later, validatedAt: later }, bounds, at), 'over')
  assert.equal(sessionState({ createdAt: at, usedAt: later, validatedAt: later }, bounds, at), 'closed')
})

const times = fc.record({
  createdAt: fc.integer({ min: 0, max: 2e9 }),
  usedAt: fc.integer({ min: 0, max: 2e9 }),
  validatedAt: fc.integer({ min: 0, max: 2e9 }),
})
const anyBounds = fc.record({
  idleMs: fc.integer({ min: 1, max: 1e8 }),
  hardMs: fc.integer({ min: 1, max: 1e9 }),
  revalidateMs: fc.integer({ min: 1, max: 1e7 }),
  graceMs: fc.integer({ min: 0, max: 1e7 }),
})

test('nothing lets in after the hard end, after the idle end, or after revalidation and grace, whatever the times', () => {
  fc.assert(
    fc.property(
      times,
      anyBounds,
      fc.integer({ min: 0, max: 3e9 }),
      fc.option(fc.integer({ min: 0, max: 4e9 }), { nil: undefined }),
      (of, limits, now, askAgainAt) => {
        const state = sessionState({ ...of, ...(askAgainAt !== undefined && { askAgainAt }) }, limits, now)
        if (now - of.createdAt >= limits.hardMs) assert.equal(state, 'over')
        if (now - of.createdAt < -clockSetBackMs) assert.equal(state, 'over')
        if (!letsIn(state)) return
        assert.ok(now - of.usedAt < limits.idleMs)
        assert.ok(now - of.validatedAt < limits.revalidateMs + limits.graceMs)
        assert.ok(now - of.validatedAt >= -clockSetBackMs)
      },
    ),
  )
})

test('time alone never brings back what it took: from fresh by due to closed, and ended stays ended', () => {
  const rank = { fresh: 0, grace: 1, due: 1, closed: 2, waiting: 2, idle: 3, over: 4 } as const
  fc.assert(
    fc.property(times, anyBounds, fc.nat(2e9), fc.nat(1e9), (of, limits, past, more) => {
      const now = Math.max(of.createdAt, of.validatedAt) + past
      const [before, after] = [sessionState(of, limits, now), sessionState(of, limits, now + more)]
      assert.ok(rank[after] >= rank[before], `${before} then ${after}`)
    }),
  )
})
