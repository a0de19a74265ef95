import assert from 'node:assert/strict'
import test from 'node:test'
import { isRemembered, recovering, rememberedMs, returned } from './damping.ts'
import { incidentDefaults } from './settings.ts'

const minute = 60_000
const fresh = { openedAt: 0, penalty: { value: 0, at: 0 }, longestQuietMs: 0 }

test('the first recovery is believed after six minutes, and each later one after longer', () => {
  let course = fresh as Parameters<typeof recovering>[0]
  let wellSince = 10 * minute
  const holds: number[] = []
  for (let turn = 0; turn < 4; turn++) {
    course = recovering(course, wellSince, incidentDefaults)
    holds.push((course.overAt ?? 0) - wellSince)
    course = returned(course, wellSince + 2 * minute)
    wellSince += 3 * minute
  }
  assert.equal(Math.round((holds[0] ?? 0) / minute), 6)
  assert.deepEqual(
    holds,
    holds.toSorted((one, other) => one - other),
  )
  assert.equal(new Set(holds).size, holds.length)
})

test('one that came back after an hour must be well for longer than an hour, and never for more than the limit', () => {
  const once = returned(recovering(fresh, minute, incidentDefaults), 61 * minute)
  assert.equal(once.longestQuietMs, 60 * minute)
  const again = recovering(once, 70 * minute, incidentDefaults)
  assert.equal((again.overAt ?? 0) - 70 * minute, 90 * minute)
  const rare = recovering({ ...once, longestQuietMs: 600 * minute }, 70 * minute, incidentDefaults)
  assert.equal((rare.overAt ?? 0) - 70 * minute, incidentDefaults.mostHoldMs)
})

test('what is closed is remembered for about an hour, and never for longer than is said', () => {
  const closed = recovering(fresh, 0, incidentDefaults)
  assert.ok(isRemembered(closed, 60 * minute, incidentDefaults))
  assert.ok(!isRemembered(closed, 70 * minute, incidentDefaults))
  const worst = { ...closed, penalty: { value: 1000 / (1 - 2 ** (-20_000 / incidentDefaults.halfLifeMs)), at: 0 } }
  assert.ok(!isRemembered(worst, rememberedMs(incidentDefaults) + 1, incidentDefaults))
})
