import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ExpiringKind } from './expiry.ts'
import { expiryOf } from './expiry.ts'

const dayMs = 86_400_000
const now = 20_000 * dayMs

const rows: readonly [kind: ExpiringKind, life: number | undefined, left: number, expected: string][] = [
  ['certificate', 365, 60, 'far'],
  ['certificate', 365, 29, 'low'],
  ['certificate', 365, 13, 'medium'],
  ['certificate', 365, 6.9, 'high'],
  ['certificate', 365, 1.9, 'critical'],
  ['certificate', 365, -1, 'critical'],
  ['certificate', undefined, 29, 'low'],
  // Renewed each week of its life of ten days: four days left are as they should be.
  ['certificate', 10, 4, 'far'],
  ['certificate', 10, 1.6, 'high'],
  ['certificate', 90, 29, 'low'],
  ['secret', 730, 20, 'low'],
  ['secret', undefined, 1, 'critical'],
  ['revocation-list', 7, 2, 'far'],
  ['revocation-list', 7, 0.6, 'medium'],
  ['revocation-list', 7, 0.3, 'high'],
  ['revocation-list', 7, 0.1, 'critical'],
  ['revocation-list', 7, 0, 'critical'],
]
for (const [kind, life, left, expected] of rows)
  test(`a ${kind} of ${life ?? 'unknown'} days with ${left} left is ${expected}`, () => {
    const notAfter = now + left * dayMs
    const told = expiryOf(kind, { notAfter, ...(life !== undefined && { notBefore: notAfter - life * dayMs }) }, now)
    assert.equal(told?.severity ?? 'far', expected)
    if (told !== undefined) assert.ok(Math.abs(told.daysLeft - left) < 1e-6)
  })

test('with less time left it is never less grave, and what is no time is not judged', () => {
  const order = ['far', 'low', 'medium', 'high', 'critical']
  const days = fc.double({ min: -10, max: 400, noNaN: true })
  const kind = fc.constantFrom<ExpiringKind>('certificate', 'secret', 'revocation-list')
  fc.assert(
    fc.property(kind, days, days, (which, one, other) => {
      const rank = (left: number): number =>
        order.indexOf(
          expiryOf(which, { notAfter: now + left * dayMs, notBefore: now - 100 * dayMs }, now)?.severity ?? 'far',
        )
      if (which !== 'revocation-list' && Math.min(one, other) > 0) return
      assert.ok(rank(Math.min(one, other)) >= rank(Math.max(one, other)) || Math.min(one, other) > 0)
    }),
  )
  assert.equal(expiryOf('secret', { notAfter: Number.NaN }, now), undefined)
})
