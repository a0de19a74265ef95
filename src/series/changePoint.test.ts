import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Simulated } from '../../test/simulatedSeries.ts'
import { dayMs, monday, noises, simulatedLine } from '../../test/simulatedSeries.ts'
import { baselineOf } from './baseline.ts'
import { levelShiftOf } from './changePoint.ts'
import type { Random } from './seededRandom.ts'
import { normalDraw } from './seededRandom.ts'
import { timeLineOf } from './timeLine.ts'
import { zoneClock } from './zoneClock.ts'

const minuteMs = 60_000
const changeAt = monday + 7.5 * dayMs
const noisy = (usual: number, random: Random): number => usual * Math.exp(0.12 * normalDraw(random))
const seeds = Array.from({ length: 8 }, (_, at) => 101 + at)

const shifts: readonly [what: string, more: Partial<Simulated>, to: number][] = [
  ['up by half', {}, 30],
  ['down by a third', {}, 13.3],
  ['up by half, with 30 % missing and 5 % wild', { missing: 0.3, outliers: 0.05 }, 30],
  ['up by half, looked at every five minutes', { everyMs: 5 * minuteMs }, 30],
]
for (const [what, more, to] of shifts)
  test(`a level that goes ${what} is told with its time and both levels`, () => {
    for (const seed of seeds) {
      const line = simulatedLine(
        { days: 8, latency: (at, random) => noisy(at < changeAt ? 20 : to, random), ...more },
        seed,
      )
      const shift = levelShiftOf(line)
      const interval = more.everyMs ?? minuteMs
      assert.ok(shift, `seed ${seed}`)
      assert.ok(Math.abs(shift.at - changeAt) <= 6 * interval, `${(shift.at - changeAt) / minuteMs} min off`)
      assert.ok(shift.seenAt >= shift.at && shift.seenAt - shift.at <= 40 * interval)
      assert.ok(Math.abs(shift.from - 20) < 1.5 && Math.abs(shift.to - to) < 2)
      assert.equal(shift.confidence, 'likely')
    }
  })

const still: readonly (readonly [what: string, simulated: () => Omit<Simulated, 'days'>])[] = [
  ...Object.entries(noises).map(
    ([name, make]) => [`noise: ${name}`, (): Omit<Simulated, 'days'> => ({ latency: make() })] as const,
  ),
  ['single spikes', () => ({ latency: (_, random) => noisy(random() < 0.01 ? 2000 : 20, random) })],
  [
    'a slow wave',
    () => ({ latency: (at, random) => noisy(20 * (1 + 0.5 * Math.sin((2 * Math.PI * at) / (36e5 * 10))), random) }),
  ],
  [
    'a job of three hours each day',
    () => ({ latency: (at, random) => noisy(at % dayMs < 3 * 36e5 ? 40 : 20, random) }),
  ],
  [
    'an hour of trouble that went away',
    () => ({ latency: (at, random) => noisy(at > changeAt && at < changeAt + 36e5 ? 60 : 20, random) }),
  ],
  [
    'a jump that wears off over eight hours',
    () => ({
      latency: (at, random) => noisy(at < changeAt ? 20 : Math.max(20, 60 - ((at - changeAt) / 36e5) * 5), random),
    }),
  ],
  [
    'a fifth of an hour at the end',
    () => ({ latency: (at, random) => noisy(at > monday + 8 * dayMs - 12e5 ? 60 : 20, random) }),
  ],
  ['a drift over a week', () => ({ latency: (at, random) => noisy(20 * (1 + (at - monday) / (16 * dayMs)), random) })],
]
for (const [what, simulated] of still)
  test(`no level is said to have changed by ${what}`, () => {
    for (const seed of seeds)
      assert.equal(levelShiftOf(simulatedLine({ days: 8, ...simulated() }, seed)), undefined, `seed ${seed}`)
  })

test('a gap is no change, and what changed while nobody looked has no moment', () => {
  for (const [to, seed] of [
    [20, 1],
    [40, 2],
  ] as const) {
    const line = simulatedLine({ days: 9, latency: (at, random) => noisy(at < changeAt ? 20 : to, random) }, seed)
    const seen = Array.from(line.times, (at, place) => ({ at, value: line.values[place] ?? 0 }))
    const gap = seen.filter(({ at }) => at < changeAt - 6 * 36e5 || at > changeAt + 6 * 36e5)
    assert.equal(levelShiftOf(timeLineOf(gap)), undefined)
  }
})

test('on the first day nothing has changed yet, and before a week it is possible only', () => {
  const at = (days: number) =>
    levelShiftOf(
      simulatedLine(
        { days: days + 0.3, latency: (time, random) => noisy(time < monday + days * dayMs ? 20 : 60, random) },
        5,
      ),
    )
  assert.equal(at(0.6), undefined)
  assert.equal(at(3)?.confidence, 'possible')
})

test('what is usual at that hour of the week is no change', () => {
  const utc = zoneClock('UTC')
  assert.ok(utc)
  // Each Monday from noon on, for a day.
  const weekly = (time: number): number =>
    ((time - monday) / dayMs + 7) % 7 > 0.5 && ((time - monday) / dayMs + 7) % 7 < 1.5 ? 40 : 20
  const line = simulatedLine({ days: 28.8, latency: (time, random) => noisy(weekly(time), random) }, 9)
  const from = monday + 22.6 * dayMs
  const lately = timeLineOf(
    Array.from(line.times, (time, place) => ({ at: time, value: line.values[place] ?? 0 })).filter(
      (point) => point.at > from,
    ),
  )
  assert.ok(levelShiftOf(lately))
  assert.equal(levelShiftOf(lately, baselineOf(line, monday + 28 * dayMs, utc)), undefined)
})
