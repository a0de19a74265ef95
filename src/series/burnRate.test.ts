import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { WatchedMinute } from './burnRate.ts'
import { badMinutes, budgetLeft, burnAlert } from './burnRate.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const now = 1000 * hourMs
const objective = 0.999

/** Minutes up to now, of which those so many minutes ago are bad. */
function minutes(hours: number, bad: (ago: number) => boolean): readonly WatchedMinute[] {
  return Array.from({ length: hours * 60 }, (_, at) => ({ at: now - (at + 1) * minuteMs, isBad: bad(at + 1) }))
}

const rows: readonly [what: string, given: readonly WatchedMinute[], expected: string][] = [
  ['all is well', minutes(72, () => false), 'nothing'],
  ['the last minute is bad', minutes(72, (ago) => ago === 1), 'nothing'],
  ['the last two minutes are bad', minutes(72, (ago) => ago <= 2), 'nothing'],
  ['the last three minutes are bad', minutes(72, (ago) => ago <= 3), 'page 1 h'],
  ['three minutes were bad half an hour ago', minutes(72, (ago) => ago > 30 && ago <= 33), 'nothing'],
  ['it has just begun, and everything is bad', minutes(1, () => true), 'page 1 h'],
  ['two minutes of each half hour are bad', minutes(72, (ago) => ago % 30 < 2), 'page 6 h'],
  ['one minute of each hour is bad', minutes(72, (ago) => ago % 60 === 5), 'ticket 72 h'],
  ['one minute of each eight hours is bad', minutes(72, (ago) => ago % 480 === 5), 'nothing'],
  ['nobody looked', [], 'nothing'],
]
for (const [what, given, expected] of rows)
  test(`${expected === 'nothing' ? 'nobody is told' : `it is a ${expected}`} when ${what}`, () => {
    const alert = burnAlert(given, now, objective)
    assert.equal(alert === undefined ? 'nothing' : `${alert.urgency} ${alert.longMs / hourMs} h`, expected)
  })

test('a single bad minute alerts nobody, whatever the goal and however little was looked', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(4400), { minLength: 1 }),
      fc.nat(),
      fc.double({ min: 0.01, max: 0.999999, noNaN: true }),
      (agos, which, goal) => {
        const one = agos.map((ago, at) => ({ at: now - ago * minuteMs, isBad: at === which % agos.length }))
        assert.equal(burnAlert(one, now, goal), undefined)
      },
    ),
  )
})

test('one lost question is no bad minute, two that confirm each other are, and one that then goes well is not', () => {
  const look = (at: number, isWell: boolean, isConfirmed = false) => ({ at, isWell, isConfirmed })
  assert.deepEqual(
    badMinutes([
      look(1, false),
      look(minuteMs + 20, false, true),
      look(minuteMs + 10, true),
      look(2 * minuteMs, false, true),
      look(2 * minuteMs + 5, true),
      look(Number.NaN, false, true),
    ]),
    [
      { at: 0, isBad: false },
      { at: minuteMs, isBad: true },
      { at: 2 * minuteMs, isBad: false },
    ],
  )
})

test('what is left of a budget goes from all to less than nothing', () => {
  const day = minutes(24, (ago) => ago <= 3)
  assert.equal(
    budgetLeft(
      minutes(24, () => false),
      0,
      now,
      objective,
    ),
    1,
  )
  assert.ok(Math.abs(budgetLeft(day, now - 24 * hourMs, now, objective) - (1 - 3 / 1.44)) < 1e-9)
  assert.equal(budgetLeft([], 0, now, objective), 1)
})

test('a goal that is none is never missed', () => {
  for (const goal of [0, 1, -1, Number.NaN])
    assert.equal(
      burnAlert(
        minutes(1, () => true),
        now,
        goal,
      ),
      undefined,
    )
})
