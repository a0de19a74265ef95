import assert from 'node:assert/strict'
import { getEventListeners, once } from 'node:events'
import { createServer } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { blackHole } from '../../test/blackHole.ts'
import { handlesLeft, openHandles } from '../../test/openHandles.ts'
import { tcpServer } from '../../test/tcpServer.ts'
import { systemClock } from './clock.ts'
import { connect, failedAttempt } from './connect.ts'
import { createNet } from './createNet.ts'
import { exchange } from './exchange.ts'
import { traitsOf } from './platformTraits.ts'

const never = new AbortController().signal

/** A port on which nothing listens: one that was given out a moment ago and closed again. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

const ipv6 = await new Promise<boolean>((resolve) => {
  const server = createServer().once('error', () => resolve(false))
  server.listen(0, '::1', () => server.close(() => resolve(true)))
})

test('an open port is connected to, from a stated local address', async (t) => {
  const server = await tcpServer(t, () => {})
  const { seen, socket } = await connect(server, { signal: never, timeoutMs: 5000 }, systemClock)
  assert.equal(seen.outcome, 'connected')
  assert.equal(seen.localAddress, '127.0.0.1')
  assert.equal(seen.code, undefined)
  socket?.destroy()
  await server.idle()
})

test('an open port is connected to over IPv6', { skip: !ipv6 && 'this machine has no ::1' }, async (t) => {
  const server = await tcpServer(t, () => {}, '::1')
  const { seen, socket } = await connect(server, { signal: never, timeoutMs: 5000 }, systemClock)
  assert.deepEqual([seen.outcome, seen.address, seen.localAddress], ['connected', '::1', '::1'])
  socket?.destroy()
  await server.idle()
})

test('a closed port refuses', async () => {
  const to = { address: '127.0.0.1', port: await closedPort() }
  const { seen, socket } = await connect(to, { signal: never, timeoutMs: 5000 }, systemClock)
  assert.equal(seen.outcome, 'refused')
  assert.equal(seen.code, 'ECONNREFUSED')
  assert.equal(socket, undefined)
})

test('what a rule of this machine forbids has a word of its own on Windows, and no other failure has', () => {
  const windows = traitsOf('win32')
  assert.deepEqual(failedAttempt('EACCES', '::1', windows), { outcome: 'admin-prohibited', code: 'WSAEACCES' })
  assert.deepEqual(failedAttempt('EACCES', '::1', traitsOf('linux')), { outcome: 'admin-prohibited', code: 'EACCES' })
  assert.deepEqual(failedAttempt('ECONNREFUSED', '127.0.0.1', windows), { outcome: 'refused', code: 'ECONNREFUSED' })
  assert.deepEqual(failedAttempt('EADDRINUSE', '127.0.0.1', windows), { outcome: 'tool-limit', code: 'EADDRINUSE' })
  assert.deepEqual(failedAttempt(undefined, '127.0.0.1', windows), { outcome: 'error' })
})

test('a port that swallows connections ends in the time-out, or at once when the caller gives up', async (t) => {
  const hole = await blackHole(t)
  const { seen } = await connect(hole, { signal: never, timeoutMs: 50 }, systemClock)
  assert.deepEqual([seen.outcome, seen.code], ['timeout', undefined])

  const controller = new AbortController()
  const before = openHandles('TCPSocketWrap')
  const waiting = connect(hole, { signal: controller.signal, timeoutMs: 600_000 }, systemClock)
  controller.abort()
  assert.equal((await waiting).seen.outcome, 'aborted')
  assert.ok((await handlesLeft('TCPSocketWrap', before)) <= before)
  assert.equal(getEventListeners(controller.signal, 'abort').length, 0)
})

test('a connection that is reset after it was handed over does not bring the process down', async (t) => {
  const server = await tcpServer(t, () => {})
  const { socket } = await connect(server, { signal: never, timeoutMs: 5000 }, systemClock)
  assert.ok(socket)
  const closed = new Promise((resolve) => socket.once('close', resolve))
  while (server.open.size === 0) await new Promise((resolve) => setImmediate(resolve))
  for (const accepted of server.open) accepted.resetAndDestroy()
  await closed
})

/** A server on a thread of its own that resets each connection at once; the counter says how many it has. */
async function resettingThread(t: TestContext): Promise<{ address: string; port: number; resets: Int32Array }> {
  const resets = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(
    `const { parentPort, workerData } = require('node:worker_threads')
     const server = require('node:net').createServer((socket) => {
       socket.on('error', () => {})
       socket.resetAndDestroy()
       Atomics.add(workerData, 0, 1)
       Atomics.notify(workerData, 0)
     })
     server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))`,
    { eval: true, workerData: resets },
  )
  t.after(() => worker.terminate())
  const [port] = await once(worker, 'message')
  return { address: '127.0.0.1', port: Number(port), resets }
}

/** Asks, and looks away until the reset is there, as a process does that the machine leaves waiting. */
function askBusily<T>(resets: Int32Array, ask: () => Promise<T>): Promise<T> {
  const asked = ask()
  // The attempt itself is a tick away, and stands before this one.
  process.nextTick(() => Atomics.wait(resets, 0, 0, 10_000))
  return asked
}

for (const busy of [false, true]) {
  test(`a connection that is reset at once has stood, seen ${busy ? 'late' : 'in time'}`, async (t) => {
    const server = await resettingThread(t)
    const attempt = () => connect(server, { signal: never, timeoutMs: 20_000 }, systemClock)
    const { seen, socket } = await (busy ? askBusily(server.resets, attempt) : attempt())
    assert.deepEqual([seen.outcome, seen.code], ['connected', undefined])
    assert.ok(socket)
    const url = `http://a.example:${server.port}/`
    const question = { url, address: server.address, method: 'GET' } as const
    const tools = { clock: systemClock, userAgent: 'postern/test', maxBodyBytes: 1000 }
    const { seen: asked } = await exchange(socket, question, { signal: never, timeoutMs: 20_000 }, tools)
    assert.equal(asked.outcome, 'reset')
    assert.match(asked.code ?? '', /^(?:ECONNRESET|EPIPE)$/)
  })
}

test('what is asked over a connection that was reset before it was seen says so, and waits for nothing', async (t) => {
  const net = createNet({ trust: { site: [], machine: [], node: [] }, userAgent: 'postern/test' })
  const limits = { signal: never, timeoutMs: 600_000 }
  const resolverRole = 'internal'
  for (const keepOctets of [false, true]) {
    const server = await resettingThread(t)
    const { socket } = await askBusily(server.resets, () => net.connect(server, limits))
    assert.ok(socket)
    assert.equal((await net.handshake(socket, { ...server, keepOctets }, limits)).seen.outcome, 'reset')
  }
  const { resets, ...resolver } = await resettingThread(t)
  const looked = await askBusily(resets, () =>
    net.lookup({ name: 'a.example', type: 'A', resolver, resolverRole, transport: 'tcp' }, limits),
  )
  assert.deepEqual([looked.outcome, looked.detail], ['unreachable', 'ECONNRESET'])
  const proxy = await resettingThread(t)
  const tunnel = await askBusily(proxy.resets, () =>
    net.tunnel({ name: 'egress', ...proxy }, { host: 'a.example', port: 443 }, limits),
  )
  assert.deepEqual([tunnel.seen.outcome, tunnel.asked?.outcome, tunnel.socket], ['connected', 'reset', undefined])
})

test('the time of an attempt is told by the clock that was given', async () => {
  let ms = 100
  const clock = { now: () => 1_700_000_000_000, monotonicMs: () => (ms += 2.34) }
  const to = { address: '127.0.0.1', port: await closedPort() }
  const { seen } = await connect(to, { signal: never, timeoutMs: 5000 }, clock)
  assert.deepEqual([seen.at, seen.ms], ['2023-11-14T22:13:20.000Z', 2.3])
})

for (const to of [
  { address: 'localhost', port: 80 },
  { address: '127.0.0.1', port: 0 },
  { address: '127.0.0.1', port: 70_000 },
]) {
  test(`${to.address}:${to.port} is nothing to connect to`, async () => {
    await assert.rejects(connect(to, { signal: never, timeoutMs: 5 }, systemClock), RangeError)
  })
}
