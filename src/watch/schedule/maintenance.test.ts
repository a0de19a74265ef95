import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MaintenanceWindow } from '../../model/watch.ts'
import { openWindows } from './maintenance.ts'

const hour = 3_600_000
const zone = 'Europe/Berlin'

/** For how many minutes a window is open between two times. */
function minutesOpen(window: Partial<MaintenanceWindow>, from: string, to: string): number {
  const whole: MaintenanceWindow = { name: 'a', from: 0, to: 0, zone, ...window }
  let minutes = 0
  for (let at = Date.parse(from); at < Date.parse(to); at += 60_000) minutes += openWindows([whole], at).length
  return minutes
}

test('a window is open by the clock on the wall of its zone', () => {
  const window = { name: 'a', from: 22 * 60, to: 23 * 60, zone }
  assert.deepEqual(openWindows([window], Date.parse('2026-01-10T20:59:59Z')), [])
  assert.deepEqual(openWindows([window], Date.parse('2026-01-10T21:00:00Z')), [window])
  assert.deepEqual(openWindows([window], Date.parse('2026-07-10T20:00:00Z')), [window])
  assert.deepEqual(openWindows([window], Date.parse('2026-07-10T21:00:00Z')), [])
})

test('a window over midnight counts by the day on which it began', () => {
  const window = { name: 'a', days: [6], from: 22 * 60, to: 2 * 60, zone }
  const saturday = Date.parse('2026-01-10T21:30:00Z')
  assert.equal(openWindows([window], saturday).length, 1)
  assert.equal(openWindows([window], saturday + 3 * hour).length, 1)
  assert.equal(openWindows([window], saturday + 4 * hour).length, 0)
  assert.equal(openWindows([window], saturday - 20 * hour).length, 0)
  assert.equal(openWindows([window], saturday + 24 * hour).length, 0)
})

test('the hour that is left out when clocks are set forward is in no window', () => {
  assert.equal(minutesOpen({ from: 120, to: 180 }, '2026-03-28T12:00Z', '2026-03-29T12:00Z'), 0)
  assert.equal(minutesOpen({ from: 60, to: 240 }, '2026-03-28T12:00Z', '2026-03-29T12:00Z'), 120)
  assert.equal(minutesOpen({ from: 120, to: 180 }, '2026-03-29T12:00Z', '2026-03-30T12:00Z'), 60)
})

test('the hour that comes twice when clocks are set back is in it twice', () => {
  assert.equal(minutesOpen({ from: 120, to: 180 }, '2026-10-24T12:00Z', '2026-10-25T12:00Z'), 120)
})

test('a window that ends when it begins is open all day', () => {
  assert.equal(minutesOpen({ from: 60, to: 60, zone: 'UTC' }, '2026-01-10T00:00Z', '2026-01-11T00:00Z'), 1440)
})
