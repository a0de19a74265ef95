import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import fc from 'fast-check'
import { handlesLeft, openHandles } from '../../test/openHandles.ts'
import { tcpServer } from '../../test/tcpServer.ts'
import { createNet } from './createNet.ts'
import type { Limits } from './net.ts'

const net = createNet({ trust: { site: [], machine: [], node: [] }, userAgent: 'postern/test', maxBodyBytes: 10_000 })
const { signal } = new AbortController()
const patient: Limits = { signal, timeoutMs: 20_000 }
const hasty: Limits = { signal, timeoutMs: 40 }

/** What a server does with a connection: what it says, piece by piece, and how it leaves. */
interface Script {
  readonly pieces: readonly Uint8Array[]
  readonly leaves: 'end' | 'reset' | 'never'
}

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const ascii = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'))
const anyOctets = fc.uint8Array({ maxLength: 200 })

/** Scripts made of any octets and of pieces that the protocol knows. */
function scripts(known: readonly Uint8Array[]): fc.Arbitrary<Script> {
  const piece = fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: anyOctets })
  return fc.record({
    pieces: fc.array(piece, { maxLength: 6 }),
    leaves: fc.constantFrom('end', 'end', 'end', 'reset', 'never'),
  })
}

/** Plays a script to each connection once the client has spoken. */
async function player(t: TestContext): Promise<{ address: string; port: number; play: (next: Script) => void }> {
  let script: Script = { pieces: [], leaves: 'end' }
  const server = await tcpServer(t, (socket) => {
    socket.setNoDelay(true)
    socket.once('data', () => perform(socket, script))
  })
  return {
    address: server.address,
    port: server.port,
    play: (next) => {
      script = next
    },
  }
}

function perform(socket: Socket, { pieces: [first, ...rest], leaves }: Script): void {
  if (socket.destroyed) return
  if (first !== undefined) {
    socket.write(first)
    setImmediate(perform, socket, { pieces: rest, leaves })
  } else if (leaves === 'end') socket.end()
  else if (leaves === 'reset') socket.resetAndDestroy()
}

const tlsPieces = [
  '16 0303 0000',
  '16 0303 0004 0b000000',
  '16 0303 0004 0bffffff',
  '16 0303 4000',
  '16 0303 ffff',
  '15 0303 0002 0228',
  '15 0303 0002 015a',
  '15 0303 0000',
  '14 0303 0001 01',
  '17 0303 0005 0000000000',
  '16 0303 0030 0200002c0303 0000000000000000000000000000000000000000000000000000000000000000 00 1301 00 0004 002b0002',
].map(hex)

test('any answer to a ClientHello is an outcome, and the connection is gone', async (t) => {
  const server = await player(t)
  const before = openHandles('TCPSocketWrap')
  await fc.assert(
    fc.asyncProperty(
      scripts([...tlsPieces, ascii('HTTP/1.1 400 Bad Request\r\n\r\n')]),
      fc.boolean(),
      async (script, keepOctets) => {
        server.play(script)
        const { socket } = await net.connect(server, patient)
        assert.ok(socket)
        const limits = script.leaves === 'never' ? hasty : patient
        const question = { ...server, serverName: 'a.example', fetchIssuers: true, keepOctets }
        const shaken = await net.handshake(socket, question, limits)
        assert.notEqual(shaken.seen.outcome, 'established')
        assert.ok(shaken.seen.outcome !== 'timeout' || script.leaves === 'never')
        assert.ok((shaken.seen.firstOctets ?? '').length <= 4 * 80)
        assert.deepEqual([shaken.socket, shaken.fetched, socket.destroyed], [undefined, [], true])
      },
    ),
    { numRuns: 150 },
  )
  assert.ok((await handlesLeft('TCPSocketWrap', before)) <= before)
})

const httpPieces = [
  'HTTP/1.1 200 OK\r\n',
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
  'HTTP/9.9 999 \r\n\r\n',
  'Content-Length: 5\r\n',
  'Content-Length: 99999999999999999999\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Content-Type: application/json\r\n',
  '\r\n',
  '\r\n\r\n',
  'ffffffffffffffff\r\n',
  '1\r\nx\r\n',
  '0\r\n\r\n',
  '{"issuer":"x"}',
  '<html><title>x',
  ': \r\n',
  '\0',
].map(ascii)

test('any answer to a request is an outcome, of a page that prints safely, and the connection is gone', async (t) => {
  const server = await player(t)
  const before = openHandles('TCPSocketWrap')
  await fc.assert(
    fc.asyncProperty(scripts(httpPieces), async (script) => {
      server.play(script)
      const { socket } = await net.connect(server, patient)
      assert.ok(socket)
      const url = `http://a.example:${server.port}/`
      const limits = script.leaves === 'never' ? hasty : patient
      const seen = await net.request(socket, { url, address: server.address, method: 'GET' }, limits)
      assert.ok(seen.outcome !== 'timeout' || script.leaves === 'never')
      assert.ok(seen.body.bytes <= 6 * 200)
      for (const text of [seen.firstOctets ?? '', seen.body.title ?? '', ...Object.values(seen.body.members)]) {
        assert.doesNotMatch(text, /\p{Cc}/u)
      }
      assert.ok(socket.destroyed)
    }),
    { numRuns: 200 },
  )
  assert.ok((await handlesLeft('TCPSocketWrap', before)) <= before)
})

const dnsPieces = ['0000', '0000 0000 0000', '000c ffff 8180 0001 0001 0000 0000', '0002 ffff', 'ffff', '0010'].map(hex)
const question = { name: 'a.example', type: 'A', resolverRole: 'internal' } as const

test('any answer to a query over TCP is an outcome, and the connection is gone', async (t) => {
  const server = await player(t)
  const before = openHandles('TCPSocketWrap')
  const random = (octets: number): Uint8Array => new Uint8Array(octets).fill(0xff)
  const foreseeable = createNet({ trust: { site: [], machine: [], node: [] }, userAgent: 'postern/test', random })
  await fc.assert(
    fc.asyncProperty(scripts(dnsPieces), async (script) => {
      server.play(script)
      const limits = script.leaves === 'never' ? hasty : patient
      const seen = await foreseeable.lookup({ ...question, resolver: server, transport: 'tcp' }, limits)
      assert.ok(seen.outcome !== 'timeout' || script.leaves === 'never')
      assert.doesNotMatch(`${seen.detail ?? ''}${seen.answers.join()}`, /\p{Cc}/u)
    }),
    { numRuns: 150 },
  )
  assert.ok((await handlesLeft('TCPSocketWrap', before)) <= before)
})

test('any answer to a query over UDP is an outcome, and the socket is gone', async (t) => {
  let answer: Uint8Array = new Uint8Array()
  const server = createSocket('udp4', (query, from) => {
    server.send(Buffer.concat([query.subarray(0, 2), answer]), from.port, from.address)
  }).bind(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const resolver = { address: '127.0.0.1', port: server.address().port }
  const before = openHandles('UDPWrap')
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        anyOctets,
        anyOctets.map((rest) => Buffer.concat([hex('8180 0001 0001 0000 0000'), rest])),
      ),
      async (octets) => {
        answer = octets
        const seen = await net.lookup({ ...question, resolver, transport: 'udp' }, hasty)
        assert.ok(
          [
            'malformed',
            'mismatch',
            'server-failure',
            'other-rcode',
            'name-error',
            'refused-by-policy',
            'timeout',
          ].includes(seen.outcome),
          seen.outcome,
        )
        assert.deepEqual(seen.answers, [])
      },
    ),
    { numRuns: 60 },
  )
  assert.ok((await handlesLeft('UDPWrap', before)) <= before)
})

for (const { what, piece } of [
  { what: 'zeros', piece: hex('00') },
  { what: 'empty handshake records', piece: hex('16 0303 0000') },
  { what: 'warnings', piece: hex('15 0303 0002 015a') },
  { what: 'ChangeCipherSpec', piece: hex('14 0303 0001 01') },
  { what: 'application data', piece: hex('17 0303 0005 0000000000') },
  { what: 'heartbeats', piece: hex('18 0303 0003 010000') },
  { what: 'parts of one message of 16 MiB', piece: hex('16 0303 0004 0bffffff') },
  { what: 'hello requests', piece: hex('16 0303 0004 00000000') },
]) {
  for (const keepOctets of [false, true]) {
    test(`a server that sends ${what} without end is an outcome, with octets ${keepOctets ? 'kept' : 'let go'}`, async (t) => {
      const octets = Buffer.concat(Array<Uint8Array>(1000).fill(piece))
      const server = await tcpServer(t, (socket) => {
        const pour = (): void => {
          while (!socket.destroyed && socket.write(octets)) {}
        }
        socket.on('drain', pour)
        socket.once('data', pour)
      })
      const { socket } = await net.connect(server, patient)
      assert.ok(socket)
      const { seen } = await net.handshake(socket, { ...server, keepOctets }, { signal, timeoutMs: 200 })
      assert.notEqual(seen.outcome, 'established')
      assert.ok(socket.destroyed)
      await server.idle()
    })
  }
}
