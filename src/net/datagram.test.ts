import assert from 'node:assert/strict'
import type { Socket } from 'node:dgram'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { handlesLeft, openHandles } from '../../test/openHandles.ts'
import { systemClock } from './clock.ts'
import { datagram } from './datagram.ts'
import { traitsOf } from './platformTraits.ts'

const never = new AbortController().signal

async function udpServer(t: TestContext, onMessage: (socket: Socket, octets: Buffer, port: number) => void) {
  const socket = createSocket('udp4', (octets, from) => onMessage(socket, octets, from.port))
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.after(() => socket.close())
  return { address: '127.0.0.1', port: socket.address().port }
}

test('the first answer is given, with the octets of both ways', async (t) => {
  const server = await udpServer(t, (socket, octets, port) => {
    socket.send(Buffer.concat([octets, octets]), port, '127.0.0.1')
  })
  const { seen, answer } = await datagram(server, Buffer.from('ab'), { signal: never, timeoutMs: 5000 }, systemClock)
  assert.deepEqual([seen.outcome, seen.bytesOut, seen.bytesIn], ['answer', 2, 4])
  assert.equal(answer && Buffer.from(answer).toString(), 'abab')
})

test('what answers another question is passed over, and a listener of Postern’s ends the wait', async (t) => {
  const said = ['another question', 'postern listen 0.1.0 dc01 88/udp']
  const server = await udpServer(t, (socket, _, port) => {
    for (const one of said) socket.send(one, port, '127.0.0.1')
  })
  const limits = { signal: t.signal, timeoutMs: 600_000 }
  const { seen, answer } = await datagram(server, Buffer.from('ab'), limits, systemClock, () => false)
  assert.equal(answer && Buffer.from(answer).toString(), said[1])
  assert.match(seen.listener ?? '', /^postern listen/)
})

test('a closed port is refused, since the socket is connected', async () => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  await once(socket, 'close')
  const to = { address: '127.0.0.1', port }
  const { seen, answer } = await datagram(to, Buffer.from('ab'), { signal: never, timeoutMs: 5000 }, systemClock)
  assert.deepEqual([seen.outcome, seen.code, answer], ['refused', 'ECONNREFUSED', undefined])
})

test('silence ends in the time-out', async (t) => {
  const server = await udpServer(t, () => {})
  const { seen } = await datagram(server, Buffer.from('ab'), { signal: never, timeoutMs: 20 }, systemClock)
  assert.equal(seen.outcome, 'timeout')
})

test('where a refusal does not come through, a silence says so, and nothing else does', async (t) => {
  const windows = traitsOf('win32')
  const limits = { signal: never, timeoutMs: 20 }
  const any = (): boolean => true
  const server = await udpServer(t, () => {})
  const { seen } = await datagram(server, Buffer.from('ab'), limits, systemClock, any, windows)
  assert.deepEqual([seen.outcome, seen.refusalUnheard], ['timeout', true])
  const elsewhere = await datagram(server, Buffer.from('ab'), limits, systemClock, any, traitsOf('darwin'))
  assert.equal('refusalUnheard' in elsewhere.seen, false)
  const answering = await udpServer(t, (socket, octets, port) => socket.send(octets, port, '127.0.0.1'))
  const patient = { signal: never, timeoutMs: 60_000 }
  const answered = await datagram(answering, Buffer.from('ab'), patient, systemClock, any, windows)
  assert.equal('refusalUnheard' in answered.seen, false)
  const calledOff = { signal: AbortSignal.abort(), timeoutMs: 60_000 }
  const aborted = await datagram(server, Buffer.from('ab'), calledOff, systemClock, any, windows)
  assert.deepEqual([aborted.seen.outcome, 'refusalUnheard' in aborted.seen], ['aborted', false])
})

test('a caller who gives up is told so, and no socket stays open', async (t) => {
  const server = await udpServer(t, () => {})
  const before = openHandles('UDPWrap')
  const controller = new AbortController()
  const waiting = datagram(server, Buffer.from('ab'), { signal: controller.signal, timeoutMs: 600_000 }, systemClock)
  await new Promise((resolve) => setImmediate(resolve))
  controller.abort()
  assert.equal((await waiting).seen.outcome, 'aborted')
  assert.ok((await handlesLeft('UDPWrap', before)) <= before)
})

test('a datagram too long for UDP is an error, not an exception', async (t) => {
  const server = await udpServer(t, () => {})
  const { seen } = await datagram(server, Buffer.alloc(70_000), { signal: never, timeoutMs: 5000 }, systemClock)
  assert.deepEqual([seen.outcome, seen.code], ['error', 'EMSGSIZE'])
})
