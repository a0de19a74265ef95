import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { AddressInfo, Server, Socket } from 'node:net'
import { createServer } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { createSecureContext, createServer as createTlsServer } from 'node:tls'
import { handlesLeft } from '../../test/openHandles.ts'
import { makeCertificate } from '../../test/pki.ts'
import type { FrameTransport } from './sendFrames.ts'
import { sendFrames } from './sendFrames.ts'

const host = 'siem.corp.example'
const root = await makeCertificate({ subject: 'CN=Test Root', ca: true })
const names = [{ type: 'dns', value: host }] as const
const leaf = await makeCertificate({ subject: `CN=${host}`, issuer: root, servesTls: true, names })
const frames = ['5 first', '6 second'].map((text) => Buffer.from(text))

/** A listener that does with a connection what it is told, and keeps what came. */
async function listen(t: TestContext, transport: 'tls' | 'tcp', welcome: (socket: Socket) => void = () => {}) {
  const came: Buffer[] = []
  const sockets = new Set<Socket>()
  const take = (socket: Socket): void => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', (part: Buffer) => came.push(part))
    welcome(socket)
  }
  const server: Server =
    transport === 'tls' ? createTlsServer({ cert: leaf.pem, key: leaf.keyPem }, take) : createServer(take)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening', { signal: t.signal })
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, text: () => Buffer.concat(came).toString() }
}

interface Sending {
  readonly as?: string
  readonly trusts?: boolean
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

function send(t: TestContext, transport: FrameTransport, port: number, sending: Sending = {}) {
  const { as = host, trusts = true, timeoutMs = 5000, signal = t.signal } = sending
  return sendFrames(
    transport,
    { host: as, port: 6514 },
    frames,
    { signal, timeoutMs },
    {
      names: { [as]: `127.0.0.1:${port}` },
      secureContext: () => createSecureContext({ ca: trusts ? [root.pem] : [] }),
    },
  )
}

for (const transport of ['tls', 'tcp'] as const) {
  test(`frames go over ${transport} in their order, and a receiver that leaves has read them`, async (t) => {
    const { port, text } = await listen(t, transport)
    assert.deepEqual(await send(t, transport, port), { kind: 'sent', isHeard: true })
    assert.equal(text(), '5 first6 second')
  })

  test(`a receiver over ${transport} that hangs up at once has read nothing`, async (t) => {
    const { port } = await listen(t, transport, (socket) => socket.destroy())
    const sent = await send(t, transport, port)
    assert.equal(sent.kind === 'failed' && sent.why, 'unreachable')
  })
}

test('a receiver that resets with things unread has not read them', async (t) => {
  const { port } = await listen(t, 'tcp', (socket) => {
    socket.pause()
    setTimeout(() => socket.resetAndDestroy(), 50)
  })
  const sent = await send(t, 'tcp', port)
  assert.equal(sent.kind === 'failed' && sent.why, 'unreachable')
})

test('a receiver that never leaves was sent everything, and whether it has read it is not said', async (t) => {
  const { port, text } = await listen(t, 'tcp', (socket) => {
    socket.removeAllListeners('end')
    socket.end = () => socket
  })
  assert.deepEqual(await send(t, 'tcp', port, { timeoutMs: 300 }), { kind: 'sent', isHeard: false })
  assert.equal(text(), '5 first6 second')
})

test('nothing is said to a receiver whose certificate is not trusted, or of another name', async (t) => {
  const { port, text } = await listen(t, 'tls')
  for (const sending of [{ trusts: false }, { as: 'other.corp.example' }]) {
    const sent = await send(t, 'tls', port, sending)
    assert.equal(sent.kind === 'failed' && sent.why, 'untrusted')
  }
  assert.equal(text(), '')
})

test('a receiver that takes connections and shakes no hands is left in time', async (t) => {
  const { port } = await listen(t, 'tcp')
  const sent = await send(t, 'tls', port, { timeoutMs: 200 })
  assert.deepEqual(sent, { kind: 'failed', why: 'timed-out', says: 'siem.corp.example:6514 did not answer in time' })
})

test('an abort ends it, and leaves nothing open', async (t) => {
  const { port } = await listen(t, 'tcp')
  const ending = new AbortController()
  const sending = send(t, 'tls', port, { signal: ending.signal })
  setTimeout(() => ending.abort(), 50)
  const sent = await sending
  assert.equal(sent.kind === 'failed' && sent.why, 'aborted')
  assert.ok((await handlesLeft('TCPSocketWrap', 1)) <= 1)
})

test('each frame is a datagram over udp, of which nobody says that it came', async (t) => {
  const socket = createSocket('udp4')
  const came: string[] = []
  socket.on('message', (octets) => came.push(octets.toString()))
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.after(() => socket.close())
  assert.deepEqual(await send(t, 'udp', socket.address().port), { kind: 'sent', isHeard: false })
  assert.deepEqual(came, ['5 first', '6 second'])
})

test('where nobody listens it is told, over udp too', async (t) => {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  await once(socket, 'close')
  for (const transport of ['tcp', 'udp'] as const) {
    const sent = await send(t, transport, port)
    assert.equal(sent.kind === 'failed' && sent.says, 'siem.corp.example:6514 is not reached (ECONNREFUSED)')
  }
})

test('a place to which there is no way over udp is told, and brings nothing down', async (t) => {
  // Nobody may send to all at once without asking for it: the system refuses before anything is sent.
  const everybody = '255.255.255.255'
  const tools = { names: {}, secureContext: () => createSecureContext() }
  const sent = await sendFrames(
    'udp',
    { host: everybody, port: 514 },
    frames,
    { signal: t.signal, timeoutMs: 5000 },
    tools,
  )
  assert.deepEqual(sent, { kind: 'failed', why: 'unreachable', says: `${everybody}:514 is not reached (EACCES)` })
})
