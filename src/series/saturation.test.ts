import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dayMs, monday, officeLoad, simulatedLine } from '../../test/simulatedSeries.ts'
import { saturationOf } from './saturation.ts'
import { normalDraw } from './seededRandom.ts'
import type { TimeLine } from './timeLine.ts'
import { timeLineOf } from './timeLine.ts'

const series = (value: (at: number) => number, seed: number): TimeLine =>
  simulatedLine(
    { days: 14, everyMs: 300_000, latency: (at, random) => value(at) * Math.exp(0.1 * normalDraw(random)) },
    seed,
  )

const busy = (at: number): number => 100 + 700 * officeLoad(at)
const rows: readonly [
  what: string,
  count: (at: number) => number,
  ms: (at: number) => number,
  limit: number | undefined,
  expected: string,
][] = [
  [
    'counts come near the limit and handshakes slow down with them',
    busy,
    (at) => 10 + 40 * officeLoad(at),
    900,
    'likely',
  ],
  ['counts come near the limit', busy, () => 10, 900, 'possible'],
  [
    'handshakes slow down with the counts, and no limit is known',
    busy,
    (at) => 10 + 40 * officeLoad(at),
    undefined,
    'possible',
  ],
  ['counts rise towards the limit', (at) => 100 + (30 * (at - monday)) / dayMs, () => 10, 1000, 'possible'],
  ['counts rise towards a limit far away', (at) => 100 + (at - monday) / dayMs, () => 10, 1000, 'none'],
  ['there is load, and room for it', busy, () => 10, 5000, 'none'],
  ['handshakes are slow at night', busy, (at) => 50 - 40 * officeLoad(at), undefined, 'none'],
]
for (const [what, count, ms, limit, expected] of rows)
  test(`saturation is ${expected} when ${what}`, () => {
    const told = saturationOf(series(count, 1), series(ms, 2), limit)
    assert.equal(told?.confidence ?? 'none', expected)
  })

test('of nothing there is no saturation', () => {
  const none = timeLineOf([])
  assert.equal(saturationOf(none, none, 10), undefined)
  assert.equal(saturationOf(timeLineOf([{ at: 0, value: 1 }]), none, Number.NaN), undefined)
})
