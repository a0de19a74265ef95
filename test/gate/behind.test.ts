/** What an app behind the gate is told of who asks, how servers are chosen, and what is told of them. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { groups, people } from '../../src/lab/tenant/index.ts'
import { freePorts } from '../freePorts.ts'
import { askGate } from './askGate.ts'
import { openTestGate } from './openTestGate.ts'
import type { RawRequest } from './rawBackend.ts'
import { openRawBackend } from './rawBackend.ts'

const behind = (backend: string) => (yaml: string) => yaml.replace(/app: \{ urls: \[[^\]]*\] \}/, `app: { ${backend} }`)
const fieldsOf = ({ fields }: RawRequest, wanted: string): readonly string[] =>
  fields.flatMap(([name, value]) => (name.toLowerCase() === wanted ? [value] : []))

test('an app is told who asks by fields that no client can send, and by an assertion that it can verify', async (t) => {
  const backend = await openRawBackend(t)
  const gate = await openTestGate(t, behind(`urls: ['${backend.url}'], assertion: true`))
  const { tenant, client } = gate.scene
  const token = await tenant.accessToken({ person: people.admin.id, client, api: client })
  const forged = {
    'x-postern-identity-roles': 'Owner',
    'X-Postern-Assertion': 'e30.e30.',
    x_postern_identity_roles: 'Owner',
  }
  assert.equal((await askGate(gate, '/team', { headers: { authorization: `Bearer ${token}`, ...forged } })).status, 200)
  assert.equal((await askGate(gate, '/', { headers: forged })).status, 200)
  const [known, nobody] = backend.requests
  assert.ok(known && nobody)
  assert.deepEqual(
    ['kind', 'tenant', 'object-id', 'roles'].map((name) => fieldsOf(known, `x-postern-identity-${name}`)),
    [['user'], [tenant.id], [people.admin.id], ['Admin']],
  )
  assert.deepEqual(fieldsOf(nobody, 'x-postern-identity-kind'), ['nobody'])
  for (const name of ['x-postern-identity-roles', 'x-postern-assertion', 'x_postern_identity_roles']) {
    assert.deepEqual(fieldsOf(nobody, name), [], name)
  }
  const jwks = JSON.parse((await askGate(gate, '/.postern/keys')).body) as Parameters<typeof createLocalJWKSet>[0]
  const [assertion = '', ...more] = fieldsOf(known, 'x-postern-assertion')
  assert.deepEqual(more, [])
  const verified = await jwtVerify(assertion, createLocalJWKSet(jwks), { issuer: gate.origin, audience: backend.url })
  const { sub, oid, tid, roles, idtyp } = verified.payload
  assert.deepEqual(
    { sub, oid, tid, roles, idtyp },
    { sub: `${tenant.id}/${people.admin.id}`, oid: people.admin.id, tid: tenant.id, roles: ['Admin'], idtyp: 'user' },
  )
})

test('a token of 200 groups passes, with cookies beside it', async (t) => {
  const backend = await openRawBackend(t)
  const gate = await openTestGate(t, behind(`urls: ['${backend.url}']`))
  const { tenant, client } = gate.scene
  const claims = { groups: groups.slice(0, 200).map(({ id }) => id) }
  const token = await tenant.accessToken({ person: people.ordinary.id, client, api: client, claims })
  assert.ok(token.length > 10_000, `${token.length} characters`)
  const headers = { authorization: `Bearer ${token}`, cookie: `app=${'x'.repeat(4000)}; more=${'y'.repeat(4000)}` }
  assert.equal((await askGate(gate, '/api/hello', { headers })).status, 200)
})

test('the gate is ready while a server is well, and says so by one word; a page of its own has the fields of all', async (t) => {
  const backend = createServer((_asked, response) => void response.end('well\n')).listen(0, '127.0.0.1')
  await once(backend, 'listening')
  t.after(() => void backend.close())
  const { port } = backend.address() as AddressInfo
  const [nobody = 0] = await freePorts(1)
  const gate = await openTestGate(
    t,
    behind(
      `urls: ['http://127.0.0.1:${port}', 'http://127.0.0.1:${nobody}'], health: { path: /healthz, every-seconds: 1, timeout-ms: 500 }`,
    ),
  )
  const ready = () => askGate(gate, '/.postern/health/ready')
  assert.equal((await ready()).status, 200)
  assert.equal((await askGate(gate, '/')).status, 200)
  backend.close()
  backend.closeAllConnections()
  let answer = await ready()
  // Asked without a pause, the address would have too many requests before the server is looked at again.
  while (answer.status === 200) {
    await setTimeout(50)
    answer = await ready()
  }
  assert.deepEqual([answer.status, answer.body], [503, 'unready\n'])
  assert.equal((await askGate(gate, '/.postern/health/live')).status, 200)
  const page = await askGate(gate, '/')
  assert.equal(page.status, 503)
  const { 'strict-transport-security': hsts, 'x-content-type-options': sniff, 'cache-control': cache } = page.headers
  assert.deepEqual([hsts, sniff, cache], ['max-age=31536000', 'nosniff', 'no-store'])
  assert.equal((JSON.parse(page.body) as { reason: string }).reason, 'no-server-well')
  assert.ok(
    (await gate.recorded()).some(({ kind, detail }) => kind === 'detection_finding' && detail?.['state'] !== 'well'),
  )
})

test('a browser stays at the server that it came to first, by a cookie that it cannot make up', async (t) => {
  const servers = await Promise.all([openRawBackend(t), openRawBackend(t)])
  const gate = await openTestGate(t, behind(`urls: [${servers.map(({ url }) => `'${url}'`)}], sticky: true`))
  const first = await askGate(gate, '/')
  const [cookie = ''] = (first.headers['set-cookie'] ?? []).map((line) => line.split(';', 1)[0] ?? '')
  assert.match(cookie, /^__Host-postern-server-/)
  const at = servers.findIndex(({ requests }) => requests.length === 1)
  for (let turn = 0; turn < 6; turn += 1) await askGate(gate, '/', { headers: { cookie } })
  assert.deepEqual(servers.map(({ requests }) => requests.length).toSorted(), [0, 7])
  assert.deepEqual(
    servers[at]?.requests.flatMap((asked) => fieldsOf(asked, 'cookie')),
    [],
    'no server sees it',
  )
  for (let turn = 0; turn < 6; turn += 1)
    await askGate(gate, '/', { headers: { cookie: `${cookie.slice(0, -4)}AAAA` } })
  assert.ok(servers.every(({ requests }) => requests.length > 0))
})
