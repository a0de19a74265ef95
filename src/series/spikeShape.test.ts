import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSpiky, shapeOf } from './spikeShape.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const week = { times: Float64Array.from({ length: 7 * 1440 }, (_, at) => at * minuteMs), intervalMs: minuteMs }
const at = (hour: number, minutes: number) => ({ score: 100, phaseMs: hour * hourMs, widthMs: minutes * minuteMs })
const day = 24 * hourMs

test('a spike of each day is one, with its days counted', () => {
  const events = Array.from({ length: 7 }, (_, turn) => turn * 1440 + 123)
  const shape = shapeOf(week, events, day, at(2, 10))
  assert.deepEqual([shape.cycles, shape.seen, shape.hits, shape.hitShare], [6, 7, 7, 1])
  assert.deepEqual(shape.members, [0, 1, 2, 3, 4, 5, 6])
  assert.ok(isSpiky(shape))
})

test('what happens all day long is no spike of the hour in which it happens most', () => {
  const events = Array.from({ length: 7 * 1440 }, (_, minute) => minute).filter(
    (minute) => minute % 1440 >= 480 && minute % 1440 < 1080 && minute % 37 === 0,
  )
  const shape = shapeOf(week, events, day, at(12, 120))
  assert.equal(shape.hitShare, 1)
  assert.ok(shape.contrast < 2 && !isSpiky(shape))
})

test('what happens every other day only, or in one burst, is no spike of each day', () => {
  const everyOther = [123, 123 + 2 * 1440, 123 + 4 * 1440, 123 + 6 * 1440]
  assert.ok(!isSpiky(shapeOf(week, everyOther.slice(0, 3), day, at(2, 10))))
  const burst = Array.from({ length: 20 }, (_, turn) => 123 + 2 * turn)
  assert.ok(!isSpiky(shapeOf(week, burst, day, at(2, 60))))
})

test('days on which nobody asked do not count against it', () => {
  const asked = { ...week, times: week.times.filter((time) => Math.floor(time / day) % 3 !== 0) }
  const events = [...asked.times.keys()].filter((place) => (asked.times[place] ?? 0) % day === 123 * minuteMs)
  const shape = shapeOf(asked, events, day, at(2, 10))
  assert.deepEqual([shape.seen, shape.hitShare], [4, 1])
})
