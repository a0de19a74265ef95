import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { anyEvent, aRequest } from '../../../test/recordedFolder.ts'
import { eventBody } from './eventBody.ts'

const time = '2026-11-22T08:00:00.000Z'
const token = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJlLW9mLWFkYQ'

/** RFC 8785 by the book: every object with its members in the order of their names. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  )
}

test('the text of an event is canonical JSON, bounded, on one line, and begins with its activity', () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      const body = eventBody(event, time, 'u')
      assert.equal(body, JSON.stringify(sorted(JSON.parse(body))))
      assert.ok(body.startsWith('{"activity":') && !body.includes('\n'))
    }),
  )
})

test('the longest event is far below the longest line', () => {
  const long = '\u0001'.repeat(1_000_000)
  const detail = Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`d${at}${'x'.repeat(50)}`, long]))
  const http = { method: long, host: long, path: long }
  const body = eventBody({ ...aRequest, activity: long, reason: long, route: long, http, detail }, time, 'u')
  assert.ok(Buffer.byteLength(body) < 512 * 1024, String(body.length))
})

/** Every place of an event that can hold a text. */
const places: readonly (readonly [string, (secret: string) => object])[] = [
  ['activity', (secret) => ({ activity: secret })],
  ['reason', (secret) => ({ reason: secret })],
  ['actor.tenantId', (secret) => ({ actor: { kind: 'user', tenantId: secret, objectId: 'o' } })],
  ['actor.objectId', (secret) => ({ actor: { kind: 'user', tenantId: 't', objectId: secret } })],
  ['src', (secret) => ({ src: { address: secret } })],
  ['dst', (secret) => ({ dst: { address: secret } })],
  ['traceId', (secret) => ({ traceId: secret })],
  ['session', (secret) => ({ session: secret })],
  ['http.method', (secret) => ({ http: { method: secret, host: 'h', path: '/' } })],
  ['http.host', (secret) => ({ http: { method: 'GET', host: secret, path: '/' } })],
  ['http.path', (secret) => ({ http: { method: 'GET', host: 'h', path: `/download/${secret}` } })],
  ['route', (secret) => ({ route: secret })],
  ['detail', (secret) => ({ detail: { why: `it was ${secret}` } })],
]
for (const [name, put] of places) {
  test(`a token in ${name} is not written down`, () => {
    for (const text of [token, token.split('.').slice(0, 2).join('.'), `Bearer ${token}`]) {
      const body = eventBody({ ...aRequest, ...put(text) }, time, 'u')
      assert.ok(body.includes('(token)'), body)
      assert.ok(!/eyJ|c2lnbmF0dXJl/.test(body), body)
    }
  })
}

test('a query is cut off, with the codes that are in it', () => {
  for (const path of ['/callback?code=0.AXoA-secret&state=s', '/app#access_token=secret', '/a?\nsecret']) {
    const body = eventBody({ ...aRequest, http: { method: 'GET', host: 'h', path } }, time, 'u')
    assert.ok(!body.includes('secret'), body)
  }
})

test('what an event has not by its type is not written down', () => {
  const more = { cookie: 'secret', token: 'secret', headers: { authorization: 'secret' } }
  const event = {
    ...aRequest,
    ...more,
    actor: { kind: 'user' as const, tenantId: 't', objectId: 'o', ...more },
    src: { address: '192.0.2.1', ...more },
    http: { method: 'GET', host: 'h', path: '/', ...more },
  }
  assert.ok(!eventBody(event, time, 'u').includes('secret'))
})
