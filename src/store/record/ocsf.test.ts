import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { anyEvent, aRefusal, aRequest } from '../../../test/recordedFolder.ts'
import type { GateEvent, RecordedEvent } from '../../model/event.ts'
import { eventKinds } from '../../model/event.ts'
import { ocsfClasses, ocsfOf } from './ocsf.ts'

const kept = (event: GateEvent): RecordedEvent => ({
  ...event,
  time: '2026-11-22T08:00:00.000Z',
  uid: '01a20244-e800-7414-a64d-f52820f25e45',
  chain: 'ab'.repeat(32),
})

/** What each class asks for, by https://schema.ocsf.io/1.3.0 (required members beside those of every event). */
const required: Readonly<Record<(typeof eventKinds)[number], readonly string[]>> = {
  network_activity: [],
  http_activity: [],
  authentication: ['user', 'service'],
  authorization: ['user', 'privileges'],
  account_change: ['user'],
  config_change: ['entity'],
  detection_finding: ['finding_info'],
}
const always = ['activity_id', 'category_uid', 'class_uid', 'metadata', 'severity_id', 'time', 'type_uid', 'status_id']

test('every event has what its class asks for, whatever it tells', () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      const told = ocsfOf(kept(event), '1.2.3')
      for (const name of [...always, ...required[event.kind]]) assert.ok(told[name] !== undefined, name)
      const { class_uid: id, category_uid: category, activity_id: activity } = told
      assert.equal(told['type_uid'], Number(id) * 100 + Number(activity))
      assert.equal(category, Math.floor(Number(id) / 1000))
      assert.equal(JSON.stringify(told).includes('undefined'), JSON.stringify(event).includes('undefined'))
    }),
  )
})

const rows: readonly (readonly [string, GateEvent, number, number])[] = [
  ['a request', aRequest, 400_203, 1],
  ['a connection', { ...aRefusal, outcome: 'ok' }, 400_101, 1],
  ['a refused connection', aRefusal, 400_105, 2],
  ['a connection that failed', { ...aRefusal, outcome: 'failed' }, 400_104, 2],
  ['its end', { ...aRefusal, outcome: 'ok', activity: 'disconnect' }, 400_102, 1],
  ['a sign-in', { ...aRequest, kind: 'authentication', activity: 'sign-in' }, 300_201, 1],
  ['a sign-out', { ...aRequest, kind: 'authentication', activity: 'sign-out' }, 300_202, 1],
  ['a begun step-up', { ...aRequest, kind: 'authentication', activity: 'step-up' }, 300_201, 1],
  [
    'a question whether somebody may still come',
    { ...aRequest, kind: 'authentication', activity: 'revalidate' },
    300_299,
    1,
  ],
  ['a question for groups', { ...aRequest, kind: 'authentication', activity: 'groups' }, 300_299, 1],
  ['a session that was ended', { ...aRequest, kind: 'authentication', activity: 'revoke' }, 300_202, 1],
  ['a token request', { ...aRequest, kind: 'authentication', activity: 'token' }, 300_299, 1],
  ['a denial', { ...aRequest, kind: 'authorization', outcome: 'denied' }, 300_301, 2],
  ['a reload', { kind: 'config_change', activity: 'reload', outcome: 'ok', reason: 'reloaded' }, 300_403, 1],
  [
    'a finding',
    { kind: 'detection_finding', activity: 'record', outcome: 'failed', reason: 'record-lost' },
    200_401,
    2,
  ],
]
for (const [says, event, type, status] of rows) {
  test(`${says} is ${type}`, () => {
    const told = ocsfOf(kept(event), '1.2.3')
    assert.deepEqual([told['type_uid'], told['status_id']], [type, status])
  })
}

test('nothing of an event is lost', () => {
  const event = kept({ ...aRequest, session: '0123456789abcdef', count: 3 })
  const text = JSON.stringify(ocsfOf(event, '1.2.3'))
  const { actor, src, dst, traceId, http, route, detail, uid, chain, reason, session } = event
  const values = [actor?.tenantId, actor?.objectId, src?.address, src?.port, dst?.address, dst?.port, traceId, session]
  for (const value of [...values, http?.method, http?.host, http?.path, http?.status, route, uid, chain, reason]) {
    assert.ok(text.includes(JSON.stringify(value)), String(value))
  }
  assert.ok(text.includes(JSON.stringify(detail)) && text.includes('"count":3'))
})

test('every kind has a class', () => {
  assert.deepEqual(Object.keys(ocsfClasses).sort(), [...eventKinds].sort())
})
