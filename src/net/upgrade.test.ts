import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import fc from 'fast-check'
import { tcpServer } from '../../test/tcpServer.ts'
import { systemClock } from './clock.ts'
import { upgrade } from './upgrade.ts'

const random = (octets: number): Uint8Array => crypto.getRandomValues(new Uint8Array(octets))
const tools = { clock: systemClock, userAgent: 'postern/test', random }

const acceptOf = (key: string): string =>
  createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')

/** 101 to the key of a request, and whatever is to follow at once. */
function switched(request: string, more = '', then: Uint8Array = new Uint8Array()): Buffer {
  const key = /sec-websocket-key: (.*)\r/i.exec(request)?.[1] ?? ''
  const head = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptOf(key)}\r\n${more}\r\n`
  return Buffer.concat([Buffer.from(head), then])
}

/** The payload of a client's short frame. */
function unmasked(frame: Buffer): Buffer {
  return Buffer.from(frame.subarray(6).map((octet, at) => octet ^ (frame[2 + (at % 4)] ?? 0)))
}

const frame = (opcode: number, payload: Uint8Array = new Uint8Array()): Buffer =>
  Buffer.concat([Buffer.from([0x80 | opcode, payload.length]), payload])

/** A server that answers the request with `first`, and each frame behind it with `then`. */
async function webSocketServer(
  t: TestContext,
  first: (request: string) => Buffer | string,
  then: (frame: Buffer, socket: Socket) => void = () => {},
) {
  const requests: string[] = []
  const server = await tcpServer(t, (socket) => {
    let isOpen = false
    socket.on('data', (octets: Buffer) => {
      if (isOpen) then(octets, socket)
      else {
        isOpen = true
        requests.push(octets.toString('latin1'))
        socket.write(first(octets.toString('latin1')))
      }
    })
  })
  return { server, requests }
}

async function ask(
  { address, port }: { readonly address: string; readonly port: number },
  { protocols = [], timeoutMs = 10_000, path = '/live', signal = new AbortController().signal } = {} as {
    protocols?: readonly string[]
    timeoutMs?: number
    path?: string
    signal?: AbortSignal
  },
) {
  const over = connect({ host: address, port })
  over.on('error', () => {})
  const seen = await upgrade(
    over,
    { url: `http://app.corp.example:8080${path}`, address, protocols },
    { signal, timeoutMs },
    tools,
  )
  assert.ok(over.destroyed)
  return seen
}

const pongs = (octets: Buffer, socket: Socket): void => {
  if ((octets[0] ?? 0) === 0x89) socket.write(frame(10, unmasked(octets)))
  else if ((octets[0] ?? 0) === 0x88) socket.end(frame(8, unmasked(octets)))
}

test('the handshake asks as RFC 6455 wants it, a ping follows, and the goodbye is clean', async (t) => {
  const frames: Buffer[] = []
  const { server, requests } = await webSocketServer(
    t,
    (request) => switched(request, 'Sec-WebSocket-Protocol: amqp\r\n'),
    (octets, socket) => {
      frames.push(octets)
      pongs(octets, socket)
    },
  )
  const seen = await ask(server, { protocols: ['amqp'], path: '/$servicebus/websocket?x=1' })
  assert.deepEqual([seen.outcome, seen.status], ['response', 101])
  const { pongMs, ...upgraded } = seen.upgrade ?? {}
  assert.deepEqual(upgraded, { offered: ['amqp'], outcome: 'accepted', protocol: 'amqp', heard: 'pong' })
  assert.ok(pongMs !== undefined && pongMs >= 0)
  const [request = ''] = requests
  assert.match(request, /^GET \/\$servicebus\/websocket\?x=1 HTTP\/1\.1\r\nHost: app\.corp\.example:8080\r\n/)
  assert.match(request, /\r\nUser-Agent: postern\/test\r\n/)
  assert.match(request, /\r\nConnection: Upgrade\r\n/)
  assert.match(request, /\r\nSec-WebSocket-Protocol: amqp\r\n/)
  await server.idle()
  assert.deepEqual(
    frames.map(([first]) => first),
    [0x89, 0x88],
  )
  assert.equal(frames[1] && unmasked(frames[1]).readUInt16BE(0), 1000)
})

test('a server that talks first and pings is heard until its pong', async (t) => {
  const answers: number[] = []
  const { server } = await webSocketServer(
    t,
    (request) => switched(request, '', Buffer.concat([frame(1, Buffer.from('hello')), frame(9, Buffer.from('there'))])),
    (octets, socket) => {
      answers.push(octets[0] ?? 0)
      for (let at = 0; at < octets.length; at += 6 + ((octets[at + 1] ?? 0) & 0x7f)) {
        pongs(octets.subarray(at, at + 6 + ((octets[at + 1] ?? 0) & 0x7f)), socket)
      }
    },
  )
  assert.equal((await ask(server)).upgrade?.heard, 'pong')
  assert.ok(answers.length > 0)
})

for (const { does, answers, upgrade: expected } of [
  {
    does: 'closes instead of a pong',
    answers: (_: Buffer, socket: Socket) => socket.end(frame(8, Buffer.from([0x03, 0xf0]))),
    upgrade: { outcome: 'accepted', heard: 'close', closeCode: 1008 },
  },
  {
    does: 'ends the connection at the first frame',
    answers: (_: Buffer, socket: Socket) => socket.end(),
    upgrade: { outcome: 'accepted', heard: 'ended' },
  },
  {
    does: 'resets the connection at the first frame',
    answers: (_: Buffer, socket: Socket) => socket.resetAndDestroy(),
    upgrade: { outcome: 'accepted', heard: 'ended' },
  },
  {
    does: 'sends the ping back as it came, masked',
    answers: (octets: Buffer, socket: Socket) => socket.write(octets),
    upgrade: { outcome: 'accepted', heard: 'violation', why: 'a server frame is masked' },
  },
  {
    does: 'announces a frame of 2^63 octets',
    answers: (_: Buffer, socket: Socket) => socket.write(Buffer.from([0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0])),
    upgrade: { outcome: 'accepted', heard: 'violation' },
  },
  {
    does: 'sends a reserved opcode',
    answers: (_: Buffer, socket: Socket) => socket.write(Buffer.from([0x83, 0])),
    upgrade: { outcome: 'accepted', heard: 'violation', why: 'the opcode 3 is reserved' },
  },
  {
    does: 'sends a close frame of one octet',
    answers: (_: Buffer, socket: Socket) => socket.write(frame(8, Buffer.from([3]))),
    upgrade: { outcome: 'accepted', heard: 'violation', why: 'a close frame that says nothing valid' },
  },
] as const) {
  test(`a server that ${does} is told so`, async (t) => {
    const { server } = await webSocketServer(t, (request) => switched(request), answers)
    const seen = await ask(server)
    assert.deepEqual([seen.outcome, seen.status], ['response', 101])
    for (const [key, value] of Object.entries(expected)) {
      assert.equal(seen.upgrade?.[key as keyof typeof seen.upgrade], value, key)
    }
    await server.idle()
  })
}

test('a ping that nobody answers leaves the handshake proven', async (t) => {
  const { server } = await webSocketServer(t, (request) => switched(request))
  const seen = await ask(server, { timeoutMs: 300 })
  assert.deepEqual([seen.outcome, seen.upgrade?.outcome, seen.upgrade?.heard], ['response', 'accepted', 'nothing'])
  await server.idle()
})

test('a server that talks and never answers the ping is left after a while', async (t) => {
  const { server } = await webSocketServer(t, (request) =>
    switched(request, '', Buffer.concat(Array.from({ length: 100 }, () => frame(1, Buffer.from('tick'))))),
  )
  assert.equal((await ask(server)).upgrade?.heard, 'frame')
})

for (const { says, answer, outcome, status, upgrade: expected } of [
  {
    says: '101 with the accept of another key',
    answer: (request: string) =>
      switched(request)
        .toString('latin1')
        .replace(/Accept: .*\r/, 'Accept: AAAA\r'),
    outcome: 'response',
    status: 101,
    upgrade: { outcome: 'not-websocket', why: 'Sec-WebSocket-Accept does not belong to the key' },
  },
  {
    says: '426 with what it wants',
    answer: () => 'HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nContent-Length: 0\r\n\r\n',
    outcome: 'response',
    status: 426,
    upgrade: { outcome: 'not-switched' },
  },
  {
    says: '401 with a tracking id in its status line',
    answer: () =>
      'HTTP/1.1 401 MissingToken: Relay security token is required. TrackingId:1f2e3d4c-aaaa-bbbb-cccc-0123456789ab_G1, SystemTracker:ns\r\nContent-Length: 0\r\n\r\n',
    outcome: 'response',
    status: 401,
    upgrade: { outcome: 'not-switched', trackingId: '1f2e3d4c-aaaa-bbbb-cccc-0123456789ab_G1' },
  },
  {
    says: 'a page',
    answer: () => 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 22\r\n\r\n<title>Blocked</title>',
    outcome: 'response',
    status: 200,
    upgrade: { outcome: 'not-switched' },
  },
  {
    says: 'a banner',
    answer: () => 'SSH-2.0-dropbear\r\n',
    outcome: 'not-http',
    status: undefined,
    upgrade: undefined,
  },
] as const) {
  test(`${says} is kept as it is`, async (t) => {
    const { server } = await webSocketServer(t, answer)
    const seen = await ask(server)
    assert.deepEqual([seen.outcome, seen.status], [outcome, status])
    assert.deepEqual(seen.upgrade, expected && { offered: [], ...expected })
    if (says === 'a page') assert.equal(seen.body.title, 'Blocked')
    await server.idle()
  })
}

test('headers without end are too large, silence is a time-out, and an abort ends at once', async (t) => {
  const endless = await webSocketServer(t, () => `HTTP/1.1 101 x\r\n${'X-More: 0123456789\r\n'.repeat(5000)}`)
  assert.equal((await ask(endless.server)).outcome, 'too-large')
  const silent = await webSocketServer(t, () => '')
  const dripping = await tcpServer(t, (socket) => {
    const drip = setInterval(() => socket.write('H'), 5)
    socket.once('close', () => clearInterval(drip))
    socket.write('HTTP/1.1 101 x\r\nX: ')
  })
  const begun = await ask(dripping, { timeoutMs: 100 })
  assert.equal(begun.outcome, 'timeout')
  assert.ok((begun.bytesIn ?? 0) > 0)
  assert.equal((await ask(silent.server, { timeoutMs: 50 })).outcome, 'timeout')
  const aborted = await ask(silent.server, { signal: AbortSignal.abort() })
  assert.equal(aborted.outcome, 'aborted')
  const during = new AbortController()
  const pinged = await webSocketServer(
    t,
    (request) => switched(request),
    () => during.abort(),
  )
  assert.equal((await ask(pinged.server, { signal: during.signal })).outcome, 'aborted')
})

test('whatever a server says behind the handshake, it comes to an observation', async (t) => {
  let next: Uint8Array = new Uint8Array()
  const { server } = await webSocketServer(
    t,
    (request) => switched(request, '', next),
    (_, socket) => socket.end(),
  )
  const known = new Set(['pong', 'close', 'frame', 'violation', 'ended'])
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (octets) => {
      next = octets
      const seen = await ask(server)
      assert.equal(seen.outcome, 'response')
      assert.ok(known.has(seen.upgrade?.heard ?? ''), String(seen.upgrade?.heard))
    }),
    { numRuns: 100 },
  )
})

test('whatever a server says to the handshake, it comes to an observation', async (t) => {
  let next = ''
  const { server } = await tcpServerSaying(t, () => next)
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string({ maxLength: 300 }),
        fc.string({ maxLength: 100 }).map((text) => `HTTP/1.1 101 x\r\n${text}\r\n\r\n`),
      ),
      async (text) => {
        next = text
        const seen = await ask(server)
        assert.notEqual(seen.upgrade?.outcome, 'accepted')
        assert.ok(['response', 'not-http', 'closed', 'reset'].includes(seen.outcome), seen.outcome)
      },
    ),
    { numRuns: 100 },
  )
})

async function tcpServerSaying(t: TestContext, text: () => string) {
  const server = await tcpServer(t, (socket) => {
    socket.once('data', () => socket.end(text()))
  })
  return { server }
}
