import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryHistory } from '../../test/watch/memoryHistory.ts'
import { plannedFlow, refused, reportOf } from '../../test/watch/plannedFlow.ts'
import type { Played, PlayedWatch } from '../../test/watch/playedWatch.ts'
import { playedStart, playedWatch } from '../../test/watch/playedWatch.ts'
import { flowKey } from '../model/flow.ts'
import { incidentDefaults } from './incident/index.ts'
import type { IncidentNews } from './incidentLoop.ts'
import { IncidentLoop } from './incidentLoop.ts'

const minute = 60_000
const flows = ['ldap', 'ldaps', 'gc'].flatMap((id) => ['dc01', 'dc02', 'dc03'].map((to) => plannedFlow(to, id)))

/** A watcher whose news become incidents, in a history that may be another one’s. */
function joined(played: Omit<Played, 'flows' | 'parts'>) {
  const history = played.history ?? memoryHistory()
  const told: IncidentNews[] = []
  const holder: { watch?: PlayedWatch } = {}
  const start = played.start ?? playedStart
  let id = 0
  const loop = new IncidentLoop(
    {
      site: 'hq',
      from: 'here',
      settings: incidentDefaults,
      outlets: [{ name: 'desk', kind: 'file', takes: ['alerts'], settings: {} }],
      newId() {
        id += 1
        return `${start}-${id}`
      },
    },
    {
      store: history,
      now: () => holder.watch?.clock.wall ?? start,
      windows: () => holder.watch?.watcher.windows ?? [],
      askSoon: (keys) => holder.watch?.watcher.callSoon(keys),
      onNews: (news) => told.push(news),
    },
  )
  const watch = playedWatch({
    ...played,
    history,
    flows,
    parts: {
      known: loop.known,
      onSeen(seen) {
        loop.seen(seen)
        if (loop.isDue) void loop.take([])
      },
      onNews: (news) => loop.take(news),
    },
  })
  holder.watch = watch
  return { watch, loop, told, history }
}

const dead: Played['answer'] = (flow, at) =>
  flow.to === 'dc02' && at > playedStart + 2 * minute && at < playedStart + 8 * minute ? refused : {}

test('a host that dies is one incident and one alert, and over is said once', async () => {
  const { watch, history } = joined({ answer: dead })
  await watch.play(90 * minute)
  const incidents = [...history.incidentsById.values()]
  assert.equal(incidents.length, 1)
  const [incident] = incidents
  assert.deepEqual(incident?.suspect, { kind: 'host', name: 'dc02' })
  assert.equal(incident?.consequences.length, 3)
  assert.equal(incident?.state, 'closed')
  assert.deepEqual(
    history.alerts.map(({ alert }) => alert.reason),
    ['opened', 'recovered'],
  )
})

test('a restart in the middle of it neither tells again nor forgets', async () => {
  const words = new Map<string, string>()
  const first = joined({ answer: dead, history: memoryHistory(words) })
  await first.watch.play(5 * minute)
  assert.equal(first.loop.known.size, 3)
  const next = memoryHistory(words)
  for (const [id, incident] of first.history.incidentsById) next.incidentsById.set(id, incident)
  const second = joined({ answer: dead, history: next, start: first.watch.clock.wall + 1000 })
  assert.deepEqual(
    [...second.loop.known.keys()].sort(),
    flows
      .filter(({ to }) => to === 'dc02')
      .map(flowKey)
      .sort(),
  )
  await second.watch.play(90 * minute)
  const reasons = [...first.history.alerts, ...next.alerts].map(({ alert }) => alert.reason)
  assert.deepEqual(reasons, ['opened', 'recovered'])
  assert.equal(next.incidentsById.size, 1)
})

test('what cannot be kept has not happened: nobody is told, and the same news come again', async () => {
  const { watch, history, told } = joined({ answer: dead })
  watch.at(minute, () => {
    history.trouble = new Error('there is no room')
  })
  await watch.play(4 * minute)
  assert.equal(history.incidentsById.size, 0)
  assert.deepEqual(told, [])
  history.trouble = undefined
  await watch.play(2 * minute)
  assert.equal(history.incidentsById.size, 1)
  assert.equal(history.alerts.length, 1)
})

test('a clock that was set back keeps nobody from hearing: time has something to do at once', async () => {
  const clock = { now: playedStart }
  const alerts: string[] = []
  const loop = new IncidentLoop(
    {
      ...{ site: 'hq', from: 'here', settings: incidentDefaults, newId: () => 'one' },
      outlets: [{ name: 'desk', kind: 'file', takes: ['alerts'], settings: {} }],
    },
    {
      ...{ store: memoryHistory(), now: () => clock.now, windows: () => [], askSoon: () => {} },
      onNews: (news) => alerts.push(...news.alerts.map(({ reason }) => reason)),
    },
  )
  const [flow = plannedFlow('dc01', 'ldap')] = flows
  const report = reportOf(flow, refused)
  await loop.take([{ kind: 'went-bad', key: flowKey(flow), at: clock.now, since: clock.now, looks: 4, report }])
  assert.deepEqual([loop.isDue, alerts], [false, []])
  clock.now -= 60 * minute
  assert.equal(loop.isDue, true)
  await loop.take([])
  assert.deepEqual([loop.isDue, alerts], [false, ['opened']])
})

test('in a window of maintenance an incident is kept, and nobody is told', async () => {
  const settings = { maintenance: [{ name: 'noon', from: 12 * 60 + 1, to: 12 * 60 + 15, zone: 'UTC' }] }
  const { watch, history } = joined({ answer: dead, settings })
  await watch.play(60 * minute)
  assert.equal(history.incidentsById.size, 1)
  assert.deepEqual(history.alerts, [])
})
