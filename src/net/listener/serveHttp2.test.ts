import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { ClientHttp2Session } from 'node:http2'
import { connect } from 'node:http2'
import { type TestContext, test } from 'node:test'
import { openListener, refusalsIn, refusedTimes } from '../../../test/gateListener.ts'
import type { ReadFrame } from '../../../test/http2Frames.ts'
import { endStream, fieldsOf, frame, openHttp2, readFrames, request } from '../../../test/http2Frames.ts'

const cancel = Buffer.of(0, 0, 0, 8)
const times = (count: number, make: (index: number) => Uint8Array): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, index) => make(index)))
const idOf = (index: number): number => 2 * index + 1

function sessionTo(t: TestContext, port: number): ClientHttp2Session {
  const session = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false, servername: 'gate.example' })
  session.on('error', () => {})
  t.after(() => session.destroy())
  return session
}

/** The status of an answer and its text; `reset` with the code where the stream was reset. */
async function answerOf(session: ClientHttp2Session, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const stream = session.request({ ':path': '/', ...headers })
  stream.setEncoding('utf8')
  let status: unknown = 'no answer'
  let text = ''
  stream.on('response', (fields) => {
    status = fields[':status']
  })
  stream.on('data', (chunk) => {
    text += String(chunk)
  })
  stream.on('error', () => {})
  await once(stream, 'close')
  return text === '' ? `${status} reset ${stream.rstCode}` : `${status} ${text}`
}

/** What a stream is told by its frames: the static table's index of the status, or its literal. */
const isAnswer = ({ type, stream }: ReadFrame): boolean => stream === 1 && (type === 3 || type === 0)

const floods: Readonly<Record<string, Buffer>> = {
  'requests that are taken back at once (CVE-2023-44487)': times(1000, (index) =>
    Buffer.concat([request(idOf(index)), frame('rstStream', 0, idOf(index), cancel)]),
  ),
  'requests that are made to fail (CVE-2025-8671)': times(1000, (index) =>
    Buffer.concat([request(idOf(index), [], 0), frame('windowUpdate', 0, idOf(index), Buffer.alloc(4))]),
  ),
  'requests above the number that was agreed': times(1000, (index) => request(idOf(index), [], 0)),
  'requests with two hosts': times(1000, (index) => request(idOf(index), [['host', 'other.example']])),
  PING: times(900, () => frame('ping', 0, 0, Buffer.alloc(8))),
  SETTINGS: times(1000, () => frame('settings', 0, 0)),
  'DATA that holds nothing (CVE-2019-9518)': Buffer.concat([request(1, [], 0), times(2000, () => frame('data', 0, 1))]),
  'CONTINUATION without end (CVE-2024-27983)': Buffer.concat([
    frame('headers', endStream, 1, fieldsOf([[':method', 'GET']])),
    times(2000, (index) => frame('continuation', 0, 1, fieldsOf([[`x-${index}`, 'y']]))),
  ]),
  'CONTINUATION that holds nothing': Buffer.concat([
    frame('headers', endStream, 1, fieldsOf([[':method', 'GET']])),
    times(2000, () => frame('continuation', 0, 1)),
  ]),
  WINDOW_UPDATE: times(120_000, () => frame('windowUpdate', 0, 0, Buffer.of(0, 0, 0, 1))),
  PRIORITY: times(100_000, (index) => frame('priority', 0, idOf(index), Buffer.of(0, 0, 0, 0, 16))),
  'frames of no known type': times(100_000, () => frame('unknown', 0, 0, Buffer.alloc(8))),
}
for (const [name, octets] of Object.entries(floods)) {
  test(`a flood of ${name} ends the connection and is told, while others are served`, async (t) => {
    const { port, news, told } = await openListener(t)
    const other = sessionTo(t, port)
    assert.equal(await answerOf(other), '200 well')
    const socket = await openHttp2(port)
    const read = readFrames(socket)
    socket.write(octets)
    assert.equal(await answerOf(other), '200 well')
    await told((all) => refusalsIn(all).includes('protocol-flood'))
    socket.resume()
    await read
    assert.deepEqual(
      refusalsIn(news).filter((why) => why !== 'bad-framing'),
      ['protocol-flood'],
    )
    assert.equal(await answerOf(other), '200 well')
  })
}

test('a page that takes back its hundred requests, and comes again, is no flood', async (t) => {
  const { port, news } = await openListener(t, {
    handlers: { request: (request, response) => void (request.url === '/' && response.end('well')) },
  })
  const session = sessionTo(t, port)
  for (const _ of [1, 2]) {
    const streams = Array.from({ length: 90 }, () => session.request({ ':path': '/waits' }))
    for (const stream of streams) stream.on('error', () => {})
    await new Promise((resolve) => session.ping(resolve))
    for (const stream of streams) stream.close(8)
    assert.equal(await answerOf(session), '200 well')
  }
  assert.deepEqual(refusalsIn(news), [])
})

test('a token of 11 KB and cookies of 20 KB pass', async (t) => {
  const { port } = await openListener(t)
  const headers = { authorization: `Bearer ${'t'.repeat(11_000)}`, cookie: `c=${'c'.repeat(20_000)}` }
  assert.equal(await answerOf(sessionTo(t, port), headers), '200 well')
})

test('a head that is too large, or of too many fields, gets 431 and is told, and the connection stays', async (t) => {
  const { port, news, targets } = await openListener(t, { limits: { headOctets: 16_384, headFields: 50 } })
  const session = sessionTo(t, port)
  const large = { a: 'a'.repeat(9000), b: 'b'.repeat(9000) }
  const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`x-${index}`, 'y']))
  for (const headers of [large, many]) {
    assert.equal(await answerOf(session, headers), '431 The header fields of the request are too large, or too many.\n')
  }
  assert.deepEqual(refusalsIn(news), ['head-too-large', 'head-too-large'])
  assert.equal(await answerOf(session), '200 well')
  assert.deepEqual(targets, ['/'])
})

test('a head far above what is taken never gets through, and the connection is of use yet', async (t) => {
  const { port, targets } = await openListener(t, { limits: { headOctets: 16_384 } })
  const socket = await openHttp2(port)
  const seen = readFrames(socket, isAnswer)
  socket.write(frame('settings', 1, 0))
  socket.write(
    request(
      1,
      Array.from({ length: 5 }, (_, index) => [`x-${index}`, 'y'.repeat(15_000)] as const),
    ),
  )
  assert.ok((await seen).some(isAnswer))
  const next = readFrames(socket, ({ stream, type }) => stream === 3 && type === 0)
  socket.write(request(3))
  assert.ok((await next).some(({ stream }) => stream === 3))
  assert.deepEqual(targets, ['/'])
  socket.destroy()
})

const twoMeanings: Readonly<Record<string, readonly (readonly [name: string, value: string])[]>> = {
  'two hosts that differ': [['host', 'other.example']],
  'the host twice in fields, once another': [
    ['host', 'gate.example'],
    ['host', 'other.example'],
  ],
  'a coding of HTTP/1': [['transfer-encoding', 'chunked']],
  'a field of the connection': [['connection', 'close']],
  'a name in capitals': [['X-Capital', 'y']],
  'two authorities': [[':authority', 'other.example']],
  'a path behind the fields': [
    ['x', 'y'],
    [':path', '/other'],
  ],
  'two lengths': [
    ['content-length', '0'],
    ['content-length', '0'],
  ],
  'a length that is not that of its body': [['content-length', '5']],
}
for (const [name, fields] of Object.entries(twoMeanings)) {
  test(`${name}: no request, and the next one is`, async (t) => {
    const { port, targets } = await openListener(t)
    const socket = await openHttp2(port)
    const refused = readFrames(socket, isAnswer)
    socket.write(request(1, fields))
    await refused
    const next = readFrames(socket, ({ stream, type }) => stream === 3 && type === 0)
    socket.write(request(3))
    assert.ok((await next).some(({ stream }) => stream === 3))
    assert.deepEqual(targets, ['/'])
    socket.destroy()
  })
}

test('a host beside the authority that says the same is fine, and one that differs is told', async (t) => {
  const { port, news } = await openListener(t)
  const session = sessionTo(t, port)
  assert.equal(await answerOf(session, { ':authority': 'gate.example', host: 'gate.example' }), '200 well')
  const refused = await answerOf(session, { ':authority': 'gate.example', host: 'other.example' })
  assert.match(refused, /^400 The request can be read in more than one way/)
  assert.deepEqual(refusalsIn(news), ['bad-framing'])
})

test('a request that expects what nobody knows is a request like any other', async (t) => {
  const { port, targets } = await openListener(t)
  assert.equal(await answerOf(sessionTo(t, port), { expect: 'wonders' }), '200 well')
  assert.deepEqual(targets, ['/'])
})

test('a line break in a value does not reach whoever is asked', async (t) => {
  const seen: string[] = []
  const { port } = await openListener(t, {
    handlers: {
      request(request, response) {
        seen.push(...request.rawHeaders)
        response.end('well')
      },
    },
  })
  const socket = await openHttp2(port)
  const answered = readFrames(socket, isAnswer)
  socket.write(
    request(1, [
      ['x-broken', 'a\r\nb'],
      ['x-nul', 'a\0b'],
      ['x-whole', 'c'],
    ]),
  )
  await answered
  socket.destroy()
  assert.ok(seen.includes('x-whole'))
  assert.equal(seen.includes('x-broken') || seen.includes('x-nul'), false)
})

test('what is no HTTP/2 behind a handshake for it ends the connection and is told', async (t) => {
  const { port, news, told } = await openListener(t)
  const socket = await openHttp2(port)
  const read = readFrames(socket)
  socket.write('GET / HTTP/1.1\r\nhost: gate.example\r\n\r\n')
  await told(refusedTimes(1))
  await read
  assert.deepEqual(refusalsIn(news), ['bad-framing'])
})

test('a connection without requests ends after the idle time', async (t) => {
  const { port, news, told } = await openListener(t, { limits: { idleSeconds: 1 } })
  const session = sessionTo(t, port)
  const goaway = once(session, 'goaway')
  assert.equal(await answerOf(session), '200 well')
  await Promise.all([goaway, once(session, 'close')])
  await told((all) => all.some(({ kind }) => kind === 'closed'))
  assert.deepEqual(refusalsIn(news), [])
})

test('a head that comes in drops ends the connection and is told, and pings do not', async (t) => {
  const { port, news, told } = await openListener(t, { limits: { headSeconds: 2 } })
  const session = sessionTo(t, port)
  const pings = setInterval(() => session.ping(() => {}), 200)
  t.after(() => clearInterval(pings))
  const drops = await openHttp2(port)
  const head = request(1)
  let at = 0
  const timer = setInterval(() => {
    drops.write(head.subarray(at, at + 1))
    at += 1
  }, 200)
  drops.once('close', () => clearInterval(timer))
  await once(drops.resume(), 'close')
  await told(refusedTimes(1))
  assert.deepEqual(refusalsIn(news), ['head-timeout'])
  assert.equal(await answerOf(session), '200 well')
})

test('a body that stops coming ends its request and no other; an answer that is awaited is waited for', async (t) => {
  const { port } = await openListener(t, {
    limits: { bodyIdleSeconds: 2 },
    handlers: {
      request(request, response) {
        request.on('error', () => {})
        request.resume()
        if (request.url === '/late') setTimeout(() => response.end('late'), 5000)
        else request.on('end', () => response.end('whole'))
      },
    },
  })
  const session = sessionTo(t, port)
  const late = answerOf(session, { ':path': '/late' })
  const stopped = session.request({ ':path': '/stopped', ':method': 'POST' }, { endStream: false })
  stopped.on('error', () => {})
  stopped.write('hello')
  const slow = session.request({ ':path': '/slow', ':method': 'POST' }, { endStream: false })
  slow.resume()
  let count = 0
  const timer = setInterval(() => {
    count += 1
    if (count < 15) slow.write('x')
    else slow.end('x')
  }, 200)
  t.after(() => clearInterval(timer))
  const [headers] = await once(slow, 'response')
  clearInterval(timer)
  assert.equal(headers[':status'], 200)
  if (!stopped.closed) await once(stopped, 'close')
  assert.equal(stopped.rstCode, 8)
  assert.equal(await late, '200 late')
})

test('a client that does not read its answer has it cut', async (t) => {
  const ended: number[] = []
  const { port } = await openListener(t, {
    limits: { bodyIdleSeconds: 1 },
    handlers: {
      request(request, response) {
        if ('stream' in request) request.stream.once('close', () => ended.push(request.stream.rstCode ?? 0))
        response.end(Buffer.alloc(4 * 1024 * 1024))
      },
    },
  })
  const stream = sessionTo(t, port).request({ ':path': '/' })
  stream.on('error', () => {})
  stream.pause()
  await once(stream, 'close')
  assert.deepEqual(ended, [8])
})

test('more requests at once than are agreed wait with the client', async (t) => {
  let most = 0
  let open = 0
  const { port, news } = await openListener(t, {
    handlers: {
      request(_request, response) {
        open += 1
        most = Math.max(most, open)
        setTimeout(() => {
          open -= 1
          response.end('well')
        }, 5)
      },
    },
  })
  const session = sessionTo(t, port)
  await once(session, 'remoteSettings')
  const answers = await Promise.all(Array.from({ length: 250 }, () => answerOf(session)))
  assert.ok(answers.every((answer) => answer === '200 well'))
  assert.ok(most <= 100)
  assert.deepEqual(refusalsIn(news), [])
})
