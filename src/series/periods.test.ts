import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Simulated } from '../../test/simulatedSeries.ts'
import { dayMs, monday, noises, simulatedLine } from '../../test/simulatedSeries.ts'
import { eventPeriodsOf, periodsOf } from './periods.ts'
import { normalDraw, seededRandom } from './seededRandom.ts'
import { timeLineOf } from './timeLine.ts'
import type { ZoneClock } from './zoneClock.ts'
import { zoneClock } from './zoneClock.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs

function clockOf(zone: string): ZoneClock {
  const clock = zoneClock(zone)
  assert.ok(clock)
  return clock
}

const utc = clockOf('UTC')
const white = noises['white'] ?? (() => () => 20)
const sine = (periodMs: number) => (at: number, random: () => number) =>
  20 * (1 + 0.3 * Math.sin((2 * Math.PI * at) / periodMs)) * Math.exp(0.12 * normalDraw(random))

type Row = readonly [what: string, simulated: Partial<Simulated>, periodMs: number, kind?: 'wave']

const spikes = (minutes: number, lastMinutes: number, more: Partial<Simulated['spikes']> = {}): Partial<Simulated> => ({
  spikes: { periodMs: minutes * minuteMs, phaseMs: 7 * minuteMs, lastMs: lastMinutes * minuteMs, times: 2, ...more },
})

const rows: readonly Row[] = [
  ['30 min, one reading long', spikes(30, 1), 30 * minuteMs],
  ['30 min, 30 % missing', { ...spikes(30, 2), missing: 0.3 }, 30 * minuteMs],
  ['30 min, 5 % wild', { ...spikes(30, 2), outliers: 0.05 }, 30 * minuteMs],
  ['30 min, 30 % missing and 5 % wild', { ...spikes(30, 2), missing: 0.3, outliers: 0.05 }, 30 * minuteMs],
  ['30 min, 2 min early or late', spikes(30, 2, { jitterMs: 2 * minuteMs }), 30 * minuteMs],
  ['30 min and 3 s, which wanders off', spikes(30, 2, { driftMs: 3000 }), 30 * minuteMs + 3000],
  ['30 min, a quarter of it', spikes(30, 7), 30 * minuteMs],
  ['5 min', spikes(5, 1, { phaseMs: minuteMs }), 5 * minuteMs],
  ['47 min, which nobody would guess', spikes(47, 3), 47 * minuteMs],
  ['47 min, 10 % missing and 1 % wild', { ...spikes(47, 3), missing: 0.1, outliers: 0.01 }, 47 * minuteMs],
  ['90 min, and not 30', spikes(90, 3), 90 * minuteMs],
  ['6 h, 5 % wild', { ...spikes(360, 2), outliers: 0.05 }, 6 * hourMs],
  ['10 h', spikes(600, 5), 10 * hourMs],
  ['24 h', spikes(1440, 10), 24 * hourMs],
  ['a wave of 4 h', { latency: sine(4 * hourMs) }, 4 * hourMs, 'wave'],
  [
    'a wave of 100 min, 30 % missing and 5 % wild',
    { latency: sine(100 * minuteMs), missing: 0.3, outliers: 0.05 },
    100 * minuteMs,
    'wave',
  ],
  [
    'an hour of which half is slow',
    { latency: (at, random) => (at % hourMs < hourMs / 2 ? 28 : 20) * Math.exp(0.12 * normalDraw(random)) },
    hourMs,
    'wave',
  ],
]
for (const [what, simulated, periodMs, kind = 'spike'] of rows)
  test(`in a week of minutes this is found, and nothing else: ${what}`, () => {
    for (const seed of [1, 2, 3]) {
      const found = periodsOf(simulatedLine({ days: 7, latency: white(), ...simulated }, seed), utc)
      assert.deepEqual(
        found.map((one) => one.kind),
        [kind],
        `seed ${seed}`,
      )
      assert.ok(Math.abs((found[0]?.periodMs ?? 0) - periodMs) < periodMs * 0.001, String(found[0]?.periodMs))
      assert.ok((found[0]?.p ?? 1) < 0.001)
    }
  })

test('a spike is told with its phase, share of time, height, cycles and what probably runs then', () => {
  const [found] = periodsOf(simulatedLine({ days: 7, latency: white(), ...spikes(30, 3) }, 4), utc)
  assert.ok(found)
  assert.ok(Math.abs(found.phaseMs - 7 * minuteMs) < minuteMs)
  assert.match(found.when, /^each 30 min, at minute [67], 3[67] \(UTC\)$/)
  assert.ok(Math.abs(found.duty - 0.1) < 0.03 && Math.abs(found.effect - 20) < 6)
  assert.ok(found.cycles >= 335 && found.hitShare > 0.95)
  assert.equal(found.schedule?.word, 'sync-cycle')
  assert.equal(found.confidence, 'likely')
  const end = monday + 7 * dayMs
  assert.ok(found.nextAt > end - 2 * minuteMs && found.nextAt < end + 30 * minuteMs)
})

test('two schedules on one path are told apart', () => {
  const line = simulatedLine(
    {
      days: 7,
      latency: (at, random) =>
        (at % (6 * hourMs) > 3 * hourMs && at % (6 * hourMs) < 3 * hourMs + 12 * minuteMs ? 50 : 20) *
        Math.exp(0.1 * normalDraw(random)),
      ...spikes(30, 2),
    },
    5,
  )
  assert.deepEqual(
    periodsOf(line, utc)
      .map(({ periodMs }) => periodMs)
      .sort((one, other) => one - other),
    [30 * minuteMs, 6 * hourMs],
  )
})

const summer: readonly [
  what: string,
  shift: (at: number, clock: ZoneClock) => number,
  clock: 'utc' | 'wall',
  when: string,
][] = [
  [
    'a backup at two by the clock on the wall',
    (at, clock) => at + clock.offsetAt(at),
    'wall',
    'daily at 02:00 (Europe/Berlin)',
  ],
  ['a job at one UTC', (at) => at + hourMs, 'utc', 'daily at 03:00 (Europe/Berlin)'],
]
for (const [what, shift, kept, when] of summer)
  test(`${what} is told as that over the begin of summer time`, () => {
    const berlin = clockOf('Europe/Berlin')
    const from = Date.UTC(2026, 2, 21)
    const slow = (at: number): boolean => {
      const hours = (shift(at, berlin) % dayMs) / hourMs
      return hours >= 2 && hours < 2.25
    }
    const line = simulatedLine(
      { from, days: 15, latency: (at, random) => (slow(at) ? 60 : 20) * Math.exp(0.1 * normalDraw(random)) },
      6,
    )
    const [found, ...others] = periodsOf(line, berlin)
    assert.deepEqual(others, [])
    assert.equal(found?.periodMs, dayMs)
    assert.equal(found?.clock, kept)
    const last = line.times.at(-1) ?? 0
    assert.ok(found !== undefined && found.nextAt > last && found.nextAt <= last + dayMs + hourMs)
    assert.ok(Math.abs(minutesOf(found?.when ?? '') - minutesOf(when)) <= 2, found?.when)
    assert.equal(found?.schedule?.word, 'daily-job')
  })

function minutesOf(when: string): number {
  const [, hours, minutes] = /(\d\d):(\d\d)/.exec(when) ?? []
  return Number(hours) * 60 + Number(minutes)
}

test('of less than five cycles nothing is said', () => {
  const line = simulatedLine({ days: 4.8, latency: white(), ...spikes(1440, 10) }, 7)
  assert.deepEqual(periodsOf(line, utc), [])
})

test('nothing shorter than twice the interval is claimed, and a steady beat is never sure', () => {
  for (const seconds of [61, 90, 119]) {
    const latency = (at: number, random: () => number): number =>
      (at % (seconds * 1000) < 20_000 ? 60 : 20) * Math.exp(0.1 * normalDraw(random))
    for (const period of periodsOf(simulatedLine({ days: 3, jitterMs: 0, latency }, 8), utc)) {
      assert.ok(period.periodMs >= 2 * minuteMs)
      assert.ok(period.mayBeAliased && period.confidence === 'possible')
    }
  }
})

test('a long night without questions is no daily pattern', () => {
  const line = simulatedLine({ days: 14, latency: white(), outliers: 0.01 }, 9)
  const points = Array.from(line.times, (at, place) => ({ at, value: line.values[place] ?? 0 }))
  assert.deepEqual(periodsOf(timeLineOf(points.filter(({ at }) => at % dayMs < 9 * hourMs)), utc), [])
})

test('questions that are lost every 15 minutes are found, and lost ones at random are not', () => {
  const random = seededRandom(10)
  const points = Array.from({ length: 7 * 1440 }, (_, turn) => ({
    at: monday + (turn + random() / 5) * minuteMs,
    isLost: turn % 15 === 4,
  }))
  const lineOf = (isLost: (one: (typeof points)[number]) => boolean) =>
    timeLineOf(points.map((one) => ({ at: one.at, value: isLost(one) ? 1 : 0 })))
  const found = eventPeriodsOf(
    lineOf(({ isLost }) => isLost),
    utc,
  )
  assert.deepEqual(
    found.map(({ periodMs }) => periodMs),
    [15 * minuteMs],
  )
  assert.deepEqual(
    eventPeriodsOf(
      lineOf(() => random() < 0.02),
      utc,
    ),
    [],
  )
})

test('the same series is judged alike each time', () => {
  const line = simulatedLine({ days: 5, latency: white(), ...spikes(47, 3) }, 11)
  assert.deepEqual(periodsOf(line, utc), periodsOf(line, utc))
})

test('whatever the series, the search ends and claims only what it has seen five times', () => {
  const value = fc.oneof(fc.double({ min: 0, max: 500, noNaN: true }), fc.constant(20), fc.double())
  const series = fc.array(fc.record({ at: fc.oneof(fc.integer({ min: 0, max: 400_000_000 }), fc.double()), value }), {
    maxLength: 300,
  })
  fc.assert(
    fc.property(series, (points) => {
      const line = timeLineOf(points)
      for (const { periodMs, p, cycles, duty, hitShare } of [...periodsOf(line, utc), ...eventPeriodsOf(line, utc)]) {
        assert.ok(periodMs > 0 && cycles >= 5 && p >= 0 && p < 0.001)
        assert.ok(duty >= 0 && duty <= 1 && hitShare >= 0 && hitShare <= 1)
      }
    }),
    { numRuns: 60 },
  )
})
