import assert from 'node:assert/strict'
import { test } from 'node:test'
import { monday, noises, officeLoad, simulatedLine } from '../../test/simulatedSeries.ts'
import { exceedances, runsOf, winsorised } from './exceedances.ts'
import { normalDraw } from './seededRandom.ts'

const minuteMs = 60_000

test('what stands out of its surroundings is told as runs, with how far', () => {
  const isHigh = (at: number): boolean => Math.floor((at - monday) / minuteMs) % 240 === 100
  const line = simulatedLine(
    { days: 2, jitterMs: 0, latency: (at, random) => (isHigh(at) ? 60 : 20) * Math.exp(0.05 * normalDraw(random)) },
    1,
  )
  const runs = exceedances(line)
  assert.deepEqual(
    runs.map(({ first }) => first),
    Array.from({ length: 12 }, (_, turn) => 100 + 240 * turn),
  )
  assert.ok(runs.every(({ excess, first, last }) => Math.abs(excess - 40) < 10 && first === last))
})

test('a working day that is slower, and less steady, does not stand out', () => {
  const line = simulatedLine(
    {
      days: 5,
      latency: (at, random) => 20 * (1 + officeLoad(at)) * Math.exp((0.05 + 0.1 * officeLoad(at)) * normalDraw(random)),
    },
    2,
  )
  assert.ok(exceedances(line).length < 0.002 * line.times.length)
})

test('another level stands out for an hour or so, and is then what is usual', () => {
  const changeAt = monday + 864e5
  const line = simulatedLine(
    { days: 3, latency: (at, random) => (at < changeAt ? 20 : 50) * Math.exp(0.05 * normalDraw(random)) },
    5,
  )
  const high = exceedances(line).map(({ last }) => line.times[last] ?? 0)
  assert.ok(high.every((at) => at > changeAt - minuteMs && at < changeAt + 90 * minuteMs))
})

test('less than a fifth, or than 2 ms, is never high', () => {
  const seen = (usual: number, high: number): number =>
    exceedances(simulatedLine({ days: 0.5, latency: (_, random) => (random() < 0.02 ? high : usual) }, 3)).length
  assert.equal(seen(100, 119), 0)
  assert.equal(seen(1, 2.9), 0)
  // The spread is never taken for less than 1 ms and 5 %: five times that.
  assert.ok(seen(100, 140) > 5)
})

test('runs that one reading lies between are one, and a gap ends a run', () => {
  const times = Float64Array.from([0, 1, 2, 3, 4, 5, 20, 21], (minute) => minute * minuteMs)
  assert.deepEqual(runsOf(times, Float64Array.from([0, 3, 0, 5, 0, 0, 2, 0])), [
    { first: 1, last: 3, excess: 5 },
    { first: 6, last: 6, excess: 2 },
  ])
  assert.deepEqual(runsOf(times, Float64Array.from([0, 0, 0, 0, 0, 4, 2, 0])).length, 2)
})

test('wild values are brought to six deviations, and the others stay', () => {
  const line = simulatedLine({ days: 1, latency: noises['white']?.() ?? (() => 20), outliers: 0.05 }, 4)
  const logs = winsorised(line.values)
  const most = Math.max(...logs)
  assert.ok(most < 0.8 && logs.filter((log) => log === most).length > 20)
})
