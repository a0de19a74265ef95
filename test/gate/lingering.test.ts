import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { connect } from 'node:tls'
import { headOf, octetsOf, statusesIn } from './attacks/shoot.ts'
import { openTestGate } from './openTestGate.ts'

const handshake = headOf(
  'GET /live/chat HTTP/1.1',
  'Host: {host}',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  `Sec-WebSocket-Key: ${'A'.repeat(22)}==`,
)

test('a client that is refused a WebSocket and does not go is cut', { timeout: 60_000 }, async (t) => {
  const gate = await openTestGate(t)
  const { port, caPem: ca } = gate
  // It never ends its side, whatever the gate does with its own.
  const socket = connect({ host: '127.0.0.1', port, ca, servername: 'localhost' })
  socket.allowHalfOpen = true
  socket.on('error', () => {})
  t.after(() => void socket.destroy())
  await once(socket, 'secureConnect')
  let came = ''
  socket.on('data', (chunk: Buffer) => {
    came += chunk.toString('latin1')
  })
  socket.write(octetsOf(gate, handshake))
  await once(socket, 'end')
  assert.deepEqual(statusesIn(came), [401])
  // Of the gate's own side, which the client cannot see while it sends nothing.
  while (gate.serving.listener.connections > 0) await new Promise((resolve) => setTimeout(resolve, 50))
})

test('a body that nobody reads is not read for ever', { timeout: 60_000 }, async (t) => {
  const gate = await openTestGate(t, (yaml) =>
    yaml.replace('gate:\n', 'gate:\n  limits: { body-idle-seconds: 1, idle-seconds: 1 }\n'),
  )
  const { port, caPem: ca } = gate
  const socket = connect({ host: '127.0.0.1', port, ca, servername: 'localhost' })
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  let came = ''
  socket
    .on('error', () => {})
    .on('data', (chunk: Buffer) => {
      came += chunk.toString('latin1')
    })
  const chunk = `10000\r\n${'a'.repeat(65_536)}\r\n`
  const send = (): void => {
    while (!socket.destroyed && socket.write(chunk));
  }
  socket.on('drain', send)
  socket.write(octetsOf(gate, headOf('POST /team HTTP/1.1', 'Host: {host}', 'Transfer-Encoding: chunked')))
  send()
  await closed
  assert.deepEqual(statusesIn(came), [401])
})

test('requests for another host do not fill the record', { timeout: 60_000 }, async (t) => {
  const gate = await openTestGate(t, (yaml) =>
    yaml.replace('folder: state/record', 'folder: state/record, refusals-per-minute: 2'),
  )
  const { port, caPem: ca } = gate
  const socket = connect({ host: '127.0.0.1', port, ca, servername: 'localhost' })
  const asked = 20
  let came = ''
  const answered = new Promise<void>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      came += chunk.toString('latin1')
      if (statusesIn(came).length < asked) socket.write(octetsOf(gate, headOf('GET / HTTP/1.1', 'Host: evil.example')))
      else resolve()
    })
  })
  socket.write(octetsOf(gate, headOf('GET / HTTP/1.1', 'Host: evil.example')))
  await answered
  socket.destroy()
  const told = (await gate.recorded()).filter(({ reason }) => reason === 'host-not-served')
  assert.deepEqual(
    told.map(({ count }) => count),
    [undefined, undefined, asked - 2],
  )
  // What the client was told is how it is found.
  const first = /"traceId":"([0-9a-f]{32})"/.exec(came)?.[1]
  assert.deepEqual([told[0]?.traceId, first !== undefined], [first, true])
})
