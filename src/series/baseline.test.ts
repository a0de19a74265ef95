import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dayMs, monday, noises, officeLoad, simulatedLine } from '../../test/simulatedSeries.ts'
import type { Level } from './baseline.ts'
import { baselineOf, levelOf, robustZ } from './baseline.ts'
import { normalDraw } from './seededRandom.ts'
import { timeLineOf } from './timeLine.ts'
import { zoneClock } from './zoneClock.ts'

const utc = zoneClock('UTC')
assert.ok(utc)

test('with three weeks each hour of the week has its own level, before that the last day speaks', () => {
  const line = simulatedLine(
    { days: 28, latency: (at, random) => 20 * (1 + officeLoad(at)) * Math.exp(0.05 * normalDraw(random)) },
    1,
  )
  const known = baselineOf(line, monday + 28 * dayMs, utc)
  const noon = known.levelAt(monday + 29.55 * dayMs)
  const night = known.levelAt(monday + 29.1 * dayMs)
  assert.equal(noon?.basis, 'hour-of-week')
  assert.ok(Math.abs((noon?.median ?? 0) - 40) < 3, String(noon?.median))
  assert.ok(Math.abs((night?.median ?? 0) - 20) < 1, String(night?.median))
  const early = baselineOf(line, monday + 14 * dayMs, utc)
  assert.equal(early.levelAt(monday + 14.5 * dayMs)?.basis, 'last-day')
})

test('a level is not drawn off by five of a hundred wild values', () => {
  const line = simulatedLine({ days: 1, latency: noises['white']?.() ?? (() => 20), outliers: 0.05 }, 2)
  const level = levelOf(line.values, 'last-day')
  assert.ok(level !== undefined && Math.abs(level.median - 20) < 1 && level.spread < 0.12)
})

test('a series that never moves alarms on nothing below 1 ms and 5 %', () => {
  const quick = levelOf(new Float64Array(50).fill(2), 'last-day')
  const slow = levelOf(new Float64Array(50).fill(200), 'last-day')
  assert.ok(quick && slow)
  assert.ok(robustZ(quick, 3) < 0.7 && robustZ(quick, 20) > 3.5)
  assert.ok(robustZ(slow, 210) < 0.7 && robustZ(slow, 400) > 3.5)
})

test('twice as long lies as far above as half as long lies below', () => {
  const level: Level = { median: 50, spread: 0.1, count: 100, basis: 'last-day' }
  assert.ok(Math.abs(robustZ(level, 100) + robustZ(level, 25)) < 1e-9)
})

test('of too few readings nothing is usual', () => {
  assert.equal(levelOf(new Float64Array(9).fill(3), 'last-day'), undefined)
  assert.equal(baselineOf(timeLineOf([]), monday, utc).levelAt(monday), undefined)
})
