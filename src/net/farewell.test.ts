import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { tcpServer } from '../../test/tcpServer.ts'
import { systemClock } from './clock.ts'
import { farewell } from './farewell.ts'

const nothing = new Uint8Array()
const few = Uint8Array.from([1, 2, 3])

async function dialled(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

/** A server that keeps its half open, as one does that hangs: its kernel takes what comes. */
async function hanging(t: TestContext): Promise<number> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    t.after(() => socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  return address.port
}

test('who is there leaves when we do, with a word heard or without one', async (t) => {
  const server = await tcpServer(t, (socket) => socket.resume())
  const left = await farewell(await dialled(server.port), nothing, { signal: t.signal, timeoutMs: 1000 }, systemClock)
  assert.deepEqual(left, { bytesOut: 0, bytesIn: 0, outcome: 'ended' })
  const after = await farewell(await dialled(server.port), few, { signal: t.signal, timeoutMs: 1000 }, systemClock)
  assert.deepEqual(after, { bytesOut: 3, bytesIn: 0, outcome: 'ended' })
})

test('what is answered before the end is counted', async (t) => {
  const server = await tcpServer(t, (socket) => socket.once('data', () => socket.end('no')))
  const { bytesIn, outcome } = await farewell(
    await dialled(server.port),
    few,
    { signal: t.signal, timeoutMs: 1000 },
    systemClock,
  )
  assert.deepEqual([bytesIn, outcome], [2, 'ended'])
})

test('a reset is an answer', async (t) => {
  const server = await tcpServer(t, (socket) => socket.once('data', () => socket.resetAndDestroy()))
  const { outcome } = await farewell(
    await dialled(server.port),
    few,
    { signal: t.signal, timeoutMs: 1000 },
    systemClock,
  )
  assert.equal(outcome, 'reset')
})

test('a service that hangs says nothing, and its kernel gives the sign of life all the same', async (t) => {
  const port = await hanging(t)
  const limits = { signal: t.signal, timeoutMs: 3000 }
  const [wordless, brief] = await Promise.all([
    farewell(await dialled(port), nothing, limits, systemClock),
    farewell(await dialled(port), few, { ...limits, timeoutMs: 300 }, systemClock),
  ])
  assert.deepEqual([wordless.outcome, brief.outcome], ['silence', 'silence'])
})

test('an abort ends the wait at once, and the connection', async (t) => {
  const socket = await dialled(await hanging(t))
  const abort = new AbortController()
  const left = farewell(socket, nothing, { signal: abort.signal, timeoutMs: 60_000 }, systemClock)
  abort.abort()
  assert.equal((await left).outcome, 'aborted')
  assert.ok(socket.destroyed)
})

test('what was closed before we leave has left', async (t) => {
  const server = await tcpServer(t, (socket) => socket.end())
  const socket = await dialled(server.port)
  socket.resume()
  await once(socket, 'close')
  const { outcome } = await farewell(socket, nothing, { signal: t.signal, timeoutMs: 500 }, systemClock)
  assert.equal(outcome, 'ended')
})

test('a connection is held without a word, and then left', async (t) => {
  const server = await tcpServer(t, (socket) => socket.resume())
  const limits = { signal: t.signal, timeoutMs: 1000 }
  const { heldMs = 0, ...left } = await farewell(await dialled(server.port), nothing, limits, systemClock, 50)
  assert.ok(heldMs >= 49, `held for ${heldMs}`)
  assert.deepEqual(left, { bytesOut: 0, bytesIn: 0, outcome: 'ended' })
})

test('who leaves while it is held is not waited for', async (t) => {
  const server = await tcpServer(t, (socket) => socket.resume())
  const limits = { signal: t.signal, timeoutMs: 1000 }
  const socket = await dialled(server.port)
  const leaving = farewell(socket, nothing, limits, systemClock, 600_000)
  while (server.open.size === 0) await new Promise((resolve) => setImmediate(resolve))
  for (const one of server.open) one.resetAndDestroy()
  const left = await leaving
  assert.equal(left.outcome, 'reset')
})
