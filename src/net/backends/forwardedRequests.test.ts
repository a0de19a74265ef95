import assert from 'node:assert/strict'
import { once } from 'node:events'
import { IncomingMessage } from 'node:http'
import { connect, Socket } from 'node:net'
import { test } from 'node:test'
import {
  backendOf,
  eachAnswered,
  heads,
  linesOf,
  openFront,
  recordingServer,
  sendRaw,
} from '../../../test/backendRig.ts'
import { Ended } from './backendReasons.ts'
import { RequestBody } from './requestBody.ts'

const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'

test('a request goes on with its path octet for octet, and its answer comes back', async (t) => {
  const app = await recordingServer(t, eachAnswered(ok))
  const front = await openFront(t, backendOf([app.url]))
  const path = "/a%20b/%C3%BC;x='1'?q=%2F..%2f&a=[1]|2"
  const answer = await sendRaw(front.port, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/)
  assert.match(answer, /\r\n\r\nok$/)
  const lines = linesOf(app.came[0] ?? '')
  assert.equal(lines[0], `GET ${path} HTTP/1.1`)
  assert.ok(lines.includes('host: gate.example:8443'))
  assert.ok(lines.includes('x-forwarded-for: 192.0.2.1'))
  assert.equal(front.went[0]?.octetsIn, 2)
})

test('the backend is sent its own host where the settings say so', async (t) => {
  const app = await recordingServer(t, eachAnswered(ok))
  const front = await openFront(t, backendOf([app.url], { host: 'own' }))
  await sendRaw(front.port, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  assert.ok(linesOf(app.came[0] ?? '').includes(`host: 127.0.0.1:${app.port}`))
})

test('a target that is no path, and a method that is no request of the gate, reach no server', async (t) => {
  const app = await recordingServer(t, eachAnswered(ok))
  const front = await openFront(t, backendOf([app.url]))
  for (const line of ['GET http://evil.example/ HTTP/1.1', 'OPTIONS * HTTP/1.1', 'TRACE / HTTP/1.1']) {
    assert.match(await sendRaw(front.port, `${line}\r\nHost: x\r\nConnection: close\r\n\r\n`), /^HTTP\/1\.1 400 /)
  }
  assert.equal(app.came.length, 0)
  assert.deepEqual(new Set(front.went.map(({ reason }) => reason)), new Set(['unsendable']))
})

test('what a plan holds by mistake is 400, and reaches no server', async (t) => {
  const app = await recordingServer(t, eachAnswered(ok))
  for (const headers of [
    ['x', 'a\r\ny: 1'],
    ['x y', '1'],
    ['transfer-encoding', 'chunked'],
    ['upgrade', 'h2c'],
    ['host', 'a', 'Host', 'b'],
    ['content-length', '5', 'content-length', '6'],
  ]) {
    const front = await openFront(t, backendOf([app.url]), { plan: { headers } })
    const answer = await sendRaw(front.port, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    assert.match(answer, /^HTTP\/1\.1 400 /, headers.join(' '))
    assert.equal(front.backends.state()[0]?.inFlight, 0)
  }
  assert.equal(app.came.length, 0)
})

test('a body ends in an error where its request breaks off', async () => {
  const request = new IncomingMessage(new Socket())
  const body = new RequestBody(request, { octets: 100, idleSeconds: 30 })
  body.resume()
  request.push('half')
  await once(body, 'data')
  request.destroy()
  const [error] = await new Promise<[unknown]>((resolve) => body.once('error', (...args) => resolve(args)))
  assert.ok(error instanceof Ended)
  assert.equal(error.reason, 'client-gone')
})

test('connections to a backend are kept and used again', async (t) => {
  const app = await recordingServer(t, eachAnswered(ok))
  const front = await openFront(t, backendOf([app.url]))
  for (let each = 0; each < 5; each += 1)
    await sendRaw(front.port, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  assert.equal(app.came.length, 1)
  assert.equal(heads(app.came), 5)
})

/** Requests that some reader takes for two; each must arrive as one or none. */
const smuggled: readonly (readonly [says: string, octets: string])[] = [
  [
    'length and chunks',
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /admin HTTP/1.1\r\nHost: x\r\n\r\n',
  ],
  [
    'two lengths',
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 36\r\n\r\nGET /admin HTTP/1.1\r\nHost: x\r\n\r\n',
  ],
  [
    'a length with a sign',
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +36\r\n\r\nGET /admin HTTP/1.1\r\nHost: x\r\n\r\n',
  ],
  [
    'chunks in another spelling',
    'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\nGET /admin HTTP/1.1\r\nHost: x\r\n\r\n',
  ],
  [
    'a blank before the colon',
    'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\nGET /admin HTTP/1.1\r\nHost: x\r\n\r\n',
  ],
  [
    'a folded line',
    'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\nGET /admin HTTP/1.1\r\nHost: x\r\n\r\n',
  ],
  ['a line feed in a name', 'GET / HTTP/1.1\r\nHost: x\r\nX: 1\nGET /admin HTTP/1.1\r\n\r\n'],
  [
    'the length named away',
    'POST / HTTP/1.1\r\nHost: x\r\nConnection: close, content-length\r\nContent-Length: 38\r\n\r\nGET /admin HTTP/1.1\r\nHost: example\r\n\r\n',
  ],
  [
    'a chunk with a size that overflows',
    'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\nGET /admin HTTP/1.1\r\nHost: x\r\n\r\n',
  ],
]

for (const [says, octets] of smuggled) {
  test(`what is one request stays one: ${says}`, async (t) => {
    const app = await recordingServer(t, (came, socket) => {
      if (/\r\n\r\n(.*\r\n\r\n)?$/s.test(came)) socket.write(ok)
    })
    const front = await openFront(t, backendOf([app.url]))
    const socket = connect(front.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(octets)
    await once(socket, 'data')
    socket.destroy()
    // A request that comes afterwards over the same connection must not find an answer of another one before its own.
    const after = await sendRaw(front.port, 'GET /after HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    assert.match(after, /^HTTP\/1\.1 200/)
    for (const came of app.came) {
      // The library writes each of ours with these: what has none of them in its head came from the client alone.
      for (const head of came.split(/(?=[A-Z]+ \/\S* HTTP\/1\.1\r\n)/)) {
        if (head.startsWith('GET /admin')) {
          const before = came.slice(0, came.indexOf('GET /admin'))
          assert.match(before, /content-length: 38\r\n|transfer-encoding: chunked\r\n/, `${says}: a request of its own`)
        }
      }
    }
  })
}

test('of several fields of one kind, and 2,000 of them, each arrives once and in its place', async (t) => {
  const app = await recordingServer(t, eachAnswered(ok))
  const front = await openFront(t, backendOf([app.url]))
  const many = Array.from({ length: 2000 }, (_, index) => `X-N${index}: ${index}\r\n`).join('')
  const answer = await sendRaw(
    front.port,
    `GET / HTTP/1.1\r\nHost: x\r\n${many}Accept: a\r\nAccept: b\r\nConnection: close\r\n\r\n`,
  )
  assert.match(answer, /^HTTP\/1\.1 200/)
  const lines = linesOf(app.came[0] ?? '')
  assert.equal(lines.filter((line) => /^x-n\d+: /.test(line)).length, 2000)
  assert.deepEqual(
    lines.filter((line) => line.startsWith('accept:')),
    ['accept: a', 'accept: b'],
  )
})

test('what a client lists in Connection is taken from its own fields, and never from ours', async (t) => {
  const app = await recordingServer(t, eachAnswered(ok))
  const identity = {
    kind: 'user',
    tenantId: '11111111-1111-4111-8111-111111111111',
    objectId: '22222222-2222-4222-8222-222222222222',
    tokenVersion: '2.0',
    clientId: '33333333-3333-4333-8333-333333333333',
    clientProof: 'secret',
    roles: ['Reader'],
    scopes: [],
    groups: { kind: 'not-told' },
    directoryRoles: [],
    authenticationContexts: [],
    authenticationMethods: [],
    takesClaimsChallenges: false,
    isGuest: undefined,
    sessionId: undefined,
    tokenId: undefined,
    issuedAt: 0,
    expiresAt: 1,
    displayName: 'Ada',
  } as const
  const caller = { by: 'session', identity, groups: { kind: 'known', ids: [] }, session: '0123456789abcdef' } as const
  const front = await openFront(t, backendOf([app.url]), { caller: caller as never })
  const fields =
    'Connection: close, x-postern-identity-object-id, X-Mine, host\r\nX-Mine: 1\r\nX-Postern-Identity-Object-Id: me\r\n'
  await sendRaw(front.port, `GET / HTTP/1.1\r\nHost: x\r\n${fields}\r\n`)
  const lines = linesOf(app.came[0] ?? '')
  assert.deepEqual(lines.filter((line) => /^x-postern-identity-object-id|^x-mine|^host/.test(line)).toSorted(), [
    'host: gate.example:8443',
    'x-postern-identity-object-id: 22222222-2222-4222-8222-222222222222',
  ])
  assert.deepEqual(
    lines.filter((line) => line.startsWith('connection')),
    ['connection: keep-alive'],
  )
})

const bodies: readonly (readonly [says: string, head: string, sent: string, arrives: string])[] = [
  ['a length', 'POST / HTTP/1.1\r\nContent-Length: 5\r\n', 'hello', 'content-length: 5\r\n\r\nhello'],
  [
    'chunks',
    'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n',
    '5;x=y\r\nhello\r\n0\r\nT: 1\r\n\r\n',
    'transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  ],
  ['no octet in chunks', 'PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n', 'content-length: 0\r\n\r\n'],
  ['none, and the method has one', 'POST / HTTP/1.1\r\nContent-Length: 0\r\n', '', 'content-length: 0\r\n\r\n'],
  [
    'a length, and the method has none',
    'DELETE / HTTP/1.1\r\nContent-Length: 5\r\n',
    'hello',
    'content-length: 5\r\n\r\nhello',
  ],
]

for (const [says, head, sent, arrives] of bodies) {
  test(`the body of a request is framed anew: ${says}`, async (t) => {
    const app = await recordingServer(t, (came, socket) => {
      if (came.endsWith(arrives)) socket.write(ok)
    })
    const front = await openFront(t, backendOf([app.url]))
    const answer = await sendRaw(front.port, `${head}Host: x\r\nConnection: close\r\n\r\n${sent}`)
    assert.match(answer, /^HTTP\/1\.1 200/)
    assert.equal(heads(app.came), 1)
  })
}
