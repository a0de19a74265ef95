import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { connect } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { backendOf, eachAnswered, openFront, recordingServer, sendRaw } from '../../../test/backendRig.ts'
import { backendReasons } from './backendReasons.ts'

const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
const get = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
const upgrade = `GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`

/** Parts of answers, whole and broken. */
const part = fc.constantFrom(
  'HTTP/1.1 200 OK\r\n',
  'HTTP/1.1 103 Early Hints\r\nlink: <>\r\n\r\n',
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 101 x\r\n',
  'HTTP/1.0 304 x\r\n',
  'HTTP/1.1 999 x\r\n',
  'content-length: 3\r\n',
  'content-length: -1\r\n',
  'content-length: 99999999999999999999\r\n',
  'transfer-encoding: chunked\r\n',
  'transfer-encoding: chunked, gzip\r\n',
  'connection: close\r\n',
  'keep-alive: timeout=0\r\n',
  'set-cookie: a\u0001b\r\n',
  'x: \u00ff\u0080\r\n',
  ': x\r\n',
  '__proto__: 1\r\n',
  'upgrade: websocket\r\n',
  '\r\n',
  '\n',
  '\u0000',
  '3\r\nabc\r\n',
  '0\r\n\r\n',
  'ffffffffffff\r\n',
  'abc',
)

for (const [says, request] of [
  ['a request', get],
  ['a handshake', upgrade],
] as const) {
  test(`whatever a server says to ${says}, the client has one answer or a cut, and the next is served`, async (t) => {
    let said = ''
    const app = await recordingServer(t, (came, socket: Socket) => {
      if (!came.endsWith('\r\n\r\n')) return
      if (came.split('\r\n\r\n').at(-2)?.startsWith('GET /next ')) socket.write(ok)
      else socket.end(said, 'latin1')
    })
    const front = await openFront(t, backendOf([app.url]))
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 8 }), async (parts) => {
        said = parts.join('')
        const answer = await sendRaw(front.port, request)
        assert.match(answer, /^(HTTP\/1\.1 [1-9]\d\d [^\r\n]*\r\n|$)/)
        assert.doesNotMatch(answer, /node_modules|node:|Error:|127\.0\.0\.1/)
        assert.match(await sendRaw(front.port, get.replace('/', '/next')), /^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nok$/)
      }),
      { numRuns: 60 },
    )
    for (const { reason } of front.went) assert.ok(reason === undefined || Object.hasOwn(backendReasons, reason))
    assert.equal(front.backends.state()[0]?.inFlight, 0)
  })
}

test('a client of HTTP/2 that takes its request back ends it at the server', async (t) => {
  const app = await recordingServer(t, () => {})
  const front = await openFront(t, backendOf([app.url]), { protocol: 'h2' })
  const session = connectHttp2(front.url)
  t.after(() => session.destroy())
  const stream = session.request({ ':method': 'POST', ':path': '/' })
  stream.on('error', () => {})
  stream.write('hello')
  await app.until((came) => came.join('').includes('hello'))
  assert.match(app.came[0] ?? '', /transfer-encoding: chunked\r\n\r\n5\r\nhello/)
  stream.close(8)
  await app.idle()
  await front.ended(1)
  assert.equal(front.went[0]?.reason, 'client-gone')
})

test('a client of HTTP/2 is told to stop sending a body that the server does not want', async (t) => {
  const app = await recordingServer(t, (came, socket) => {
    if (came.includes('hello')) socket.write('HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno')
  })
  const front = await openFront(t, backendOf([app.url]), { protocol: 'h2' })
  const session = connectHttp2(front.url)
  t.after(() => session.destroy())
  const stream = session.request({ ':method': 'POST', ':path': '/' })
  stream.on('error', () => {})
  stream.write('hello')
  const [headers] = await once(stream, 'response')
  assert.equal(headers[':status'], 403)
  let body = ''
  stream.on('data', (chunk: Buffer) => {
    body += chunk.toString()
  })
  await new Promise((resolve) => stream.once('close', resolve))
  assert.deepEqual([body, stream.rstCode], ['no', 0])
})

test('a body of HTTP/2 arrives in the length that was said, or in chunks', async (t) => {
  const app = await recordingServer(t, (came, socket) => {
    if (/hello(\r\n0\r\n\r\n)?$/.test(came)) socket.write(ok)
  })
  const front = await openFront(t, backendOf([app.url]), { protocol: 'h2' })
  const session = connectHttp2(front.url)
  t.after(() => session.destroy())
  for (const headers of [{ 'content-length': '5' }, {}]) {
    const stream = session.request({ ':method': 'PUT', ':path': '/', ...headers })
    stream.end('hello')
    await once(stream, 'response')
    stream.resume()
    await once(stream, 'close')
  }
  const came = app.came.join('')
  assert.match(came, /content-length: 5\r\n\r\nhello/)
  assert.match(came, /transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n/)
})

test('a session that has ended before its answer has begun is told so', async (t) => {
  const app = await recordingServer(t, () => {})
  const session = new AbortController()
  const front = await openFront(t, backendOf([app.url]), { plan: { signal: session.signal } })
  const answer = sendRaw(front.port, get)
  await app.until((came) => came.join('').includes('GET / '))
  session.abort()
  assert.match(await answer, /^HTTP\/1\.1 503 /)
  assert.match(await sendRaw(front.port, get), /^HTTP\/1\.1 503 /)
  await app.idle()
})

test('the end of the backends ends what is open, and what comes after it', async (t) => {
  const app = await recordingServer(t, (_, socket) => void socket.write('HTTP/1.1 200 OK\r\n\r\nhalf'))
  const front = await openFront(t, backendOf([app.url]))
  const open = sendRaw(front.port, get)
  const socket = connect(front.port, '127.0.0.1').on('error', () => {})
  socket.write(upgrade)
  await app.until((came) => came.length === 2 && came.every((each) => each.endsWith('\r\n\r\n')))
  await front.backends.close()
  await open
  await front.ended(2)
  assert.deepEqual(new Set(front.went.map(({ reason }) => reason)), new Set(['ended']))
  assert.match(await sendRaw(front.port, get), /^HTTP\/1\.1 503 /)
  await app.idle()
})

test('a bug in what makes an answer’s fields is told as one, and is not the server’s fault', async (t) => {
  const app = await recordingServer(t, eachAnswered(ok))
  const { backends } = await openFront(t, backendOf([app.url]))
  const server = createServer().listen(0, '127.0.0.1')
  t.after(() => void server.close())
  await once(server, 'listening')
  const answer = (): never => {
    throw new TypeError('a bug')
  }
  const limits = { octets: 0, idleSeconds: 1 }
  for (let each = 0; each < 4; each += 1) {
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {})
    client.write(get)
    const [request, response] = await once(server, 'request')
    const plan = { backend: 'app', method: 'GET', path: '/', headers: [], bodyLimits: limits, signal: t.signal, answer }
    await assert.rejects(backends.forward(plan, request, response), /a bug/)
    client.destroy()
  }
  assert.deepEqual(
    backends.state().map(({ state, inFlight }) => [state, inFlight]),
    [['well', 0]],
  )
})

test('a plan for a backend that is not there is misuse', async (t) => {
  const app = await recordingServer(t, eachAnswered(ok))
  const { backends } = await openFront(t, backendOf([app.url]))
  const plan = {
    backend: 'other',
    method: 'GET',
    path: '/',
    headers: [],
    bodyLimits: { octets: 0, idleSeconds: 1 },
    signal: t.signal,
  }
  await assert.rejects(backends.forward(plan, undefined as never, undefined as never), RangeError)
})
