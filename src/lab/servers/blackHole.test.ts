import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createConnection, createServer } from 'node:net'
import { test } from 'node:test'
import { openBlackHole } from './blackHole.ts'

const skip = process.platform === 'win32' ? 'Windows refuses what does not fit the queue' : false

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const bound = server.address()
  assert.ok(bound !== null && typeof bound === 'object')
  server.close()
  await once(server, 'close')
  return bound.port
}

/** `connected`, `refused`, or `nothing` when no answer came for a while that is long on loopback. */
async function knock(port: number): Promise<string> {
  const socket = createConnection({ host: '127.0.0.1', port })
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(300) })
    return 'connected'
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED' ? 'refused' : 'nothing'
  } finally {
    socket.on('error', () => {})
    socket.destroy()
  }
}

test('a black hole swallows every connection attempt, and its port is closed afterwards', { skip }, async () => {
  const port = await freePort()
  const hole = await openBlackHole('127.0.0.1', port, new AbortController().signal)
  assert.deepEqual(await Promise.all([knock(port), knock(port), knock(port)]), ['nothing', 'nothing', 'nothing'])
  await hole.close()
  assert.equal(await knock(port), 'refused')
})

test('a port that is taken cannot be made a black hole, and the reason is given', async () => {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const bound = server.address()
  assert.ok(bound !== null && typeof bound === 'object')
  await assert.rejects(openBlackHole('127.0.0.1', bound.port, new AbortController().signal), /EADDRINUSE/)
  server.close()
  await once(server, 'close')
})

test('an abort while the queue is being filled leaves nothing behind', { skip }, async () => {
  const port = await freePort()
  const abort = new AbortController()
  const opening = openBlackHole('127.0.0.1', port, abort.signal)
  setTimeout(() => abort.abort(new Error('enough')), 100)
  await assert.rejects(opening)
  assert.equal(await knock(port), 'refused')
})
