import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { foldOf, shuffledGaps, turnedCycles } from './phaseFold.ts'
import { seededRandom } from './seededRandom.ts'
import { rarityOf } from './surrogates.ts'

const minuteMs = 60_000
const day = { times: Float64Array.from({ length: 1440 }, (_, at) => at * minuteMs), intervalMs: minuteMs }

test('events of one phase are densest in a narrow window there', () => {
  const events = Array.from({ length: 24 }, (_, turn) => turn * 60 + 17)
  const { score, phaseMs, widthMs } = foldOf(day, 60 * minuteMs).densest(events)
  assert.ok(Math.abs(phaseMs - 17 * minuteMs) < 1e-3 && Math.abs(widthMs - minuteMs) < 1e-3)
  assert.ok(Math.abs(score - 24 * Math.log(60)) < 1e-6)
})

test('of a period, its parts and its multiples the period itself is densest', () => {
  const events = Array.from({ length: 24 }, (_, turn) => turn * 60 + 17)
  const score = (minutes: number): number => foldOf(day, minutes * minuteMs).densest(events).score
  assert.ok([12, 15, 20, 30, 120, 180, 240].every((other) => score(other) < score(60)))
})

test('a window that goes round the end of a period is one', () => {
  const events = Array.from({ length: 24 }, (_, turn) => turn * 60 + (turn % 2 === 0 ? 59 : 0)).sort(
    (one, other) => one - other,
  )
  const { phaseMs, widthMs } = foldOf(day, 60 * minuteMs).densest(events)
  assert.ok(Math.abs(phaseMs - 59 * minuteMs) < 1e-3 && Math.abs(widthMs - 2 * minuteMs) < 1e-3)
})

test('that nothing happens while nobody asks is no sign of a phase', () => {
  const random = seededRandom(4)
  const times = Float64Array.from(
    Array.from({ length: 14 * 1440 }, (_, at) => at * minuteMs).filter((at) => at % 864e5 < 8 * 36e5),
  )
  const events = [...new Set(Array.from({ length: 60 }, () => Math.floor(random() * times.length)))].sort(
    (one, other) => one - other,
  )
  const fold = foldOf({ times, intervalMs: minuteMs }, 864e5)
  const { score } = fold.densest(events)
  assert.ok(rarityOf(score, () => fold.densest(shuffledGaps(events, times.length, random)).score) > 0.01)
  assert.ok(rarityOf(score, () => fold.densest(turnedCycles(events, fold.cycles, random)).score) > 0.01)
})

test('a phase in which more is asked has more events, and is no denser for that', () => {
  // Ten minutes of each hour are asked in every six seconds, the others once a minute; each question has the same chance.
  const times = Float64Array.from(
    Array.from({ length: 24 * 600 }, (_, at) => at * 6000).filter((at) => at % 36e5 < 6e5 || at % minuteMs === 0),
  )
  const random = seededRandom(5)
  const events = [...times.keys()].filter(() => random() < 0.1)
  assert.ok(foldOf({ times, intervalMs: minuteMs }, 36e5).densest(events).score < 12)
})

test('both kinds of chance keep how many events there are, in the order of time and inside of what was asked', () => {
  const places = fc.uniqueArray(fc.nat(1439), { maxLength: 60 }).map((all) => all.sort((one, other) => one - other))
  fc.assert(
    fc.property(places, fc.integer(), fc.integer({ min: 2, max: 700 }), (events, seed, minutes) => {
      const { cycles } = foldOf(day, minutes * minuteMs)
      const shuffled = shuffledGaps(events, 1440, seededRandom(seed))
      const turned = turnedCycles(events, cycles, seededRandom(seed))
      assert.deepEqual(
        [...shuffled],
        [...shuffled].sort((one, other) => one - other),
      )
      for (const chance of [shuffled, turned]) {
        assert.equal(chance.length, events.length)
        assert.ok(chance.every((place) => place >= 0 && place < 1440))
      }
      const cycleOf = (place: number): number => Math.floor(place / minutes)
      assert.deepEqual([...turned].map(cycleOf), events.map(cycleOf))
    }),
  )
})

test('gaps that are all alike do not stay a period when they are shuffled', () => {
  const events = Array.from({ length: 48 }, (_, turn) => turn * 30 + 5)
  const fold = foldOf(day, 30 * minuteMs)
  const { score } = fold.densest(events)
  const random = seededRandom(8)
  assert.ok(rarityOf(score, () => fold.densest(shuffledGaps(events, 1440, random)).score) < 1e-9)
})

test('how rare a score is agrees with counting where counting is possible', () => {
  const random = seededRandom(11)
  const gumbel = (): number => -Math.log(-Math.log(1 - random()))
  for (const p of [0.2, 0.05, 0.001, 1e-6]) {
    const told = rarityOf(-Math.log(-Math.log1p(-p)), gumbel)
    assert.ok(told > p / 4 && told < p * 4 + 0.003 * (p === 0.001 ? 1 : 0), `${p}: ${told}`)
  }
  assert.ok(rarityOf(-5, gumbel) > 0.9)
})
