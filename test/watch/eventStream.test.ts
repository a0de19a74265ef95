import assert from 'node:assert/strict'
import { request } from 'node:http'
import { connect } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { apiEvents } from '../../src/config/apiSchema.ts'
import { openApiDocument } from '../../src/config/openApi.ts'
import type { ApiEvents } from '../../src/model/api.ts'
import type { Alert } from '../../src/model/incident.ts'
import { incidentOf } from '../historySamples.ts'
import { sampleFlows } from '../sampleFlows.ts'
import type { ApiRig } from './apiRig.ts'
import { askedAt, incidentIds, lookAt, openedApi, validatorOf } from './apiRig.ts'

interface StreamedEvent {
  readonly id: string
  readonly name: string
  readonly data: unknown
}

/** A client of the stream, on a connection of its own. */
function followed(t: TestContext, { url }: Pick<ApiRig, 'url'>, lastEventId?: string) {
  const fields = lastEventId === undefined ? {} : { 'last-event-id': lastEventId }
  const asked = request(`${url}/api/v1/events`, { headers: fields, agent: false })
  t.after(() => asked.destroy())
  const parts: string[] = []
  const events: StreamedEvent[] = []
  let text = ''
  let wake = (): void => {}
  asked.on('error', () => wake())
  asked.on('response', (response) => {
    response.setEncoding('utf8').on('data', (part) => {
      text += String(part)
      const whole = text.split('\n\n')
      text = whole.pop() ?? ''
      for (const one of whole) {
        parts.push(one)
        const [, id, name, data] = /id: (.*)\nevent: (.*)\ndata: (.*)$/s.exec(one) ?? []
        if (id !== undefined && name !== undefined && data !== undefined)
          events.push({ id, name, data: JSON.parse(data) })
      }
      wake()
    })
    response.on('error', () => {})
    response.on('close', () => wake())
  })
  asked.end()
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) {
      assert.equal(asked.destroyed, false, 'the stream has ended')
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  return {
    events,
    parts,
    until,
    async heard(count: number) {
      await until(() => events.length >= count)
      return events
    },
    begun: () => until(() => parts.length > 0),
    leave: () => asked.destroy(),
  }
}

const { ldaps } = sampleFlows
const atOf = ({ data }: StreamedEvent): string =>
  String(Object.entries(Object(data)).find(([name]) => name === 'at')?.[1])
const validate = validatorOf(openApiDocument())
const documented: Readonly<Record<keyof ApiEvents, string>> = {
  flow: 'FlowEvent',
  news: 'NewsEvent',
  incident: 'Incident',
  alert: 'AlertEvent',
  gap: 'Gap',
  mark: 'Mark',
  reset: 'ResetEvent',
}

test('whatever happens is told as the document says', async (t) => {
  const rig = await openedApi(t)
  const { api, ask } = rig
  const stream = followed(t, rig)
  await stream.begun()
  const incident = incidentOf(incidentIds.open, { told: [] })
  const alert: Alert = { id: 'a', at: askedAt, reason: 'opened', site: 'hq', from: 'connect01', incident }
  const came = lookAt(ldaps, askedAt, true)
  api.onSeen([came])
  api.onSeen([lookAt(ldaps, askedAt + 1, true)])
  api.onEvent({ kind: 'news', news: { kind: 'came-back', key: came.sample.key, at: askedAt, report: came.report } })
  api.onEvent({ kind: 'news', news: { kind: 'unwatched', subject: 'sign-in:daemon', at: askedAt } })
  api.onNews({ opened: [incident], closed: [], changed: [incident], alerts: [alert], hasDeliveries: false })
  api.onEvent({ kind: 'gap', gap: { from: askedAt, to: askedAt + 1, why: 'suspended' } })
  api.onEvent({ kind: 'window-opened', window: { name: 'patches' } })
  await ask('/api/v1/changes', {
    method: 'POST',
    fields: { 'content-type': 'application/json' },
    body: '{"change":"end","name":"rules"}',
  })
  const events = await stream.heard(8)
  assert.deepEqual(
    events.map(({ name }) => name),
    ['flow', 'news', 'news', 'incident', 'alert', 'gap', 'mark', 'mark'],
  )
  for (const { name, data } of events) {
    const known = Object.keys(apiEvents).find((key): key is keyof ApiEvents => key === name)
    assert.ok(known !== undefined)
    assert.deepEqual(validate(documented[known], data), [], name)
    assert.deepEqual(apiEvents[known].parse(data), data, name)
  }
})

test('a person’s change to an incident is an event as well', async (t) => {
  const rig = await openedApi(t)
  const stream = followed(t, rig)
  await stream.begun()
  await rig.ask(`/api/v1/incidents/${incidentIds.open}/acknowledge`, {
    method: 'POST',
    fields: { 'content-type': 'application/json' },
    body: '{"by":"Ada"}',
  })
  const [event] = await stream.heard(1)
  assert.equal(event?.name, 'incident')
  assert.match(JSON.stringify(event?.data), /"by":"Ada"/)
})

test('1,000 events: who is cut again and again, and comes with its last id, has each of them once', async (t) => {
  const rig = await openedApi(t, { isEmpty: true })
  const { api } = rig
  const ats: string[] = []
  let lastId: string | undefined
  for (let turn = 0; turn < 10; turn += 1) {
    const stream = followed(t, rig, lastId)
    await stream.begun()
    for (let one = 0; one < 100; one += 1) {
      const at = askedAt + turn * 100 + one
      api.onMark({ at, kind: 'change-start', name: String(turn) })
      // In the midst of it the client is gone; what it has not read by then comes to the next.
      if (one === 40) {
        const events = await stream.heard(1)
        stream.leave()
        ats.push(...events.map(atOf))
        lastId = events.at(-1)?.id
      }
    }
  }
  const last = followed(t, rig, lastId)
  const rest = 1000 - ats.length
  ats.push(...(await last.heard(rest)).map(atOf))
  assert.deepEqual(
    ats,
    Array.from({ length: 1000 }, (_, index) => new Date(askedAt + index).toISOString()),
  )
})

test('an id of another run is answered by a reset, and the stream goes on from there', async (t) => {
  const rig = await openedApi(t, { isEmpty: true })
  const stream = followed(t, rig, 'zz-17')
  await stream.heard(1)
  rig.api.onMark({ at: askedAt, kind: 'change-end', name: 'a' })
  const [reset, mark] = await stream.heard(2)
  assert.deepEqual([reset?.name, mark?.name], ['reset', 'mark'])
  assert.match(JSON.stringify(reset?.data), /"why":"restarted"/)
})

test('a reader that takes nothing is dropped, is counted, and holds up nobody', async (t) => {
  const rig = await openedApi(t, { isEmpty: true })
  const { api, url, ask } = rig
  const slow = connect(Number(new URL(url).port), '127.0.0.1')
  t.after(() => slow.destroy())
  slow.on('error', () => {})
  slow.pause()
  slow.write('GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
  const quick = followed(t, rig)
  await quick.begun()
  const streams = async (): Promise<unknown> => JSON.parse((await ask('/api/v1/status')).text).streams
  while (JSON.stringify(await streams()) !== '{"open":2,"dropped":0}');
  const name = 'a'.repeat(1000)
  let published = 0
  // As much as a ring holds passes by once the buffers of the kernel are full.
  while (JSON.stringify(await streams()) === '{"open":2,"dropped":0}') {
    for (let one = 0; one < 500; one += 1) api.onMark({ at: askedAt + published + one, kind: 'change-end', name })
    published += 500
    assert.ok(published < 100_000)
    await quick.heard(published)
  }
  assert.deepEqual(await streams(), { open: 1, dropped: 1 })
  assert.equal(quick.events.length, published)
})

test('a stream without events shows life', async (t) => {
  const rig = await openedApi(t, { isEmpty: true, heartbeatMs: 20 })
  const { parts, until } = followed(t, rig)
  await until(() => parts.filter((part) => part === ': well').length >= 3)
})
