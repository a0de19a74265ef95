import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pulse } from './pulse.ts'

const start = Date.parse('2026-03-28T12:00:00Z')

/** Clocks that are set by hand. */
function clocks(withThird = true) {
  const at = { wall: start, monotonic: 1000, sinceStart: 50_000 }
  return {
    at,
    clock: {
      now: () => at.wall,
      monotonicMs: () => at.monotonic,
      ...(withThird && { sinceStartMs: () => at.sinceStart }),
    },
    pass(ms: number) {
      at.wall += ms
      at.monotonic += ms
      at.sinceStart += ms
    },
  }
}

test('time that passes as it should is no gap, late timers and small corrections included', () => {
  const { at, clock, pass } = clocks()
  const pulse = new Pulse(clock)
  for (let beat = 0; beat < 1000; beat += 1) {
    pass(1000 + (beat % 7) * 400)
    at.wall += beat % 2 === 0 ? 900 : -900
    assert.equal(pulse.beat(1000), undefined)
  }
})

const hour = 3_600_000

const jumps = [
  {
    what: 'a machine that slept, whose monotonic clock slept as well',
    moved: { wall: hour, monotonic: 0, sinceStart: hour },
    why: 'suspended',
  },
  {
    what: 'a machine that slept, whose monotonic clock went on',
    moved: { wall: hour, monotonic: hour, sinceStart: hour },
    why: 'suspended',
  },
  { what: 'a clock that is set forward', moved: { wall: hour, monotonic: 0, sinceStart: 0 }, why: 'clock-moved' },
  {
    what: 'a machine that slept and whose clock was wrong by an hour besides',
    moved: { wall: 2 * hour, monotonic: 0, sinceStart: hour },
    why: 'clock-moved',
  },
] as const

for (const { what, moved, why } of jumps) {
  test(`${what} is a gap: ${why}`, () => {
    const { at, clock, pass } = clocks()
    const pulse = new Pulse(clock)
    pass(1000)
    assert.equal(pulse.beat(1000), undefined)
    const from = at.wall
    at.wall += moved.wall
    at.monotonic += moved.monotonic
    at.sinceStart += moved.sinceStart
    assert.deepEqual(pulse.beat(1000), { from, to: at.wall, why })
    pass(1000)
    assert.equal(pulse.beat(1000), undefined)
  })
}

test('a clock that is set back is a gap of what is lived twice', () => {
  const { at, clock, pass } = clocks()
  const pulse = new Pulse(clock)
  pass(1000)
  at.wall -= 2 * hour
  assert.deepEqual(pulse.beat(1000), { from: at.wall, to: start, why: 'clock-moved' })
})

test('without a third clock a jump forward counts as sleep', () => {
  const { at, clock } = clocks(false)
  const pulse = new Pulse(clock)
  at.wall += hour
  assert.deepEqual(pulse.beat(1000), { from: start, to: start + hour, why: 'suspended' })
})
