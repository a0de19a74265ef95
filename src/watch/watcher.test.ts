import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { memoryHistory } from '../../test/watch/memoryHistory.ts'
import { plannedFlow, refused } from '../../test/watch/plannedFlow.ts'
import type { PlayedWatch } from '../../test/watch/playedWatch.ts'
import { playedStart, playedWatch } from '../../test/watch/playedWatch.ts'
import { flowKey } from '../model/flow.ts'

const minute = 60_000
const flows = [plannedFlow('dc01', 'ldaps'), plannedFlow('dc01', 'ldap'), plannedFlow('dc02', 'ldaps')]

function kinds({ news }: PlayedWatch): readonly string[] {
  return news.map((one) => one.kind)
}

test('each flow has its look a minute, and each look is in the history', async () => {
  const played = playedWatch({ flows })
  await played.play(10 * minute)
  for (const flow of flows) {
    const samples = played.history.kept.samples.filter(({ key }) => key === flowKey(flow))
    assert.equal(samples.length, 10, flowKey(flow))
  }
  assert.equal(played.watcher.counts.looks, 30)
  assert.equal(played.history.kept.readings.length, 30 * 4)
  assert.deepEqual(played.news, [])
})

test('flows of one host are looked at together', async () => {
  const played = playedWatch({ flows })
  await played.play(2 * minute)
  assert.ok(played.looks.every(({ to }) => to.length === 1))
  assert.equal(played.looks.length, 4)
})

test('a failure counts once three further looks have failed within ten seconds, and is over with the first that is well', async () => {
  const played = playedWatch({
    flows,
    answer: (flow, at) =>
      flow.flow === 'ldaps' && flow.to === 'dc01' && at > playedStart + 2 * minute && at < playedStart + 5 * minute
        ? refused
        : {},
  })
  await played.play(8 * minute)
  assert.deepEqual(kinds(played), ['went-bad', 'came-back'])
  const [bad, back] = played.news
  assert.ok(bad?.kind === 'went-bad' && back?.kind === 'came-back')
  assert.equal(bad.looks, 4)
  assert.ok(bad.at - bad.since <= 10_000, String(bad.at - bad.since))
  assert.equal(bad.key, 'ldaps|here|dc01|dc01.corp.example||636|tcp')
  assert.equal(bad.report.cause, 'refused')
  assert.ok(back.at - playedStart >= 5 * minute)
  const failing = played.events.filter(({ kind }) => kind === 'failing')
  assert.equal(failing.length, 1)
})

test('one lost look is told as a loss, and as no failure', async () => {
  let isLost = false
  const played = playedWatch({
    flows,
    answer: (flow, at) => {
      if (isLost || flow.to !== 'dc02' || at < playedStart + minute) return {}
      isLost = true
      return refused
    },
  })
  await played.play(5 * minute)
  assert.deepEqual(kinds(played), ['unsteady'])
  assert.equal(played.history.kept.samples.filter(({ isWell }) => !isWell).length, 1)
})

test('a machine that slept leaves a gap, no failure of what was under way, and no burst afterwards', async () => {
  const played = playedWatch({ flows })
  played.at(3 * minute, () => {
    played.clock.wall += 8 * 60 * minute
    played.clock.sinceStart += 8 * 60 * minute
  })
  await played.play(5 * minute)
  assert.deepEqual(
    played.history.kept.gaps.map(({ why, from, to }) => [why, Math.round((to - from) / minute)]),
    [['suspended', 480]],
  )
  const [gap] = played.history.kept.gaps
  const after = played.looks.filter(({ at }) => at >= (gap?.to ?? 0) && at < (gap?.to ?? 0) + minute)
  assert.ok(after.length <= 2, String(after.length))
})

test('a look that a gap fell into is not believed', async () => {
  let isSlept = false
  const played = playedWatch({
    flows,
    settings: { confirmations: 0 },
    answer: (_, at) => {
      if (isSlept || at < playedStart + 2 * minute) return {}
      isSlept = true
      return refused
    },
  })
  const { watched, watcher, clock } = played
  const honest = watched(flows, { confirmations: 0 })
  watcher.reload({
    ...honest,
    async look(asked, options) {
      const report = await honest.look(asked, options)
      if (isSlept && clock.sinceStart === clock.monotonic) {
        clock.wall += 60 * minute
        clock.sinceStart += 60 * minute
        // Its answer comes when the machine is awake again, and the gap was felt.
        for (let turn = 0; turn < 3; turn += 1) await setImmediate()
      }
      return report
    },
  })
  await played.play(4 * minute)
  assert.equal(played.history.kept.gaps.length, 1)
  assert.deepEqual(played.news, [])
})

test('a restart keeps every flow at its place, and what lies between is a gap', async () => {
  const words = new Map<string, string>()
  const first = playedWatch({ flows, history: memoryHistory(words) })
  await first.play(3 * minute)
  const stopped = first.clock.wall
  const second = playedWatch({ flows, history: memoryHistory(words), start: stopped + 20 * minute })
  await second.play(3 * minute)
  assert.deepEqual(second.history.kept.gaps, [{ from: stopped, to: stopped + 20 * minute, why: 'not-running' }])
  const places = ({ looks }: PlayedWatch, to: string): readonly number[] =>
    looks.filter((look) => look.to.includes(to)).map(({ at }) => at % minute)
  for (const to of ['dc01', 'dc02']) {
    const all = [...places(first, to), ...places(second, to)]
    // By chance a look is up to five seconds late.
    assert.ok(Math.max(...all) - Math.min(...all) <= 6100, `${to} ${all.join(' ')}`)
  }
})

test('a clock that was set back while nothing ran is a gap of what is lived twice', async () => {
  const words = new Map([['watch.seen', String(playedStart + 60 * minute)]])
  const played = playedWatch({ flows, history: memoryHistory(words) })
  await played.play(minute)
  assert.deepEqual(played.history.kept.gaps, [{ from: playedStart, to: playedStart + 60 * minute, why: 'clock-moved' }])
})

test('what failed before a restart and was told is told when it is over, and not again', async () => {
  const key = flowKey(plannedFlow('dc02', 'ldaps'))
  const played = playedWatch({
    flows,
    answer: (flow, at) => (flow.to === 'dc02' && at < playedStart + 3 * minute ? refused : {}),
    parts: { known: new Map([[key, { since: 1, cause: 'refused' }]]) },
  })
  await played.play(5 * minute)
  assert.deepEqual(kinds(played), ['came-back'])
})

test('a sign-in that failed before a restart is no flow, and not over since no site file has such a one', async () => {
  const known = new Map(
    ['sign-in:daemon', 'canary:hq'].map((subject) => [subject, { since: 1, cause: 'refused' as const }]),
  )
  const played = playedWatch({ flows, parts: { known } })
  await played.play(2 * minute)
  assert.deepEqual(played.news, [])
  assert.equal(played.watcher.counts.bad, 0)
})

test('news that cannot be kept come again, in their order, until they are', async () => {
  let isFull = true
  const taken: string[] = []
  const played = playedWatch({
    flows,
    answer: (_, at) => (at < playedStart + 3 * minute ? refused : {}),
    parts: {
      async onNews(news) {
        if (isFull) throw new Error('there is no room')
        taken.push(...news.map((one) => `${one.kind} ${'key' in one ? one.key : ''}`))
      },
    },
  })
  played.at(5 * minute, () => {
    isFull = false
  })
  await played.play(7 * minute)
  assert.equal(taken.length, 6)
  for (const flow of flows) {
    const own = taken.filter((one) => one.endsWith(flowKey(flow))).map((one) => one.split(' ')[0])
    assert.deepEqual(own, ['went-bad', 'came-back'])
  }
  assert.equal(played.events.filter(({ kind }) => kind === 'cannot-tell').length, 1)
})

test('another site file is taken up while looks go on, and what failed and is watched no more is told', async () => {
  const played = playedWatch({ flows, answer: (flow) => (flow.to === 'dc02' ? refused : {}) })
  const next = [flows[0] ?? plannedFlow('dc01', 'ldaps'), plannedFlow('dc03', 'ldaps')]
  played.at(3 * minute, () => played.watcher.reload(played.watched(next, { everySeconds: 30 })))
  await played.play(6 * minute)
  assert.deepEqual(kinds(played), ['went-bad', 'unwatched'])
  const later = played.looks.filter(({ at }) => at > playedStart + 3 * minute + 2000)
  assert.deepEqual([...new Set(later.flatMap(({ to }) => to))].sort(), ['dc01', 'dc03'])
  assert.ok(later.filter(({ to }) => to.includes('dc03')).length >= 5)
})

test('windows of maintenance stand in the history, once each', async () => {
  const words = new Map<string, string>()
  const settings = {
    maintenance: [{ name: 'noon', from: 12 * 60 + 2, to: 12 * 60 + 4, zone: 'UTC' }],
  }
  const first = playedWatch({ flows, settings, history: memoryHistory(words) })
  await first.play(3 * minute)
  assert.deepEqual(
    first.watcher.windows.map(({ name }) => name),
    ['noon'],
  )
  const second = playedWatch({ flows, settings, history: memoryHistory(words), start: first.clock.wall })
  await second.play(3 * minute)
  const marks = [...first.history.kept.marks, ...second.history.kept.marks]
  assert.deepEqual(
    marks.map(({ kind, name, at }) => [kind, name, new Date(at).toISOString().slice(11, 16)]),
    [
      ['maintenance-start', 'noon', '12:02'],
      ['maintenance-end', 'noon', '12:04'],
    ],
  )
})

test('a look that ends in an error of the program is told, and the next one comes', async () => {
  const played = playedWatch({ flows })
  let isFirst = true
  const honest = played.watched(flows)
  played.watcher.reload({
    ...honest,
    async look(asked, options) {
      if (isFirst) {
        isFirst = false
        throw new Error('a bug')
      }
      return honest.look(asked, options)
    },
  })
  await played.play(3 * minute)
  assert.deepEqual(
    played.events.map((event) => (event.kind === 'look-failed' ? event.why : event.kind)),
    ['a bug'],
  )
  assert.equal(played.watcher.counts.underWay, 0)
  assert.ok(played.history.kept.samples.length >= 7)
})

test('what was seen and cannot be weighed for an error of the program is told, and the next look comes', async () => {
  let isFirst = true
  const played = playedWatch({
    flows,
    parts: {
      onSeen() {
        if (!isFirst) return
        isFirst = false
        throw new Error('a bug')
      },
    },
  })
  await played.play(3 * minute)
  assert.deepEqual(
    played.events.map((event) => (event.kind === 'look-failed' ? event.why : event.kind)),
    ['a bug'],
  )
  assert.ok(played.history.kept.samples.length >= 7)
})
