import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { acceptSocket } from './webSocket.ts'

async function listening(t: TestContext): Promise<number> {
  const server = createServer().on('upgrade', acceptSocket).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return (server.address() as AddressInfo).port
}

test('the platform’s own client opens a WebSocket and closes it cleanly', async (t) => {
  const socket = new WebSocket(`ws://127.0.0.1:${await listening(t)}/live`)
  const closed = once(socket, 'close')
  await once(socket, 'open')
  socket.close(1000, 'done')
  const [{ wasClean, code }] = await closed
  assert.deepEqual([wasClean, code], [true, 1000])
})

for (const { what, head, answer } of [
  { what: 'another protocol', head: 'Upgrade: h2c\r\nSec-WebSocket-Key: x', answer: '400' },
  { what: 'a WebSocket without a key', head: 'Upgrade: websocket', answer: '400' },
  { what: 'a WebSocket', head: 'Upgrade: WebSocket\r\nSec-WebSocket-Key: x', answer: '101' },
]) {
  test(`a wish for ${what} is answered ${answer}`, async (t) => {
    const socket = connect(await listening(t), '127.0.0.1')
    t.after(() => socket.destroy())
    socket.write(`GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n${head}\r\n\r\n`)
    const [octets] = await once(socket, 'data')
    assert.equal(String(octets).slice(9, 12), answer)
  })
}

test('a ping comes back as a pong, in pieces as well, and who never ends a frame is left', async (t) => {
  const socket = connect(await listening(t), '127.0.0.1')
  t.after(() => socket.destroy())
  socket.on('error', () => {})
  socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n')
  await once(socket, 'data')
  const ping = Buffer.from([0x89, 0x82, 1, 2, 3, 4, 0x68 ^ 1, 0x69 ^ 2])
  socket.write(ping.subarray(0, 3))
  await new Promise((resolve) => setImmediate(resolve))
  socket.write(ping.subarray(3))
  const [pong] = await once(socket, 'data')
  assert.deepEqual([...pong], [0x8a, 2, 0x68, 0x69])
  const gone = once(socket, 'close')
  socket.write(Buffer.alloc(64 * 1024, 0xff))
  socket.resume()
  await gone
})
