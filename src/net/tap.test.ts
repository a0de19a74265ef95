import assert from 'node:assert/strict'
import { Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { tcpServer } from '../../test/tcpServer.ts'
import { Tap } from './tap.ts'

async function tapOf(
  t: TestContext,
  onConnection: (socket: Socket) => void,
): Promise<{ readonly tap: Tap; readonly socket: Socket }> {
  const { address, port } = await tcpServer(t, onConnection)
  const socket = new Socket()
  const connected = new Promise((resolve) => socket.once('connect', resolve))
  socket.connect({ host: address, port, autoSelectFamily: false })
  await connected
  const tap = new Tap(socket)
  tap.on('error', () => {})
  t.after(() => tap.destroy())
  return { tap, socket }
}

test('octets pass both ways, and the first that came are kept', async (t) => {
  const { tap } = await tapOf(t, (socket) => void socket.pipe(socket))
  const sent = Buffer.alloc(100_000, 'abc')
  tap.end(sent)
  const echoed: Buffer[] = []
  for await (const octets of tap) echoed.push(octets)
  assert.ok(Buffer.concat(echoed).equals(sent))
  assert.ok(tap.firstOctets.equals(sent.subarray(0, 16_384)))
  tap.forget()
  assert.equal(tap.firstOctets.length, 0)
})

test('what is not read is not taken from the connection either', async (t) => {
  const whole = 32 * 1_048_576
  const { socket } = await tapOf(t, (accepted) => void accepted.write(Buffer.alloc(whole)))
  while (socket.bytesRead === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  await new Promise((resolve) => setTimeout(resolve, 200))
  assert.ok(socket.bytesRead < whole / 8, `${socket.bytesRead} octets were taken`)
})

test('a reset of the connection ends the tap with its code', async (t) => {
  const { tap } = await tapOf(t, (socket) => setTimeout(() => socket.resetAndDestroy(), 5))
  const error = await new Promise<NodeJS.ErrnoException>((resolve) => tap.once('error', resolve))
  assert.equal(error.code, 'ECONNRESET')
  assert.ok(tap.destroyed)
})
