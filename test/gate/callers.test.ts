import assert from 'node:assert/strict'
import type { IncomingHttpHeaders } from 'node:http'
import { request as requestHttp } from 'node:http'
import { request } from 'node:https'
import { test } from 'node:test'
import type { TestGate } from './openTestGate.ts'
import { openTestGate } from './openTestGate.ts'

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** One request as a program sends it. */
function ask(
  { origin, caPem }: TestGate,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(new URL(path, origin), { ca: caPem, headers, agent: false }, (response) => {
      let body = ''
      response.on('data', (part: Buffer) => {
        body += part.toString()
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
    })
    asked.on('error', reject)
    asked.end()
  })
}

const bearer = (token: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${token}` })

test('a program with a token gets through, and without gets the right 401', async (t) => {
  const gate = await openTestGate(t)
  const { tenant, client, daemon } = gate.scene
  const token = await tenant.accessToken({ client: daemon.clientId, api: client })
  const hello = await ask(gate, '/api/hello', bearer(token))
  assert.equal(hello.status, 200)
  assert.equal(JSON.parse(hello.body).hello.kind, 'app')
  assert.equal(hello.headers['cache-control'], 'no-store', 'what was authenticated is kept by no cache')

  const without = await ask(gate, '/api/hello')
  assert.deepEqual([without.status, without.headers['www-authenticate']], [401, 'Bearer realm=""'])
  assert.equal(without.headers.location, undefined)
  const wrong = await ask(gate, '/api/hello', bearer(`${token.slice(0, -6)}AAAAAA`))
  assert.equal(wrong.status, 401)
  assert.match(wrong.headers['www-authenticate'] ?? '', /error="invalid_token"/)

  const events = await gate.recorded()
  const reasons = events.filter(({ http }) => http?.path === '/api/hello').map(({ reason }) => reason)
  assert.deepEqual(reasons, ['passed', 'not-signed-in', 'signature-invalid'])
})

test('a daemon is let in where a route names apps, and nowhere else', async (t) => {
  const gate = await openTestGate(t)
  const { tenant, client, daemon } = gate.scene
  const token = await tenant.accessToken({ client: daemon.clientId, api: client })
  assert.equal((await ask(gate, '/team', bearer(token))).status, 403)
  assert.equal((await ask(gate, '/api/hello', bearer(token))).status, 200)
})

test('who declares cp1 is sent Entra’s claims challenge, and others a refusal', async (t) => {
  const gate = await openTestGate(t)
  const { tenant, client } = gate.scene
  const [person] = tenant.people
  assert.ok(person)
  const tokenOf = (more: { takesClaimsChallenges?: boolean; contexts?: readonly string[] }) =>
    tenant.accessToken({ person: person.id, client, api: client, ...more })
  const able = await ask(gate, '/vault', bearer(await tokenOf({ takesClaimsChallenges: true })))
  assert.equal(able.status, 401)
  const challenge = able.headers['www-authenticate'] ?? ''
  const claims = /claims="([^"]+)"/.exec(challenge)?.[1] ?? ''
  assert.deepEqual(JSON.parse(atob(claims)), { access_token: { acrs: { essential: true, value: 'c1' } } })
  assert.match(challenge, /insufficient_user_authentication.*acr_values="c1"/)
  assert.equal((await ask(gate, '/vault', bearer(await tokenOf({})))).status, 403)
  assert.equal((await ask(gate, '/vault', bearer(await tokenOf({ contexts: ['c1'] })))).status, 200)
})

test('who speaks plain HTTP to the port is told to speak TLS, and is in the record', async (t) => {
  const gate = await openTestGate(t)
  const answer = await new Promise<string>((resolve, reject) => {
    const asked = requestHttp({ host: '127.0.0.1', port: gate.port, path: '/', agent: false }, (response) => {
      response.resume()
      resolve(`${response.statusCode} ${response.headers.location}`)
    })
    asked.on('error', reject)
    asked.end()
  })
  assert.equal(answer, '400 undefined')
  assert.ok((await gate.recorded()).some(({ reason, outcome }) => reason === 'plain-http' && outcome === 'denied'))
})
