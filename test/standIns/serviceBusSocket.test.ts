import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import fc from 'fast-check'
import { makeChain } from '../pki.ts'
import { hex, said } from './said.ts'
import type { ServiceBusSocketConduct } from './serviceBusSocket.ts'
import { openServiceBusSocket } from './serviceBusSocket.ts'

const chain = await makeChain()
const certificate = { cert: chain.leaf.pem + chain.intermediate.pem, key: chain.leaf.keyPem }
const tls = { ca: chain.root.pem, name: 'localhost' }
/** No answer has so many octets: all is heard until the server ends the connection. */
const all = { tls, awaits: 1_000_000 }

async function serviceBus(t: TestContext, conduct?: ServiceBusSocketConduct): Promise<number> {
  const place = { address: '127.0.0.1', port: 0 }
  const standIn = await openServiceBusSocket(place, { certificate, ...(conduct && { conduct }) })
  t.after(() => standIn.close())
  return standIn.port
}

const usual = {
  Host: 'standin.servicebus.windows.net',
  Upgrade: 'websocket',
  Connection: 'Upgrade',
  // The example of RFC 6455 §1.3, and what it is answered with.
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Protocol': 'amqp',
}
const accepted = 'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo='

function handshake(
  over: Partial<Record<keyof typeof usual, string>> = {},
  first = 'GET /$servicebus/websocket',
): Buffer {
  const fields = Object.entries({ ...usual, ...over }).map(([name, value]) => `${name}: ${value}`)
  return Buffer.from([`${first} HTTP/1.1`, ...fields, '\r\n'].join('\r\n'))
}

const ascii = (text: string): string => Buffer.from(text).toString('hex')

/** A frame of a client (RFC 6455 §5.2) with a payload of up to 125 octets, masked with zeros, which leave it as it is. */
const frame = (first: string, payload: string): Buffer =>
  hex(`${first} ${(0x80 + hex(payload).length).toString(16)} 00000000 ${payload}`)

const sasl = `${ascii('AMQP')} 03 01 00 00`
const close = (code: number): Buffer => hex(`88 02 ${code.toString(16).padStart(4, '0')}`)

/** The answer to a handshake, and what came in frames behind it. */
async function opened(port: number, frames: Buffer): Promise<{ readonly head: string; readonly behind: Buffer }> {
  const heard = await said(port, Buffer.concat([handshake(), frames]), all)
  const end = heard.indexOf('\r\n\r\n') + 4
  return { head: heard.toString('latin1', 0, end), behind: heard.subarray(end) }
}

test("the specification's own handshake is accepted with its own answer, and the subprotocol", async (t) => {
  const { head, behind } = await opened(await serviceBus(t), frame('88', '03e8'))
  assert.match(head, /^HTTP\/1\.1 101 Switching Protocols\r\n/)
  const fields = head.split('\r\n')
  for (const field of ['Upgrade: websocket', 'Connection: Upgrade', accepted, 'Sec-WebSocket-Protocol: amqp']) {
    assert.ok(fields.includes(field), field)
  }
  assert.deepEqual(behind, close(1000))
})

for (const { what, octets, status } of [
  { what: 'another path', octets: handshake({}, 'GET /'), status: 404 },
  { what: 'no subprotocol', octets: handshake({ 'Sec-WebSocket-Protocol': 'mqtt' }), status: 400 },
  { what: 'a key of another length', octets: handshake({ 'Sec-WebSocket-Key': 'c2hvcnQ=' }), status: 400 },
  {
    what: 'a key that is no base64',
    octets: handshake({ 'Sec-WebSocket-Key': '!GhlIHNhbXBsZSBub25jZQ==' }),
    status: 400,
  },
  { what: 'another version', octets: handshake({ 'Sec-WebSocket-Version': '8' }), status: 426 },
  { what: 'another upgrade', octets: handshake({ Upgrade: 'h2c' }), status: 400 },
  { what: 'another method', octets: handshake({}, 'POST /$servicebus/websocket'), status: 400 },
  { what: 'no upgrade', octets: handshake({ Connection: 'close' }), status: 426 },
]) {
  test(`${what} is met with ${status}`, async (t) => {
    const heard = await said(await serviceBus(t), octets, all)
    assert.match(heard.toString('latin1'), new RegExp(`^HTTP/1\\.1 ${status} `))
  })
}

test('a ping in the mask of the specification is answered with a pong of the same words', async (t) => {
  // RFC 6455 §5.7: a masked "Hello", here as a ping.
  const { behind } = await opened(await serviceBus(t), hex('89 85 37fa213d 7f9f4d5158 88 80 00000000'))
  assert.deepEqual(behind, hex(`8a 05 ${ascii('Hello')} 88 00`))
})

test('AMQP is spoken in binary frames, in as many as it comes in', async (t) => {
  const port = await serviceBus(t)
  const whole = await opened(port, Buffer.concat([frame('82', sasl), frame('88', '03e8')]))
  assert.deepEqual(whole.behind.subarray(0, 10), hex(`82 47 ${sasl}`))
  assert.match(whole.behind.toString('latin1'), /MSSBCBS.*PLAIN.*ANONYMOUS.*EXTERNAL/s)
  const parts = [frame('02', sasl.slice(0, 8)), frame('89', ''), frame('80', sasl.slice(8)), frame('88', '03e8')]
  const apart = await opened(port, Buffer.concat(parts))
  assert.deepEqual(apart.behind, Buffer.concat([hex('8a 00'), whole.behind]))
  const other = await opened(port, frame('82', `${ascii('AMQP')} 00 00 09 01`))
  assert.deepEqual(other.behind, Buffer.concat([hex(`82 08 ${sasl}`), close(1000)]))
})

for (const { what, octets, code } of [
  { what: 'a frame without a mask', octets: hex('82 00'), code: 1002 },
  { what: 'a reserved bit', octets: frame('c2', ''), code: 1002 },
  { what: 'a reserved opcode', octets: frame('83', ''), code: 1002 },
  { what: 'a ping in parts', octets: frame('09', ''), code: 1002 },
  { what: 'a ping of 126 octets', octets: hex(`89 fe 007e 00000000 ${'00'.repeat(126)}`), code: 1002 },
  { what: 'text', octets: frame('81', '6869'), code: 1003 },
  { what: 'a frame of 64 KiB', octets: hex('82 fe ffff 00000000'), code: 1009 },
  { what: 'a frame of 16 exabytes', octets: hex('82 ff ffffffffffffffff 00000000'), code: 1009 },
]) {
  test(`${what} is met with a close of ${code}`, async (t) => {
    assert.deepEqual((await opened(await serviceBus(t), octets)).behind, close(code))
  })
}

test('what wants a token says so with a tracking id, and switches for nobody', async (t) => {
  const heard = (await said(await serviceBus(t, 'wants-token'), handshake(), all)).toString('latin1')
  assert.match(heard, /^HTTP\/1\.1 401 MissingToken: .*TrackingId:[\da-f-]{36}_G1, /)
})

test('what knows no upgrade wants one, whatever it is sent', async (t) => {
  const heard = (await said(await serviceBus(t, 'no-upgrade'), handshake(), all)).toString('latin1')
  assert.match(heard, /^HTTP\/1\.1 426 .*\r\nUpgrade: websocket\r\n/s)
})

test('a wrong accept belongs to another key', async (t) => {
  const octets = Buffer.concat([handshake(), frame('88', '03e8')])
  const heard = (await said(await serviceBus(t, 'wrong-accept'), octets, all)).toString('latin1')
  assert.match(heard, /^HTTP\/1\.1 101 .*\r\nSec-WebSocket-Accept: [\w+/]{27}=\r\n/s)
  assert.ok(!heard.includes(accepted))
})

test('any octets behind a handshake are met with frames or the end, and the next one is answered', async (t) => {
  const port = await serviceBus(t)
  const framed = fc.uint8Array({ maxLength: 100 }).map((octets) => frame('82', Buffer.from(octets).toString('hex')))
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 100 }), framed), async (octets) => {
      const heard = await said(port, Buffer.concat([handshake(), octets]), { tls })
      assert.match(heard.toString('latin1'), /^HTTP\/1\.1 101 /)
    }),
    { numRuns: 30 },
  )
  assert.deepEqual((await opened(port, frame('88', '03e8'))).behind, close(1000))
})
