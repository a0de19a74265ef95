import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { people } from '../../src/lab/tenant/index.ts'
import { openEndlessBackend, openStream, signedIn } from './openStreams.ts'
import { openTestGate } from './openTestGate.ts'

test('a gate that stops says goodbye to WebSockets, as to those who may come again', { timeout: 60_000 }, async (t) => {
  const { url } = await openEndlessBackend(t)
  const gate = await openTestGate(t, (yaml) =>
    yaml
      .replace(/app: \{ urls: \[[^\]]*\] \}/, `app: { urls: [${url}] }`)
      .replace('  backends:', '  limits: { drain-seconds: 0 }\n  backends:'),
  )
  const browser = await signedIn(t, gate, people.ordinary.id)
  const headers = { cookie: browser.cookiesFor('/') }
  const socket = new WebSocket(`${gate.origin.replace('https', 'wss')}/live/socket`, {
    ca: gate.caPem,
    origin: gate.origin,
    headers,
  })
  await once(socket, 'open')
  const stream = await openStream(gate, '/live/events', headers)
  const closed = once(socket, 'close')
  await gate.serving.drain()
  const [code, reason] = await closed
  assert.deepEqual([code, String(reason)], [1001, 'gate ends'])
  await stream.ended
  const ends = (await gate.recorded()).flatMap(({ http, reason: why }) =>
    http?.path.startsWith('/live/') === true ? [`${http.path} ${why}`] : [],
  )
  assert.deepEqual(ends.toSorted(), ['/live/events ended', '/live/socket ended'])
})
