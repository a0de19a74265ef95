import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { connect } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { WebSocket, WebSocketServer } from 'ws'
import { backendOf, openFront, recordingServer, sendRaw } from '../../../test/backendRig.ts'

const key = 'dGhlIHNhbXBsZSBub25jZQ=='
const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
const switched = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n`
const handshake = `GET /chat?a=1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n`

async function echoServer(
  t: TestContext,
  options: { perMessageDeflate?: boolean } = {},
): Promise<{ url: string; server: WebSocketServer }> {
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    ...options,
    handleProtocols: (asked) => [...asked][0] ?? false,
  })
  await once(server, 'listening')
  server.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
    socket.on('error', () => {})
  })
  t.after(() => {
    for (const each of server.clients) each.terminate()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

for (const perMessageDeflate of [false, true]) {
  test(`messages of any size pass both ways${perMessageDeflate ? ', also compressed' : ''}`, async (t) => {
    const { url } = await echoServer(t, { perMessageDeflate })
    const front = await openFront(t, backendOf([url]))
    const client = new WebSocket(`ws://127.0.0.1:${front.port}/chat`, ['amqp'], { perMessageDeflate })
    await once(client, 'open')
    assert.equal(client.protocol, 'amqp')
    for (const size of [0, 1, 125, 126, 65_535, 65_536, 5_000_000]) {
      const sent = Buffer.alloc(size, size % 251)
      client.send(sent)
      const [came] = (await once(client, 'message')) as [Buffer]
      assert.ok(sent.equals(came), `${size} octets`)
    }
    client.ping('are you there')
    assert.equal(String((await once(client, 'pong'))[0]), 'are you there')
    client.close(4001, 'done')
    const [code, reason] = await once(client, 'close')
    assert.deepEqual([code, String(reason)], [4001, 'done'])
    await front.ended(1)
    assert.deepEqual([front.went[0]?.status, front.went[0]?.reason], [101, undefined])
    if (!perMessageDeflate) assert.ok((front.went[0]?.octetsIn ?? 0) > 5_131_000)
    assert.equal(front.backends.state()[0]?.inFlight, 0)
  })
}

test('a close of the server reaches the client with its code', async (t) => {
  const { url, server } = await echoServer(t)
  server.on('connection', (socket) => socket.close(1012, 'restart'))
  const front = await openFront(t, backendOf([url]))
  const client = new WebSocket(`ws://127.0.0.1:${front.port}/`)
  const [code, reason] = await once(client, 'close')
  assert.deepEqual([code, String(reason)], [1012, 'restart'])
})

test('both ends are told when the session ends, and cut off', async (t) => {
  const { url, server } = await echoServer(t)
  const session = new AbortController()
  const front = await openFront(t, backendOf([url]), { plan: { signal: session.signal } })
  const client = new WebSocket(`ws://127.0.0.1:${front.port}/`)
  await once(client, 'open')
  client.send('hello')
  await once(client, 'message')
  const [behind] = server.clients
  assert.ok(behind)
  const ends = Promise.all([once(client, 'close'), once(behind, 'close')])
  session.abort()
  const [[code, reason], [codeBehind]] = await ends
  assert.deepEqual([code, String(reason), codeBehind], [1008, 'session ended', 1008])
  await front.ended(1)
  assert.equal(front.went[0]?.reason, 'ended')
})

test('both ends are told when it is the gate that ends, so that they come again', async (t) => {
  const { url, server } = await echoServer(t)
  const front = await openFront(t, backendOf([url]))
  const client = new WebSocket(`ws://127.0.0.1:${front.port}/`)
  await once(client, 'open')
  const [behind] = server.clients
  assert.ok(behind)
  const ends = Promise.all([once(client, 'close'), once(behind, 'close')])
  void front.backends.close()
  const [[code, reason], [codeBehind]] = await ends
  assert.deepEqual([code, String(reason), codeBehind], [1001, 'gate ends', 1001])
})

test('where a frame is in its midst the end is a cut, and no octets of ours are in the frame', async (t) => {
  const app = await recordingServer(t, (came, socket) => {
    if (came.endsWith('\r\n\r\n'))
      socket.write(Buffer.concat([Buffer.from(`${switched}\r\n`), Buffer.from([0x82, 100, 1, 2, 3])]))
  })
  const session = new AbortController()
  const front = await openFront(t, backendOf([app.url]), { plan: { signal: session.signal } })
  const socket = connect(front.port, '127.0.0.1')
  const got: Buffer[] = []
  socket.on('error', () => {})
  const half = new Promise<void>((resolve) =>
    socket.on('data', (chunk: Buffer) => {
      got.push(chunk)
      if (Buffer.concat(got).includes(Buffer.from([0x82, 100, 1, 2, 3]))) resolve()
    }),
  )
  socket.write(`${handshake}\r\n`)
  await half
  session.abort()
  await once(socket, 'close')
  assert.deepEqual([...Buffer.concat(got).subarray(-5)], [0x82, 100, 1, 2, 3])
  await app.idle()
})

test('the opening handshake that a server sees is written anew', async (t) => {
  const app = await recordingServer(t, (came, socket) => {
    if (came.endsWith('\r\n\r\n'))
      socket.end(`${switched}Server: x\r\nSet-Cookie: __Host-postern=1\r\nSet-Cookie: a=1\r\n\r\n`)
  })
  const front = await openFront(t, backendOf([app.url]))
  const answer = await sendRaw(
    front.port,
    `${handshake}Origin: https://gate.example:8443\r\nX-Forwarded-For: 6.6.6.6\r\nCookie: __Host-postern=s; b=2\r\n\r\n`,
  )
  const lines = (app.came[0] ?? '').split('\r\n')
  assert.equal(lines[0], 'GET /chat?a=1 HTTP/1.1')
  for (const line of [
    'host: gate.example:8443',
    'connection: Upgrade',
    'upgrade: websocket',
    'cookie: b=2',
    'x-forwarded-for: 192.0.2.1',
    `sec-websocket-key: ${key}`,
    'origin: https://gate.example:8443',
  ]) {
    assert.equal(lines.filter((each) => each === line).length, 1, line)
  }
  assert.equal(lines.filter((line) => /^(host|connection|upgrade|cookie|x-forwarded-for):/i.test(line)).length, 5)
  assert.match(answer, /^HTTP\/1\.1 101 Switching Protocols\r\n/)
  assert.match(answer, /set-cookie: a=1\r\n/)
  assert.doesNotMatch(answer, /server:|__Host-postern/)
})

test('what a plan holds by mistake makes no line of its own', async (t) => {
  const app = await recordingServer(t, () => {})
  const framing = [
    'connection',
    'close',
    'Upgrade',
    'h2c',
    'transfer-encoding',
    'chunked',
    'Content-Length',
    '5',
    'x',
    '1',
  ]
  const front = await openFront(t, backendOf([app.url]), { plan: { headers: framing } })
  const socket = connect(front.port, '127.0.0.1').on('error', () => {})
  socket.write(`${handshake}\r\n`)
  await app.until((came) => came.join('').endsWith('\r\n\r\n'))
  socket.destroy()
  const lines = (app.came[0] ?? '').split('\r\n').slice(1, -2)
  assert.deepEqual(lines, [`host: 127.0.0.1:${app.port}`, 'x: 1', 'connection: Upgrade', 'upgrade: websocket'])
  for (const headers of [
    ['x', 'a\r\ny: 1'],
    ['x y', '1'],
    ['host', 'a', 'Host', 'b'],
  ]) {
    const other = await openFront(t, backendOf([app.url]), { plan: { headers } })
    assert.match(await sendRaw(other.port, `${handshake}\r\n`), /^HTTP\/1\.1 400 /)
  }
  assert.equal(app.came.length, 1)
})

/** What is no answer to this handshake: the client must not believe that it speaks to the app. */
const unproven: readonly (readonly [says: string, head: string])[] = [
  ['a wrong key', switched.replace(accept, 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=')],
  ['no key', switched.replace(/Sec-.*\r\n/, '')],
  ['two keys', `${switched}Sec-WebSocket-Accept: ${accept}\r\n`],
  ['another protocol', switched.replace('Upgrade: websocket', 'Upgrade: h2c')],
  ['no Connection', switched.replace('Connection: Upgrade\r\n', '')],
  ['a subprotocol that nobody asked for', `${switched}Sec-WebSocket-Protocol: x\r\n`],
  ['an extension that nobody asked for', `${switched}Sec-WebSocket-Extensions: permessage-deflate\r\n`],
  ['a body', `${switched}Content-Length: 5\r\n`],
]

for (const [says, head] of unproven) {
  test(`a switch without its proof is 502: ${says}`, async (t) => {
    const app = await recordingServer(t, (came, socket) => {
      if (came.endsWith('\r\n\r\n')) socket.write(`${head}\r\n`)
    })
    const front = await openFront(t, backendOf([app.url]))
    assert.match(await sendRaw(front.port, `${handshake}\r\n`), /^HTTP\/1\.1 502 /)
    assert.equal(front.went[0]?.reason, 'not-switched')
    await app.idle()
  })
}

/** Answers that switch nothing, and what the client gets of them. */
const answers: readonly (readonly [says: string, octets: string, status: number, body: string])[] = [
  ['a length', 'HTTP/1.1 401 Unauthorized\r\nX-App: 1\r\nContent-Length: 5\r\n\r\nsorry', 401, 'sorry'],
  [
    'chunks',
    'HTTP/1.1 403 Forbidden\r\nX-App: 1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nsorry\r\n0\r\n\r\n',
    403,
    'sorry',
  ],
  [
    'chunks, one of which looks like the last',
    'HTTP/1.1 403 Forbidden\r\nX-App: 1\r\nTransfer-Encoding: chunked\r\n\r\n9;x=y\r\nso\r\n0\r\nrr\r\n1\r\ny\r\n0\r\n\r\n',
    403,
    'so\r\n0\r\nrry',
  ],
  ['until it ends', 'HTTP/1.0 404 Not Found\r\nX-App: 1\r\n\r\nsorry', 404, 'sorry'],
  ['200, as from who knows no WebSocket', 'HTTP/1.1 200 OK\r\nX-App: 1\r\nContent-Length: 2\r\n\r\nhi', 200, 'hi'],
  [
    'too long to wait for',
    `HTTP/1.1 200 OK\r\nX-App: 1\r\nContent-Length: 99999999\r\n\r\n${'x'.repeat(100)}`,
    200,
    '',
  ],
]

for (const [says, octets, status, body] of answers) {
  test(`an answer that switches nothing is handed on: ${says}`, async (t) => {
    const app = await recordingServer(t, (came, socket) => {
      if (came.endsWith('\r\n\r\n')) socket.end(octets)
    })
    const front = await openFront(t, backendOf([app.url]))
    const answer = await sendRaw(front.port, `${handshake}\r\n`)
    assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `))
    assert.match(answer, new RegExp(`x-app: 1\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}$`))
  })
}

const broken: readonly (readonly [says: string, octets: string, reason: string])[] = [
  ['no HTTP', 'hello\r\n\r\n', 'bad-answer'],
  ['bare line feeds', switched.replaceAll('\r\n', '\n').concat('\n\r\n\r\n'), 'bad-answer'],
  ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx', 'bad-answer'],
  ['a head without end', `HTTP/1.1 101 x\r\n${`X: ${'y'.repeat(999)}\r\n`.repeat(80)}`, 'answer-head-too-large'],
  ['chunks of no size', 'HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n', 'bad-answer'],
  ['another coding', 'HTTP/1.1 403 No\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n', 'bad-answer'],
  ['half a body', 'HTTP/1.1 403 No\r\nContent-Length: 9\r\n\r\nhalf', 'connection-lost'],
  ['half a head', 'HTTP/1.1 101 Swi', 'connection-lost'],
]

for (const [says, octets, reason] of broken) {
  test(`what is no answer to a handshake is 502: ${says}`, async (t) => {
    const app = await recordingServer(t, (_, socket) => socket.end(octets))
    const front = await openFront(t, backendOf([app.url]))
    assert.match(await sendRaw(front.port, `${handshake}\r\n`), /^HTTP\/1\.1 502 /)
    assert.equal(front.went[0]?.reason, reason)
  })
}

test('a server that never answers a handshake is 504', async (t) => {
  const app = await recordingServer(t, () => {})
  const front = await openFront(t, backendOf([app.url], { answerSeconds: 1 }))
  assert.match(await sendRaw(front.port, `${handshake}\r\n`), /^HTTP\/1\.1 504 /)
})

for (const [says, request] of [
  ['h2c', handshake.replace('Upgrade: websocket', 'Upgrade: h2c')],
  ['two protocols', handshake.replace('Upgrade: websocket', 'Upgrade: websocket, h2c')],
  ['another version', handshake.replace('Version: 13', 'Version: 8')],
  ['a key that is none', handshake.replace(key, 'short')],
  ['a body, behind which another request may stand', `${handshake}Content-Length: 5\r\n`],
  ['POST', handshake.replace('GET', 'POST')],
] as const) {
  test(`what is no handshake of a WebSocket is 400, and no server sees it: ${says}`, async (t) => {
    const app = await recordingServer(t, () => {})
    const front = await openFront(t, backendOf([app.url]))
    assert.match(await sendRaw(front.port, `${request}\r\n`), /^HTTP\/1\.1 400 /)
    assert.equal(app.came.length, 0)
  })
}

test('a WebSocket over which nothing is said for too long ends', async (t) => {
  const { url } = await echoServer(t)
  const front = await openFront(t, backendOf([url], { idleSeconds: 1 }))
  const client = new WebSocket(`ws://127.0.0.1:${front.port}/`)
  await once(client, 'close')
  await front.ended(1)
  assert.equal(front.went[0]?.reason, 'silent')
})

test('a client that goes away ends it at the server, before and after the handshake', async (t) => {
  let mayAnswer = false
  const app = await recordingServer(t, (came, socket: Socket) => {
    if (mayAnswer && came.endsWith('\r\n\r\n')) socket.write(`${switched}\r\n`)
  })
  const front = await openFront(t, backendOf([app.url]))
  for (const answers of [false, true]) {
    mayAnswer = answers
    const socket = connect(front.port, '127.0.0.1').on('error', () => {})
    socket.write(`${handshake}\r\n`)
    await app.until((came) => came.length === (answers ? 2 : 1) && (came.at(-1) ?? '').endsWith('\r\n\r\n'))
    if (answers) await once(socket, 'data')
    socket.resetAndDestroy()
    await app.idle()
    await front.ended(answers ? 2 : 1)
  }
  assert.equal(front.went[0]?.reason, 'client-gone')
  assert.equal(front.backends.state()[0]?.inFlight, 0)
})

test('a tunnel whose one end is gone already ends', async (t) => {
  const { runTunnel } = await import('./runTunnel.ts')
  const peer = await recordingServer(t, () => {})
  const [client, server] = [connect(peer.port, '127.0.0.1'), connect(peer.port, '127.0.0.1')]
  await Promise.all([once(client, 'connect'), once(server, 'connect')])
  client.destroy()
  await once(client, 'close')
  const none = new Uint8Array()
  const ends = { client, server, fromClient: none, fromServer: none }
  const went = await runTunnel(ends, 30_000, new AbortController().signal, (octets) => new Uint8Array(octets))
  assert.deepEqual(went, { octetsOut: 0, octetsIn: 0 })
  await peer.idle()
})

test('an end that takes nothing has the other one wait', async (t) => {
  const app = await recordingServer(t, (came, socket) => {
    if (!came.endsWith('\r\n\r\n')) return
    socket.write(`${switched}\r\n`)
    const piece = Buffer.alloc(65_536)
    const pour = (): void => {
      while (!socket.destroyed && socket.write(piece)) {}
    }
    socket.on('drain', pour)
    pour()
  })
  const session = new AbortController()
  const front = await openFront(t, backendOf([app.url], { idleSeconds: 1 }), { plan: { signal: session.signal } })
  const socket = connect(front.port, '127.0.0.1').on('error', () => {})
  socket.pause()
  socket.write(`${handshake}\r\n`)
  await front.ended(1)
  assert.ok((front.went[0]?.octetsIn ?? 0) < 64 << 20)
  socket.destroy()
})
