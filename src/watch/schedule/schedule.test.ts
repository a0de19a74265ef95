import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plannedFlow } from '../../../test/watch/plannedFlow.ts'
import { Schedule } from './schedule.ts'
import { phaseOf, slotAfter } from './slots.ts'
import type { Target } from './targets.ts'

const seed = '42'
const start = Date.parse('2026-03-28T12:00:00Z')

function target(to: string, everyMs = 60_000, flows = 1): Target {
  const all = Array.from({ length: flows }, (_, at) => plannedFlow(to, `row-${at}`))
  return { key: `${to}|${everyMs}`, to, everyMs, flows: all }
}

function scheduleOf(targets: readonly Target[], concurrency = 100_000, random = () => 0.5): Schedule {
  const schedule = new Schedule({ seed, concurrency, random })
  schedule.set(targets, start)
  return schedule
}

interface Look {
  readonly at: number
  readonly to: string
}

/** Goes through a time second by second; each look is over after `tookMs`. */
function play(schedule: Schedule, from: number, to: number, tookMs = 0): { looks: Look[]; skipped: string[] } {
  const looks: Look[] = []
  const skipped: string[] = []
  let open: { readonly until: number; readonly target: Target }[] = []
  for (let now = from; now < to; now += 1000) {
    for (const { target } of open.filter(({ until }) => until <= now)) {
      schedule.settled(target.flows.length)
      schedule.ended(target)
    }
    open = open.filter(({ until }) => until > now)
    const due = schedule.due(now)
    skipped.push(...due.skipped.map((one) => one.to))
    for (const one of due.take) {
      looks.push({ at: now, to: one.to })
      open.push({ until: now + tookMs, target: one })
    }
  }
  for (const { target } of open) {
    schedule.settled(target.flows.length)
    schedule.ended(target)
  }
  return { looks, skipped }
}

test('every target has one look in each of its intervals, for a day, and none drifts', () => {
  let dice = 1
  const random = (): number => {
    dice = (dice * 48_271) % 2_147_483_647
    return dice / 2_147_483_647
  }
  const targets = [target('dc01'), target('dc02'), target('app01', 300_000), target('slow', 3_600_000)]
  const schedule = scheduleOf(targets, 1000, random)
  const day = 86_400_000
  const { looks, skipped } = play(schedule, start, start + day, 3000)
  assert.deepEqual(skipped, [])
  for (const { key, to, everyMs } of targets) {
    const phaseMs = phaseOf(seed, key, everyMs)
    const own = looks.filter((look) => look.to === to)
    let slot = slotAfter(start, everyMs, phaseMs)
    for (const { at } of own) {
      const late = at - slot
      assert.ok(late > -1000 && late <= Math.min(everyMs / 10, 5000) + 1000, `${to} ${late}`)
      slot += everyMs
    }
    assert.ok(Math.abs(own.length - day / everyMs) <= 1, `${to} ${own.length}`)
  }
})

test('looks do not keep step with what happens every minute', () => {
  let dice = 7
  const schedule = scheduleOf([target('dc01')], 10, () => {
    dice = (dice * 48_271) % 2_147_483_647
    return dice / 2_147_483_647
  })
  const { looks } = play(schedule, start, start + 3_600_000)
  assert.ok(new Set(looks.map(({ at }) => at % 60_000)).size >= 4)
})

test('a look that outlasts its interval makes the next slots be skipped and counted, and no second look begins', () => {
  const schedule = scheduleOf([target('dc01', 5000)])
  const { looks, skipped } = play(schedule, start, start + 60_000, 12_000)
  assert.ok(looks.length >= 4 && looks.length <= 5, String(looks.length))
  for (const [index, { at }] of looks.entries()) if (index > 0) assert.ok(at - (looks[index - 1]?.at ?? 0) >= 12_000)
  assert.ok(skipped.length >= 6, String(skipped.length))
})

test('no more flows are under way than there is room for, and what waits has its turn', () => {
  const targets = Array.from({ length: 40 }, (_, at) => target(`dc${at}`, 60_000, 8))
  const schedule = scheduleOf(targets, 16)
  const seen = new Set<string>()
  let open: { readonly until: number; readonly target: Target }[] = []
  for (let now = start; now < start + 120_000; now += 1000) {
    for (const { target } of open.filter(({ until }) => until <= now)) {
      schedule.settled(target.flows.length)
      schedule.ended(target)
    }
    open = open.filter(({ until }) => until > now)
    for (const one of schedule.due(now).take) {
      seen.add(one.to)
      open.push({ until: now + 2000, target: one })
    }
    assert.ok(schedule.underWay <= 16)
  }
  assert.equal(seen.size, 40)
})

test('a target with more flows than there is room for is looked at alone', () => {
  const schedule = scheduleOf([target('big', 60_000, 50), target('dc01')], 16)
  const { looks } = play(schedule, start, start + 120_000, 1000)
  assert.equal(looks.filter(({ to }) => to === 'big').length, 2)
  assert.equal(looks.filter(({ to }) => to === 'dc01').length, 2)
})

test('flows that are settled make room while those beside them are waited for', () => {
  const schedule = scheduleOf([target('a', 60_000, 8), target('b', 60_000, 8)], 8)
  const taken: string[] = []
  for (let now = start; now < start + 60_000; now += 1000) {
    for (const { to } of schedule.due(now).take) {
      taken.push(to)
      schedule.settled(8)
    }
  }
  assert.deepEqual(taken.sort(), ['a', 'b'])
})

test('after hours in which nothing ran there is no burst', () => {
  const targets = Array.from({ length: 600 }, (_, at) => target(`dc${at}`))
  const schedule = scheduleOf(targets)
  play(schedule, start, start + 60_000)
  const later = start + 8 * 3_600_000
  schedule.restart(later)
  const { looks, skipped } = play(schedule, later, later + 66_000)
  assert.deepEqual(skipped, [])
  assert.ok(looks.length >= 600 && looks.length < 700, String(looks.length))
  for (let now = later; now < later + 60_000; now += 1000) {
    assert.ok(looks.filter(({ at }) => at === now).length < 40)
  }
})

test('a clock that was set back makes no target wait for the time that is lived twice', () => {
  const schedule = scheduleOf([target('dc01')])
  play(schedule, start, start + 60_000)
  const earlier = start - 120_000
  schedule.restart(earlier)
  assert.equal(play(schedule, earlier, earlier + 600_000).looks.length, 10)
})

test('even a caller that was away without saying so gets one look at each target, and the slots in between as skipped', () => {
  const schedule = scheduleOf([target('dc01'), target('dc02')])
  const { take, skipped } = schedule.due(start + 600_000)
  assert.deepEqual(take.map(({ to }) => to).sort(), ['dc01', 'dc02'])
  assert.ok(skipped.length >= 16 && skipped.length <= 20, String(skipped.length))
  assert.deepEqual(schedule.due(start + 601_000).take, [])
})

test('a restart of the process goes on at the same places', () => {
  const targets = Array.from({ length: 50 }, (_, at) => target(`dc${at}`))
  const before = play(scheduleOf(targets), start, start + 60_000).looks
  const schedule = new Schedule({ seed, concurrency: 100, random: () => 0.5 })
  schedule.set(targets, start + 600_000)
  const after = play(schedule, start + 600_000, start + 660_000).looks
  const placeIn = (looks: readonly Look[]) => new Map(looks.map(({ at, to }) => [to, at % 60_000]))
  const [first, second] = [placeIn(before), placeIn(after)]
  for (const { to } of targets) assert.equal(first.get(to), second.get(to), to)
})

test('a target more, or one less, moves nobody; what went is not looked at any more', () => {
  const schedule = scheduleOf([target('dc01'), target('dc02')])
  schedule.set([target('dc02'), target('dc03')], start + 1)
  const { looks } = play(schedule, start, start + 300_000)
  assert.deepEqual([...new Set(looks.map(({ to }) => to))].sort(), ['dc02', 'dc03'])
  const alone = play(scheduleOf([target('dc02')]), start, start + 300_000).looks
  assert.deepEqual(
    looks.filter(({ to }) => to === 'dc02'),
    alone,
  )
})

test('a further look comes before what waits, and not where one is under way', () => {
  const schedule = scheduleOf([target('dc01', 3_600_000), target('dc02', 3_600_000)])
  schedule.callAgain('dc01|3600000', start + 3000, start)
  schedule.callAgain('dc01|3600000', start + 3000, start)
  schedule.callAgain('nobody|1', start + 3000, start)
  assert.deepEqual(schedule.due(start + 2000).take, [])
  assert.deepEqual(
    schedule.due(start + 3000).take.map(({ to }) => to),
    ['dc01'],
  )
  schedule.callAgain('dc01|3600000', start + 4000, start + 3000)
  assert.deepEqual(schedule.due(start + 4000), { take: [], skipped: [] })
})

test('ten thousand flows of as many hosts are spread, each with its look a minute', () => {
  const targets = Array.from({ length: 10_000 }, (_, at) => target(`h${at}`))
  const schedule = scheduleOf(targets)
  const { looks, skipped } = play(schedule, start, start + 180_000)
  assert.deepEqual(skipped, [])
  // Those whose first slot is in the first seconds come a little after it, as all do.
  assert.ok(looks.length > 29_000 && looks.length <= 30_000, String(looks.length))
  const perSecond = new Map<number, number>()
  for (const { at } of looks) perSecond.set(at, (perSecond.get(at) ?? 0) + 1)
  assert.ok(Math.max(...perSecond.values()) < 250)
})
