import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dayMs, monday, simulatedLine } from '../../test/simulatedSeries.ts'
import { normalDraw } from './seededRandom.ts'
import { timeLineOf } from './timeLine.ts'
import { daysUntil, trendOf } from './trend.ts'

const rising = (perDay: number, outliers = 0) =>
  simulatedLine(
    {
      days: 60,
      everyMs: dayMs,
      jitterMs: 0,
      outliers,
      latency: (at, random) => 200 + (perDay * (at - monday)) / dayMs + 15 * normalDraw(random),
    },
    1,
  )

test('a slope is told with its range, though some values are wild', () => {
  const trend = trendOf(rising(5, 0.05))
  assert.ok(trend)
  assert.ok(Math.abs(trend.perDay - 5) < 0.5 && trend.leastPerDay < 5 && trend.mostPerDay > 5 && trend.p < 1e-6)
  assert.ok(Math.abs(trend.now - (200 + 5 * 59)) < 20)
})

test('days until a time-out follow from it, with the earliest and the latest', () => {
  const trend = trendOf(rising(5))
  assert.ok(trend)
  const arrival = daysUntil(trend, 3000)
  assert.ok(arrival && Math.abs(arrival.days - (3000 - 495) / 5) < 40)
  assert.ok(arrival.earliest <= arrival.days && arrival.days <= arrival.latest)
  assert.deepEqual(daysUntil(trend, 100), { days: 0, earliest: 0, latest: 0 })
})

test('what stays, or falls, never arrives', () => {
  for (const perDay of [0, -2]) {
    const trend = trendOf(rising(perDay))
    assert.ok(trend)
    assert.equal(daysUntil(trend, 3000), undefined)
  }
  const trend = trendOf(rising(5))
  assert.ok(
    trend && daysUntil(trend, Number.NaN) === undefined && daysUntil(trend, Number.POSITIVE_INFINITY) === undefined,
  )
})

test('a hundred thousand points have the slope that few of them have', () => {
  const points = Array.from({ length: 100_000 }, (_, at) => ({
    at: monday + at * 60_000,
    value: 100 + (at * 3) / 1440,
  }))
  const trend = trendOf(timeLineOf(points))
  assert.ok(trend && Math.abs(trend.perDay - 3) < 1e-6)
})

test('of few points, or of one time, there is no slope', () => {
  assert.equal(trendOf(timeLineOf([{ at: 0, value: 1 }])), undefined)
  assert.equal(trendOf(timeLineOf(Array.from({ length: 20 }, (_, at) => ({ at: 5, value: at })))), undefined)
})
