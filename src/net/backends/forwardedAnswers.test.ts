import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import {
  backendOf,
  eachAnswered,
  openFront,
  overHttp1,
  overHttp2,
  recordingServer,
  sendRaw,
} from '../../../test/backendRig.ts'

const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'

test('an answer’s fields of one connection, of ours and of the server’s own kind do not come through', async (t) => {
  const fields = [
    'Connection: x-secret',
    'X-Secret: 1',
    'Keep-Alive: timeout=5',
    'Server: nginx',
    'Via: 1.1 inner',
    'X-Powered-By: PHP',
    'Alt-Svc: h3=":443"',
    'X-Accel-Redirect: /private/a',
    'X-Accel-Expires: 60',
    'X-Accel-Buffering: no',
    'X-Sendfile: /etc/passwd',
    'X-LIGHTTPD-send-file: /etc/passwd',
    'X-Litespeed-Location: /private/a',
    'X-Reproxy-URL: http://inner/',
    'Set-Cookie: __Host-postern=evil; Path=/',
    'Set-Cookie: __secure-POSTERN-x=evil',
    'Set-Cookie: =__Host-postern=evil; Path=/',
    'Set-Cookie: app=1',
    'Set-Cookie: app2=2',
    'WWW-Authenticate: NTLM',
    'WWW-Authenticate: Basic realm="x"',
    'Trailer: x',
  ]
  const app = await recordingServer(
    t,
    eachAnswered(
      `HTTP/1.1 200 OK\r\n${fields.join('\r\n')}\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX: 1\r\n\r\n`,
    ),
  )
  for (const protocol of ['http/1.1', 'h2'] as const) {
    const front = await openFront(t, backendOf([app.url]), { protocol })
    const got = protocol === 'h2' ? await overHttp2(front.port) : await overHttp1(front.port)
    assert.equal(got.body, 'ok')
    const names = Object.keys(got.headers).filter(
      (name) => !/^(:status|date|connection|keep-alive|transfer-encoding)$/.test(name),
    )
    assert.deepEqual(names.toSorted(), ['set-cookie', 'www-authenticate', 'x-accel-buffering'])
    assert.deepEqual(got.headers['set-cookie'], ['app=1', 'app2=2'])
    assert.equal(got.headers['www-authenticate'], 'Basic realm="x"')
    assert.equal(got.trailers, 0)
  }
})

for (const [says, method, octets, status] of [
  ['HEAD', 'HEAD', 'HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n', 200],
  ['204', 'GET', 'HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\nhello', 204],
  ['304', 'GET', 'HTTP/1.1 304 Not Modified\r\netag: "1"\r\n\r\n', 304],
] as const) {
  test(`an answer without a body has none: ${says}`, async (t) => {
    const app = await recordingServer(t, eachAnswered(octets))
    for (const protocol of ['http/1.1', 'h2'] as const) {
      const front = await openFront(t, backendOf([app.url]), { protocol })
      const got = protocol === 'h2' ? await overHttp2(front.port, method) : await overHttp1(front.port, method)
      assert.deepEqual([got.status, got.body], [status, ''])
      assert.equal(front.went[0]?.reason, undefined)
    }
  })
}

test('early hints go to clients of HTTP/2, and other answers before the answer to nobody', async (t) => {
  const app = await recordingServer(
    t,
    eachAnswered(
      `HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload; as=style\r\n\r\n${ok}`,
    ),
  )
  const modern = await openFront(t, backendOf([app.url]), { protocol: 'h2' })
  const got = await overHttp2(modern.port)
  assert.deepEqual([got.status, got.body, got.hints], [200, 'ok', 1])
  const front = await openFront(t, backendOf([app.url]))
  const answer = await sendRaw(front.port, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  assert.match(answer, /^HTTP\/1\.1 200 OK/)
})

/** What servers answer that is no answer, and how the client is told. */
const wrong: readonly (readonly [says: string, octets: string, status: number, reason: string])[] = [
  ['no HTTP', 'SSH-2.0-OpenSSH\r\n', 502, 'bad-answer'],
  ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nabc', 502, 'bad-answer'],
  [
    'length and chunks',
    'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    502,
    'bad-answer',
  ],
  ['another coding', 'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\nxx', 502, 'bad-answer'],
  ['a control character in a field', 'HTTP/1.1 200 OK\r\nx: a\u0000b\r\ncontent-length: 0\r\n\r\n', 502, 'bad-answer'],
  ['a head without end', `HTTP/1.1 200 OK\r\n${`x: ${'y'.repeat(1000)}\r\n`.repeat(80)}`, 502, 'answer-head-too-large'],
  [
    'a switch that nobody asked for',
    'HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n',
    502,
    'connection-lost',
  ],
]

for (const [says, octets, status, reason] of wrong) {
  test(`an answer that has no one meaning is not handed on: ${says}`, async (t) => {
    const app = await recordingServer(t, (_, socket) => socket.end(octets, 'latin1'))
    const front = await openFront(t, backendOf([app.url]))
    const answer = await sendRaw(front.port, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `))
    assert.doesNotMatch(answer, /node:|undici|at .*\.js|127\.0\.0\.1/)
    assert.deepEqual([front.went[0]?.reason, front.went[0]?.status], [reason, status])
  })
}

test('what a server says behind its answer is never the answer to somebody else', async (t) => {
  const poison = 'HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison'
  const app = await recordingServer(t, (came, socket) => {
    if (came.includes('GET /first ')) socket.write(ok + poison)
    else socket.write(ok)
  })
  const front = await openFront(t, backendOf([app.url]))
  await sendRaw(front.port, 'GET /first HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  const second = await sendRaw(front.port, 'GET /second HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  assert.match(second, /^HTTP\/1\.1 200/)
  assert.match(second, /\r\n\r\nok$/)
})

test('an answer that breaks off is not made to look whole', async (t) => {
  const app = await recordingServer(t, (_, socket) =>
    socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n'),
  )
  const front = await openFront(t, backendOf([app.url]))
  const answer = await sendRaw(front.port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  assert.doesNotMatch(answer, /\r\n0\r\n\r\n$/)
  assert.equal(front.went[0]?.reason, 'connection-lost')
  const modern = await openFront(t, backendOf([app.url]), { protocol: 'h2' })
  await assert.rejects(overHttp2(modern.port), /NGHTTP2_INTERNAL_ERROR/)
})

test('a server that takes too long is 504, before its answer and in its midst', async (t) => {
  const silent = await recordingServer(t, () => {})
  const front = await openFront(t, backendOf([silent.url], { answerSeconds: 1 }))
  const answer = await sendRaw(front.port, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  assert.match(answer, /^HTTP\/1\.1 504 /)
  assert.equal(front.went[0]?.reason, 'answer-timeout')
  const halting = await recordingServer(
    t,
    (_, socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf'),
  )
  const other = await openFront(t, backendOf([halting.url], { idleSeconds: 1 }))
  await sendRaw(other.port, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  assert.equal(other.went[0]?.reason, 'answer-stalled')
})

test('a server that is not there is 502', async (t) => {
  const app = await recordingServer(t, () => {})
  const { port } = app
  const front = await openFront(t, backendOf([`http://127.0.0.1:${await closedPort()}`]))
  assert.notEqual(port, 0)
  const answer = await sendRaw(front.port, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  assert.match(answer, /^HTTP\/1\.1 502 /)
  assert.equal(front.went[0]?.reason, 'connect-refused')
})

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
