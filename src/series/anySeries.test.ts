import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Point } from './index.ts'
import {
  baselineOf,
  eventPeriodsOf,
  gridOf,
  levelShiftOf,
  periodsOf,
  saturationOf,
  timeLineOf,
  trendOf,
  zoneClock,
} from './index.ts'
import { seededRandom } from './seededRandom.ts'

const minuteMs = 60_000
const utc = zoneClock('UTC')
assert.ok(utc)
const random = seededRandom(1)
const minutes = (count: number, value: (at: number) => number): Point[] =>
  Array.from({ length: count }, (_, at) => ({ at: at * minuteMs, value: value(at) }))

const rows: readonly [what: string, points: readonly Point[]][] = [
  ['nothing', []],
  ['one value', minutes(1, () => 20)],
  ['two values', minutes(2, () => 20)],
  ['equal values', minutes(10_080, () => 20)],
  ['zeros', minutes(10_080, () => 0)],
  ['values below zero', minutes(3000, (at) => -at)],
  [
    'what is no number',
    minutes(500, (at) => [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY][at % 3] ?? 0),
  ],
  ['numbers with others between that are none', minutes(3000, (at) => (at % 7 === 0 ? Number.NaN : 20))],
  ['the largest numbers', minutes(3000, (at) => (at % 2 === 0 ? Number.MAX_VALUE : -Number.MAX_VALUE))],
  [
    'every other one twice as high, as of two nodes in turn',
    minutes(10_080, (at) => (at % 2 === 0 ? 20 : 40) + random()),
  ],
  ['all at one time', Array.from({ length: 5000 }, (_, at) => ({ at: 0, value: at }))],
  [
    'two times, far apart',
    [...minutes(100, () => 20), ...minutes(100, () => 20).map(({ value, at }) => ({ value, at: at + 8e15 }))],
  ],
  ['a hundred thousand values', minutes(100_000, () => 20 + random())],
  ['times out of order', minutes(10_080, () => 20 + random()).sort((one, other) => one.value - other.value)],
]
for (const [what, points] of rows)
  test(`every judgement stands ${what}, and makes nothing of it`, () => {
    const line = timeLineOf(points)
    assert.ok(
      line.values.every(Number.isFinite) &&
        line.times.every((at, place) => place === 0 || at >= (line.times[place - 1] ?? 0)),
    )
    assert.deepEqual(periodsOf(line, utc), [])
    assert.deepEqual(eventPeriodsOf({ times: line.times, values: new Float64Array(line.times.length) }, utc), [])
    assert.equal(levelShiftOf(line), undefined)
    const level = baselineOf(line, line.times.at(-1) ?? 0, utc).levelAt(0)
    assert.ok(level === undefined || (Number.isFinite(level.median) && level.spread > 0))
    const trend = trendOf(line)
    assert.ok(trend === undefined || !Number.isNaN(trend.perDay))
    assert.equal(
      saturationOf(line, timeLineOf(points.map(({ at }) => ({ at, value: 20 }))))?.confidence ?? 'none',
      'none',
    )
    assert.ok(gridOf(points, { from: 0, to: 1000 * minuteMs, stepMs: minuteMs }).held <= 1000)
  })
