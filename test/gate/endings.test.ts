/** What is open of a session or by a token ends with it: a WebSocket, an event stream and a long download. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { people } from '../../src/lab/tenant/index.ts'
import type { RecordedEvent } from '../../src/model/event.ts'
import { freePorts } from '../freePorts.ts'
import { askGate } from './askGate.ts'
import type { Opened } from './openStreams.ts'
import { openEndlessBackend, openSocket, openStream, signedIn } from './openStreams.ts'
import type { TestGate } from './openTestGate.ts'
import { openTestGate } from './openTestGate.ts'
import { servedCommand } from './servedCommand.ts'

type Headers = Readonly<Record<string, string>>

async function openEndlessGate(t: TestContext, edit: (yaml: string) => string = (yaml) => yaml): Promise<TestGate> {
  const { url } = await openEndlessBackend(t)
  return openTestGate(t, (yaml) =>
    edit(
      yaml
        .replace(/app: \{ urls: \[[^\]]*\] \}/, `app: { urls: [${url}] }`)
        .replace(
          'allow: [{ signed-in: true }] }\n    - { id: api',
          'allow: [{ signed-in: true, apps: allowed }] }\n    - { id: api',
        ),
    ),
  )
}

async function openThree(gate: TestGate, headers: Headers): Promise<readonly Opened[]> {
  const opened = await Promise.all([
    openSocket(gate, '/live/socket', headers),
    openStream(gate, '/live/events', headers),
    openStream(gate, '/live/download', headers),
  ])
  assert.deepEqual(
    opened.map(({ status }) => status),
    [101, 200, 200],
  )
  return opened
}

const endsOf = (events: readonly RecordedEvent[]): readonly string[] =>
  events
    .filter(
      ({ kind, http, reason }) =>
        kind === 'http_activity' && http?.path.startsWith('/live/') === true && reason !== 'passed',
    )
    .map(({ activity, http, reason }) => `${activity} ${http?.path} ${reason}`)
    .toSorted()
const three = ['request /live/download ended', 'request /live/events ended', 'upgrade /live/socket ended']

test('postern sessions lists who is signed in, and ends what is open of one session and of nobody else', async (t) => {
  const [administration = 0] = await freePorts(1)
  const gate = await openEndlessGate(t, (yaml) =>
    yaml.replace('administration-port: 0', `administration-port: ${administration}`),
  )
  const olga = await signedIn(t, gate, people.ordinary.id)
  const alex = await signedIn(t, gate, people.admin.id)
  const hers = await openThree(gate, { cookie: olga.cookiesFor('/') })
  const his = await openSocket(gate, '/live/socket', { cookie: alex.cookiesFor('/') })

  const list = servedCommand(t, 'sessions', 'list', '--site', gate.scene.siteFile, '--json')
  assert.equal(await list.ended(), 0, list.stderr)
  const { sessions } = JSON.parse(list.stdout) as {
    sessions: readonly { session: string; objectId: string; name: string }[]
  }
  assert.deepEqual(sessions.map(({ name }) => name).toSorted(), [people.admin.name, people.ordinary.name])
  const session = sessions.find(({ objectId }) => objectId === people.ordinary.id)?.session ?? ''

  const end = servedCommand(t, 'sessions', 'end', session, '--site', gate.scene.siteFile)
  assert.equal(await end.ended(), 0, end.stderr)
  await Promise.all(hers.map(({ ended }) => ended))
  assert.equal(his.isOpen, true)
  const again = await openStream(gate, '/live/events', { cookie: olga.cookiesFor('/') })
  assert.equal(again.status, 401, 'its cookie lets nobody in any more')

  const scraped = await fetch(`http://127.0.0.1:${administration}/metrics`)
  assert.equal(scraped.headers.get('content-type'), 'application/openmetrics-text; version=1.0.0; charset=utf-8')
  const metrics = await scraped.text()
  for (const line of [
    'postern_gate_open_exchanges 1',
    'postern_gate_authentications_total{activity="sign-in",outcome="ok",reason="signed-in"} 2',
    'postern_gate_authentications_total{activity="revoke",outcome="ok",reason="revoked"} 1',
    'postern_gate_denials_total{reason="revoked"} 1',
    'postern_gate_server_well{backend="app"',
  ]) {
    assert.ok(metrics.includes(line), `${line} is not in ${metrics}`)
  }
  assert.match(metrics, /# EOF\n$/)
  assert.doesNotMatch(metrics, new RegExp(`${people.ordinary.id}|${session}`), 'nobody is in them by name')

  const events = await gate.recorded()
  assert.deepEqual(endsOf(events).slice(0, 3), three)
  const revoked = events.find(({ activity }) => activity === 'revoke')
  assert.deepEqual(
    [revoked?.reason, revoked?.session, revoked?.actor?.objectId],
    ['revoked', session, people.ordinary.id],
  )
  assert.equal(
    events.find(({ reason, kind }) => reason === 'revoked' && kind === 'authorization')?.http?.path,
    '/live/events',
  )
})

test('postern sessions end --person ends all of a person, and --all those of everybody', async (t) => {
  const gate = await openEndlessGate(t)
  const [one, other] = await Promise.all([signedIn(t, gate, people.ordinary.id), signedIn(t, gate, people.ordinary.id)])
  const alex = await signedIn(t, gate, people.admin.id)
  const hers = await Promise.all(
    [one, other].map((browser) => openSocket(gate, '/live/socket', { cookie: browser.cookiesFor('/') })),
  )
  const his = await openSocket(gate, '/live/socket', { cookie: alex.cookiesFor('/') })
  const person = `${gate.scene.tenant.id}/${people.ordinary.id}`
  const end = async (...words: readonly string[]): Promise<number> => {
    const command = servedCommand(t, 'sessions', 'end', ...words, '--site', gate.scene.siteFile, '--json')
    assert.equal(await command.ended(), 0, command.stderr)
    return (JSON.parse(command.stdout) as { sessions: readonly object[] }).sessions.length
  }
  assert.equal(await end('--person', person), 2)
  await Promise.all(hers.map(({ ended }) => ended))
  assert.equal(his.isOpen, true)
  assert.equal(await end('--all'), 1)
  await his.ended
})

test('what a session opened ends when the person signs out, here or elsewhere', async (t) => {
  const gate = await openEndlessGate(t)
  const browser = await signedIn(t, gate, people.ordinary.id)
  const opened = await openThree(gate, { cookie: browser.cookiesFor('/') })
  const headers = { cookie: browser.cookiesFor('/'), origin: gate.origin }
  const out = await askGate(gate, '/.postern/sign-out', { method: 'POST', headers })
  assert.equal(out.status, 303)
  assert.ok(out.headers.location?.startsWith(gate.scene.tenant.origin))
  await Promise.all(opened.map(({ ended }) => ended))

  const other = await signedIn(t, gate, people.admin.id)
  const his = await openSocket(gate, '/live/socket', { cookie: other.cookiesFor('/') })
  const sid = gate.serving.signIn?.sessions.list({ most: 9 })[0]?.identity.sessionId ?? ''
  const tell = (fields: Record<string, string>) =>
    askGate(gate, `/.postern/front-channel-sign-out?${new URLSearchParams(fields)}`)
  const { issuer } = gate.scene.tenant
  assert.notEqual(sid, '')
  assert.equal((await tell({ iss: 'https://other.example/v2.0', sid })).status, 400)
  assert.equal((await tell({ iss: issuer, sid: 'another' })).status, 200)
  assert.equal(his.isOpen, true)
  assert.equal((await tell({ iss: issuer, sid })).status, 200)
  await his.ended

  const events = await gate.recorded()
  assert.deepEqual(endsOf(events).slice(0, 3), three)
  const outs = events.filter(({ activity, session }) => activity.endsWith('sign-out') && session !== undefined)
  assert.deepEqual(
    outs.map(({ activity, reason, actor }) => `${activity} ${reason} ${actor?.objectId}`),
    [`sign-out signed-out ${people.ordinary.id}`, `front-channel-sign-out signed-out-elsewhere ${people.admin.id}`],
  )
})

test('what a token opened ends when the token does, a minute for clocks that differ included', async (t) => {
  const gate = await openEndlessGate(t)
  const { tenant, client, daemon } = gate.scene
  const seconds = Math.floor(Date.now() / 1000)
  // It ended 50 s ago, and is taken for ten more.
  const claims = { iat: seconds - 3600, nbf: seconds - 3600, exp: seconds - 50 }
  const token = await tenant.accessToken({ client: daemon.clientId, api: client, claims })
  const lasting = await tenant.accessToken({ client: daemon.clientId, api: client })
  const opened = await openThree(gate, { authorization: `Bearer ${token}` })
  const others = await openSocket(gate, '/live/socket', { authorization: `Bearer ${lasting}` })
  await Promise.all(opened.map(({ ended }) => ended))
  assert.equal(others.isOpen, true)
  assert.deepEqual(
    endsOf(await gate.recorded())
      .filter((one) => three.includes(one))
      .slice(0, 3),
    three,
  )
})
