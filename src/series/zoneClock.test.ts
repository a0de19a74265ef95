import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { dayName, hourOfWeek, timeOfDay, zoneClock } from './zoneClock.ts'

const hourMs = 3_600_000

function clockOf(zone: string) {
  const clock = zoneClock(zone)
  assert.ok(clock)
  return clock
}

test('a zone that nobody knows has no clock', () => {
  assert.equal(zoneClock('Europe/Atlantis'), undefined)
  assert.equal(zoneClock(''), undefined)
})

const changes: readonly [zone: string, before: string, hoursBefore: number, hoursAfter: number][] = [
  ['Europe/Berlin', '2026-03-29T00:59:59Z', 1, 2],
  ['Europe/Berlin', '2026-10-25T00:59:59Z', 2, 1],
  ['America/New_York', '2026-03-08T06:59:59Z', -5, -4],
  ['Australia/Lord_Howe', '2026-04-04T14:59:59Z', 11, 10.5],
  ['Asia/Kolkata', '2026-06-01T00:00:00Z', 5.5, 5.5],
]
for (const [zone, before, hoursBefore, hoursAfter] of changes)
  test(`${zone} is ${hoursBefore} h from UTC at ${before} and ${hoursAfter} h a second later`, () => {
    const clock = clockOf(zone)
    assert.equal(clock.offsetAt(Date.parse(before)), hoursBefore * hourMs)
    assert.equal(clock.offsetAt(Date.parse(before) + 1000), hoursAfter * hourMs)
  })

test('the hour of the week begins on Sunday at midnight by the clock on the wall', () => {
  const berlin = clockOf('Europe/Berlin')
  assert.equal(hourOfWeek(Date.parse('2026-02-01T00:00:00+01:00'), berlin), 0)
  assert.equal(hourOfWeek(Date.parse('2026-02-07T23:59:59+01:00'), berlin), 167)
  // Nine o'clock on Wednesday stays that when the clocks were changed.
  assert.equal(hourOfWeek(Date.parse('2026-07-01T09:00:00+02:00'), berlin), 3 * 24 + 9)
  assert.equal(hourOfWeek(Date.parse('2026-02-04T09:00:00+01:00'), berlin), 3 * 24 + 9)
  assert.equal(dayName(Date.parse('2026-02-01T00:30:00+01:00'), berlin), 'Sunday')
  assert.equal(timeOfDay(Date.parse('2026-07-01T09:05:00+02:00'), berlin), '09:05')
})

test('any time has an hour of the week and a time of day', () => {
  const berlin = clockOf('Europe/Berlin')
  fc.assert(
    fc.property(fc.integer({ min: -8e15, max: 8e15 }), (at) => {
      const hour = hourOfWeek(at, berlin)
      assert.ok(hour >= 0 && hour < 168 && Number.isInteger(hour))
      assert.match(timeOfDay(at, berlin), /^([01]\d|2[0-3]):[0-5]\d$/)
    }),
    { numRuns: 300 },
  )
})
