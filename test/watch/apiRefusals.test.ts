import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { apiProblem } from '../../src/config/apiSchema.ts'
import { openApiDocument } from '../../src/config/openApi.ts'
import { failingId, openedApi, validatorOf } from './apiRig.ts'

const validate = validatorOf(openApiDocument())

function problemOf(text: string) {
  const value: unknown = JSON.parse(text)
  assert.deepEqual(validate('Problem', value), [])
  return apiProblem.parse(value)
}

const post = (body: unknown) => ({
  method: 'POST',
  fields: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

const wrong: readonly (readonly [what: string, path: string, status: number, names: RegExp])[] = [
  ['a path that is none', '/api/v1/flow', 404, /openapi\.json/],
  ['a path above', '/api/v1/../../etc/passwd', 404, /etc/],
  ['a path above, encoded', '/api/v1/%2e%2e/%2e%2e/etc/passwd', 404, /etc/],
  ['an id that is none', '/api/v1/flows/..%2f..', 404, /openapi/],
  ['an id in capitals', `/api/v1/flows/${failingId.toUpperCase().replace(/^./, 'A')}`, 404, /nothing at/],
  ['a flow that is not there', '/api/v1/flows/0000000000000000', 404, /api\/v1\/flows/],
  ['a parameter that is none', '/api/v1/flows?hosts=dc01', 400, /hosts.*verdict, well/s],
  ['a parameter of Object itself', '/api/v1/flows?__proto__=1', 400, /__proto__/],
  ['a parameter twice', '/api/v1/flows?host=a&host=b', 400, /twice/],
  ['a word that is none', '/api/v1/flows?verdict=shut', 400, /shut.*open, blocked/s],
  ['a number too large', '/api/v1/flows?limit=501', 400, /501.*1 to 500/s],
  ['a cursor that is none', '/api/v1/flows?cursor=***', 400, /cursor/],
  ['a cursor of incidents that is none', '/api/v1/incidents?cursor=1', 400, /cursor/],
  ['a time that is none', '/api/v1/gaps?from=yesterday', 400, /yesterday.*2026-/s],
  ['a day that is none', '/api/v1/gaps?from=2026-02-40T00:00:00Z', 400, /02-40/],
  ['a span that ends before it begins', '/api/v1/gaps?from=2026-02-02T00:00Z&to=2026-02-01T00:00Z', 400, /before/],
  ['more steps than there is room for', `/api/v1/flows/${failingId}/tallies?step=1s`, 400, /86400 steps.*1m or more/s],
  ['a share that is none', `/api/v1/flows/${failingId}/quantiles?shares=1.5`, 400, /1\.5/],
]

for (const [what, path, status, names] of wrong) {
  test(`${what} is named, with what would be right`, async (t) => {
    const { ask } = await openedApi(t, { isEmpty: true })
    const { status: given, fields, text } = await ask(path)
    assert.equal(given, status, text)
    assert.equal(fields['content-type'], 'application/problem+json')
    assert.equal(fields['cache-control'], 'no-store')
    const problem = problemOf(text)
    assert.equal(problem.status, given)
    assert.match(`${problem.detail}\n${problem.remedy}`, names)
  })
}

const wrongBodies: readonly (readonly [what: string, body: string, status: number, names: RegExp, type?: string])[] = [
  ['no JSON', '{', 400, /no JSON object/],
  ['a list', '[]', 400, /no JSON object/],
  ['a member that is missing', '{}', 400, /change is missing/],
  ['a member that is none', '{"change":"start","name":"a","by":"b"}', 400, /by/],
  ['another type', '{"change":"start","name":5}', 400, /name is/],
  ['a name in two lines', '{"change":"start","name":"a\\nb"}', 400, /in one line/],
  ['a name with spaces', '{"change":"start","name":"a b"}', 400, /no name/],
  ['a word that is none', '{"change":"stop","name":"a"}', 400, /start, end/],
  ['a form', 'change=start&name=a', 415, /application\/json/, 'application/x-www-form-urlencoded'],
  ['text', '{"change":"start","name":"a"}', 415, /application\/json/, 'text/plain'],
  ['ten mebioctets', `{"change":"start","name":"${'a'.repeat(10 * 1_048_576)}"}`, 413, /64 KiB/],
]

for (const [what, body, status, names, type = 'application/json'] of wrongBodies) {
  test(`a body that is ${what} is refused, and nothing is kept`, async (t) => {
    const { ask, store } = await openedApi(t, { isEmpty: true })
    const given = await ask('/api/v1/changes', { method: 'POST', fields: { 'content-type': type }, body })
    assert.equal(given.status, status, given.text)
    const problem = problemOf(given.text)
    assert.match(`${problem.detail}\n${problem.remedy}`, names)
    assert.deepEqual(store.marks({ from: 0, to: Number.MAX_SAFE_INTEGER }), [])
  })
}

test('a method that a resource does not take is refused with those that it does', async (t) => {
  const { ask } = await openedApi(t, { isEmpty: true })
  const rows = [
    ['DELETE', '/api/v1/status', 'GET, HEAD'],
    ['POST', '/api/v1/openapi.json', 'GET, HEAD'],
    ['GET', '/api/v1/changes', 'POST'],
    ['OPTIONS', '/api/v1/changes', 'POST'],
    ['PUT', '/metrics', 'GET, HEAD'],
  ] as const
  for (const [method, path, allow] of rows) {
    const given = await ask(path, { method })
    assert.deepEqual([given.status, given.fields['allow']], [405, allow], path)
    assert.equal(given.fields['access-control-allow-origin'], undefined)
  }
})

test('a name that was made to lead here, and a page of somebody else, are refused', async (t) => {
  const { ask, store } = await openedApi(t, { isEmpty: true })
  const rebound = await ask('/api/v1/status', { fields: { host: 'attacker.example' } })
  assert.deepEqual([rebound.status, problemOf(rebound.text).type], [421, 'urn:postern:problem:foreign-host'])
  const change = post({ change: 'start', name: 'a' })
  for (const foreign of [
    { origin: 'https://attacker.example' },
    { origin: 'http://127.0.0.1:1' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ]) {
    const given = await ask('/api/v1/changes', { ...change, fields: { ...change.fields, ...foreign } })
    assert.equal(given.status, 403, JSON.stringify(foreign))
    problemOf(given.text)
  }
  assert.deepEqual(store.marks({ from: 0, to: Number.MAX_SAFE_INTEGER }), [])
})

test('junk behind requests on one connection is refused, and the server goes on', async (t) => {
  const { url, ask } = await openedApi(t, { isEmpty: true })
  const { port } = new URL(url)
  const told = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1')
    let text = ''
    socket.setEncoding('latin1').on('data', (part) => {
      text += String(part)
    })
    socket.on('close', () => resolve(text))
    socket.on('error', reject)
    const get = 'GET /api/v1/status HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'
    socket.write(`${get}${get}\0\x01junk /\r\n\r\n`)
  })
  assert.match(told, /HTTP\/1\.1 400 /)
  assert.equal((await ask('/api/v1/status')).status, 200)
})

test('a history that is damaged is said, and is no bug', async (t) => {
  const { ask, store, faults } = await openedApi(t)
  const { StoreError } = await import('../../src/store/history/index.ts')
  t.mock.method(store, 'incidents', () => {
    throw new StoreError('damaged', 'history.sqlite', { what: 'it is damaged', right: 'take the back-up' })
  })
  const { status, text } = await ask('/api/v1/incidents')
  assert.deepEqual([status, problemOf(text).remedy], [503, 'take the back-up'])
  assert.deepEqual(faults, [])
  t.mock.method(store, 'gaps', () => {
    throw new TypeError('kaboom')
  })
  const bug = await ask('/api/v1/gaps')
  assert.deepEqual([bug.status, problemOf(bug.text).type], [500, 'urn:postern:problem:fault'])
  assert.equal(bug.text.includes('kaboom'), false)
  assert.equal(faults.length, 1)
})
