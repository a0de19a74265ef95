import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, request as httpRequest } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { backendOf, heads, openFront, recordingServer, sendRaw } from '../../../test/backendRig.ts'

test('a client that goes away ends the request at the server', async (t) => {
  const app = await recordingServer(t, () => {})
  const front = await openFront(t, backendOf([app.url]))
  const socket = connect(front.port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await app.until((came) => heads(came) === 1)
  socket.destroy()
  await app.idle()
  await front.ended(1)
  assert.equal(front.went[0]?.reason, 'client-gone')
})

test('an upload that breaks off never looks whole to the server', async (t) => {
  const app = await recordingServer(t, () => {})
  const front = await openFront(t, backendOf([app.url]))
  const socket = connect(front.port, '127.0.0.1')
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n')
  await app.until((came) => came.join('').includes('hello'))
  socket.destroy()
  await app.idle()
  assert.doesNotMatch(app.came.join(''), /0\r\n\r\n$/)
  await front.ended(1)
  assert.equal(front.went[0]?.reason, 'client-gone')
})

test('an answer that comes before the body is whole reaches the client', async (t) => {
  const app = await recordingServer(t, (came, socket) => {
    if (came.includes('\r\n\r\n')) socket.write('HTTP/1.1 401 Unauthorized\r\ncontent-length: 4\r\n\r\nstop')
  })
  const front = await openFront(t, backendOf([app.url]))
  const answer = await sendRaw(
    front.port,
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(20_000)}`,
  )
  assert.match(answer, /^HTTP\/1\.1 401 /)
  assert.match(answer, /connection: close\r\n/i)
  assert.match(answer, /stop$/)
})

test('a body above the limit is 413, told beforehand or met on the way', async (t) => {
  const app = await recordingServer(t, () => {})
  const front = await openFront(t, backendOf([app.url]), { plan: { bodyLimits: { octets: 10, idleSeconds: 30 } } })
  const told = await sendRaw(front.port, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n')
  assert.match(told, /^HTTP\/1\.1 413 /)
  assert.equal(app.came.length, 0)
  const met = await sendRaw(
    front.port,
    'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nhello world\r\n',
  )
  assert.match(met, /^HTTP\/1\.1 413 /)
  assert.deepEqual(
    front.went.map(({ reason }) => reason),
    ['body-too-large', 'body-too-large'],
  )
})

test('a body that stops in its midst is 408', async (t) => {
  const app = await recordingServer(t, () => {})
  const front = await openFront(t, backendOf([app.url]), { plan: { bodyLimits: { octets: 1000, idleSeconds: 1 } } })
  const answer = await sendRaw(front.port, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\nhello')
  assert.match(answer, /^HTTP\/1\.1 408 /)
})

test('events come as they are sent, their head before the first of them, and end with the signal', async (t) => {
  let say: (text: string) => void = () => {}
  const app = await recordingServer(t, (_, socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n')
    say = (words) => void socket.write(words)
  })
  for (const protocol of ['http/1.1', 'h2'] as const) {
    const session = new AbortController()
    const front = await openFront(t, backendOf([app.url]), { protocol, plan: { signal: session.signal } })
    const open = protocol === 'h2' ? connectHttp2(front.url) : undefined
    const stream = open?.request({ ':path': '/' }) ?? httpRequest({ port: front.port, agent: false }).end()
    stream.on('error', () => {})
    const [answer] = await once(stream, 'response')
    const events = protocol === 'h2' ? stream : answer
    events.on('error', () => {})
    say('data: 1\n\n')
    assert.equal(String((await once(events, 'data'))[0]), 'data: 1\n\n')
    session.abort()
    await new Promise((resolve) => events.once('close', resolve))
    await front.ended(1)
    assert.equal(front.went[0]?.reason, 'ended')
    await app.idle()
    open?.destroy()
  }
})

test('a large body passes both ways whole, and no more of it is held than the slower end leaves', async (t) => {
  const megabytes = 48
  const app = createServer((request, response) => void request.pipe(response)).listen(0, '127.0.0.1')
  await once(app, 'listening')
  t.after(() => {
    app.closeAllConnections()
    app.close()
  })
  const front = await openFront(t, backendOf([`http://127.0.0.1:${(app.address() as AddressInfo).port}`]))
  const asked = httpRequest({ port: front.port, method: 'POST', agent: false })
  const piece = Buffer.alloc(1 << 20, 'x')
  let sent = 0
  let [took, most] = [0, 0]
  const pour = (): void => {
    while (sent < megabytes && asked.write(piece)) sent += 1
    if (sent < megabytes) sent += 1
    else asked.end()
  }
  asked.on('drain', pour)
  pour()
  const [answer] = (await once(asked, 'response')) as [import('node:http').IncomingMessage]
  for await (const chunk of answer) {
    took += (chunk as Buffer).length
    most = Math.max(most, sent * piece.length - took)
  }
  assert.equal(took, sent * piece.length)
  assert.ok(most < 40 * piece.length, `${most} octets were on their way`)
  assert.equal(front.went[0]?.octetsIn, took)
  assert.equal(front.went[0]?.octetsOut, took)
})

test('a client that takes nothing has the server wait', async (t: TestContext) => {
  const piece = Buffer.alloc(65_536)
  const app = createServer((_, response) => {
    const pour = (): void => {
      while (!response.destroyed && response.write(piece)) {}
    }
    response.on('drain', pour)
    pour()
  }).listen(0, '127.0.0.1')
  await once(app, 'listening')
  t.after(() => {
    app.closeAllConnections()
    app.close()
  })
  const settings = backendOf([`http://127.0.0.1:${(app.address() as AddressInfo).port}`], { idleSeconds: 1 })
  const front = await openFront(t, settings)
  const socket = connect(front.port, '127.0.0.1').on('error', () => {})
  socket.pause()
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await front.ended(1)
  assert.equal(front.went[0]?.reason, 'client-stalled')
  assert.ok((front.went[0]?.octetsIn ?? 0) < 64 << 20)
  socket.destroy()
})
