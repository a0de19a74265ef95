import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { anIncident } from '../../test/outletRig.ts'
import { recordFolder } from '../../test/recordedFolder.ts'
import type { RecordedEvent } from '../model/event.ts'
import { openHistory } from '../store/history/index.ts'
import { ocsfOf } from '../store/record/index.ts'
import { OwnEvents } from './ownEvents.ts'

const at = Date.parse('2026-11-22T08:00:00Z')
const uuid7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

test('what opened and closed is told once each, also after a sudden end, and each is one of OCSF', async (t) => {
  const settings = { rawDays: 14, failureDays: 90, sketchDays: 1095, mostMib: 64 }
  const file = join(await recordFolder(t), 'history.sqlite')
  const store = openHistory({ file, settings, now: () => at, pid: process.pid })
  if ('what' in store) assert.fail(store.what)
  t.after(() => store.close())
  const started = (): OwnEvents =>
    new OwnEvents({
      outlets: [{ name: 'siem', kind: 'file', takes: ['events'], settings: {} }],
      ...{ store, now: () => at, onSpooled: () => {} },
    })
  const told = (): readonly RecordedEvent[] => store.due('siem', at, 100).map(({ body }) => JSON.parse(body))
  const incident = { ...anIncident, since: at - 60_000, confirmedAt: at - 50_000, lastSeenAt: at }
  const first = started()
  await first.catchUp()
  await first.site('hq', 'site: hq')
  await store.keepIncidents([incident], [])
  // The process ends before it has told of it.
  await started().catchUp()
  await started().catchUp()
  assert.deepEqual(
    told().map(({ kind, activity }) => `${kind} ${activity}`),
    ['detection_finding incident'],
  )
  await store.keepIncidents([{ ...incident, state: 'closed', until: at }], [])
  const last = started()
  await last.catchUp()
  await last.site('hq', 'site: hq2')
  await last.mark({ at, kind: 'change-start', name: 'firewall' })
  await last.mark({ at, kind: 'change-start', name: 'firewall' })
  const events = told()
  assert.deepEqual(
    events.map(({ kind, activity, reason }) => `${kind} ${activity} ${reason}`),
    [
      'detection_finding incident filtered-silently',
      'detection_finding end filtered-silently',
      'config_change reload site-reloaded',
      'config_change change change-start',
      'config_change change change-start',
    ],
  )
  assert.equal(new Set(events.map(({ uid }) => uid)).size, 4)
  for (const event of events) {
    assert.match(event.uid, uuid7)
    const { time, metadata } = ocsfOf(event, '1.2.3')
    assert.deepEqual([time, Reflect.get(Object(metadata), 'uid')], [Date.parse(event.time), event.uid])
  }
  assert.deepEqual(
    events.slice(0, 2).map((event) => ocsfOf(event, '1')['activity_name']),
    ['Create', 'Close'],
  )
})
