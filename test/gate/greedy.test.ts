/** One caller cannot take what is for all: places at a backend, the time of the gate, or its record. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { people } from '../../src/lab/tenant/index.ts'
import { BackendServers } from '../../src/net/backends/backendServers.ts'
import { askGate } from './askGate.ts'
import { openEndlessBackend, openSocket, openStream, signedIn } from './openStreams.ts'
import type { TestGate } from './openTestGate.ts'
import { openTestGate } from './openTestGate.ts'

/** A backend that takes four, of whom one caller may be three. */
async function openNarrowGate(t: TestContext): Promise<TestGate> {
  const { url } = await openEndlessBackend(t)
  return openTestGate(t, (yaml) =>
    yaml
      .replace(/app: \{ urls: \[[^\]]*\] \}/, `app: { urls: [${url}], connections: 4, answer-seconds: 2 }`)
      .replace('  backends:', '  limits: { exchanges-per-identity: 3, exchanges-per-address: 3 }\n  backends:')
      .replace(
        'id: live, path: /live/*, allow: [{ signed-in: true }] }',
        'id: live, path: /live/*, allow: [{ signed-in: true, apps: allowed }] }\n    - { id: open, path: /live/download, allow: [{ anonymous: true }] }',
      ),
  )
}

const daemonToken = ({ scene: { tenant, client, daemon } }: TestGate): Promise<string> =>
  tenant.accessToken({ client: daemon.clientId, api: client })

test('who has streams open without an end takes no place of somebody else', { timeout: 60_000 }, async (t) => {
  const gate = await openNarrowGate(t)
  const headers = { authorization: `Bearer ${await daemonToken(gate)}` }
  const first = await openStream(gate, '/live/events', headers)
  const others = await Promise.all([
    openStream(gate, '/live/events', headers),
    openSocket(gate, '/live/socket', headers),
  ])
  assert.deepEqual(
    [first, ...others].map(({ status }) => status),
    [200, 200, 101],
  )

  const refused = await askGate(gate, '/live/events', { headers })
  assert.deepEqual([refused.status, refused.headers['retry-after']], [429, '5'])
  assert.equal(JSON.parse(refused.body).reason, 'too-many-open-of-identity')
  const socket = await openSocket(gate, '/live/socket', headers)
  assert.equal(socket.status, 429)

  const olga = await signedIn(t, gate, people.ordinary.id)
  const hers = await openStream(gate, '/live/events', { cookie: olga.cookiesFor('/') })
  assert.equal(hers.status, 200, 'somebody else comes in')

  first.close()
  let again = 429
  // The gate sees the end of a stream a moment after its client.
  while (again === 429) again = (await openStream(gate, '/live/events', headers)).status
  assert.equal(again, 200)
  const told = (await gate.recorded()).filter(({ reason }) => reason === 'too-many-open-of-identity')
  assert.deepEqual(
    told.slice(0, 2).map(({ kind, outcome, route, http, actor }) => [kind, outcome, route, http?.path, actor?.kind]),
    [
      ['http_activity', 'denied', 'live', '/live/events', 'app'],
      ['http_activity', 'denied', 'live', '/live/socket', 'app'],
    ],
  )
})

test('nobody’s streams are counted by address', { timeout: 60_000 }, async (t) => {
  const gate = await openNarrowGate(t)
  for (const _ of [1, 2, 3]) assert.equal((await openStream(gate, '/live/download', {})).status, 200)
  const refused = await askGate(gate, '/live/download')
  assert.deepEqual([refused.status, JSON.parse(refused.body).reason], [429, 'too-many-open-of-address'])
  const headers = { authorization: `Bearer ${await daemonToken(gate)}` }
  assert.equal((await openStream(gate, '/live/events', headers)).status, 200, 'who has signed in is somebody else')
})

test('what is refused unread counts among the requests of its address', { timeout: 60_000 }, async (t) => {
  const gate = await openTestGate(t, (yaml) =>
    yaml.replace('  backends:', '  limits: { requests-per-address: 2 }\n  backends:'),
  )
  const answers = []
  for (const _ of [1, 2, 3]) answers.push(await askGate(gate, '/two//slashes'))
  assert.deepEqual(
    answers.map(({ status }) => status),
    [400, 400, 429],
  )
  assert.match(answers[2]?.headers['retry-after'] ?? '', /^[1-9]\d?$/)
  const upgrade = await openSocket(gate, '/two//slashes', {})
  assert.equal(upgrade.status, 429)
  assert.equal((await askGate(gate, '/')).status, 429, 'what is read comes out of the same bucket')
  const told = (await gate.recorded()).filter(({ kind }) => kind === 'http_activity')
  assert.deepEqual(
    told.map(({ reason }) => reason),
    ['path-slash', 'path-slash', ...Array.from({ length: 3 }, () => 'too-many-of-address')],
  )
})

test('what is thrown while a request is handed on is answered, told and complained of', async (t) => {
  const gate = await openTestGate(t)
  t.mock.method(BackendServers.prototype, 'take', () => {
    throw new Error('a take that broke')
  })
  const asked = await askGate(gate, '/')
  assert.deepEqual([asked.status, JSON.parse(asked.body).reason], [500, 'bug'])
  assert.match(gate.complained, /^a bug in the gate: Error: a take that broke\n/)
  assert.deepEqual(gate.said, [], 'those who want to hear nothing are told all the same')
  const [told] = (await gate.recorded()).filter(({ reason }) => reason === 'bug')
  assert.deepEqual(
    [told?.kind, told?.outcome, told?.route, told?.http?.status, told?.traceId],
    ['http_activity', 'failed', 'welcome', 500, JSON.parse(asked.body).traceId],
  )
  assert.equal(gate.serving.gate.open, 0)
})
