import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { test } from 'node:test'
import { makeCertificate } from '../../test/pki.ts'
import { tcpServer, tlsServer } from '../../test/tcpServer.ts'
import type { Observation } from '../model/observation.ts'
import type { Scheme } from '../model/service.ts'
import { createNet } from '../net/createNet.ts'
import { ntpOfUnix } from '../wire/ntp.ts'
import { probes } from './index.ts'
import type { Keep, Question } from './probe.ts'

const certificate = await makeCertificate({ subject: 'CN=x', names: [{ type: 'dns', value: 'app.corp.example' }] })
const net = createNet({ trust: { site: [], machine: [], node: [] }, userAgent: 'postern/test' })

async function ask(
  scheme: Scheme,
  question: Omit<Question, 'scheme' | 'transport'> & Partial<Question>,
  timeoutMs = 10_000,
): Promise<readonly Observation[]> {
  const kept: Observation[] = []
  const keep: Keep = (seen, as) => {
    const observation = { id: `e${kept.length + 1}`, role: as?.role ?? 'probe', ...as, ...seen } as Observation
    kept.push(observation)
    return observation
  }
  const probe = await probes[scheme]?.load()
  assert.ok(probe)
  const limits = { signal: new AbortController().signal, timeoutMs }
  await probe.observe({ scheme, transport: 'tcp', ...question }, net, keep, limits)
  return kept
}

/** Opens a WebSocket with whoever asks, answers a ping with a close, and writes down the request. */
const openSocket = (requests: string[]) => (socket: Socket) => {
  socket.once('data', (octets: Buffer) => {
    const request = octets.toString('latin1')
    requests.push(request)
    const key = /sec-websocket-key: (.*)\r/i.exec(request)?.[1] ?? ''
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
    const protocol = /sec-websocket-protocol: (.*)\r/i.exec(request)?.[0] ?? ''
    socket.write(
      `HTTP/1.1 101 x\r\nUpgrade: WebSocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${protocol ? `${protocol}\n` : ''}\r\n`,
    )
    socket.once('data', () => socket.end(Buffer.from([0x88, 2, 0x03, 0xe8])))
  })
}

for (const { name, path, asked, offered } of [
  { name: 'app.corp.example', path: '/live?x=1', asked: '/live?x=1', offered: [] },
  { name: 'app.corp.example', path: undefined, asked: '/', offered: [] },
  { name: 'ns.servicebus.windows.net', path: undefined, asked: '/$servicebus/websocket', offered: ['amqp'] },
  { name: 'ns.servicebus.usgovcloudapi.net', path: '/$hc/x', asked: '/$hc/x', offered: [] },
] as const) {
  test(`ws asks ${name} for ${asked}, offering ${offered.join() || 'no subprotocol'}`, async (t) => {
    const requests: string[] = []
    const server = await tcpServer(t, openSocket(requests))
    const kept = await ask('ws', { ...server, name, ...(path !== undefined && { path }) })
    const [, seen] = kept
    assert.equal(kept.length, 2)
    assert.ok(seen?.kind === 'http-exchange')
    assert.deepEqual(
      [seen.upgrade?.outcome, seen.upgrade?.heard, seen.upgrade?.offered],
      ['accepted', 'close', offered],
    )
    assert.equal(seen.url, `http://${name}:${server.port}${asked}`)
    assert.ok(requests[0]?.startsWith(`GET ${asked} HTTP/1.1\r\nHost: ${name}:${server.port}\r\n`), requests.join())
    await server.idle()
  })
}

test('wss opens the same inside TLS, with ALPN http/1.1', async (t) => {
  const requests: string[] = []
  const server = await tlsServer(
    t,
    { key: certificate.keyPem, cert: certificate.pem, ALPNProtocols: ['http/1.1'] },
    openSocket(requests),
  )
  const kept = await ask('wss', { ...server, name: 'app.corp.example', path: '/live' })
  const [, shaken, seen] = kept
  assert.ok(shaken?.kind === 'tls-handshake' && shaken.alpn === 'http/1.1' && shaken.nameMatches === true)
  assert.ok(seen?.kind === 'http-exchange' && seen.upgrade?.outcome === 'accepted')
  assert.equal(seen.url, `https://app.corp.example:${server.port}/live`)
  await server.idle()
})

for (const scheme of ['ws', 'wss'] as const) {
  test(`${scheme} keeps a refused connection and goes no further`, async () => {
    const kept = await ask(scheme, { address: '127.0.0.1', port: 1 })
    assert.deepEqual(
      kept.map((seen) => seen.kind === 'tcp-connect' && seen.outcome),
      ['refused'],
    )
  })
}

/** A time server that leaves this many requests unanswered. */
async function timeServer(t: { after(end: () => void): void }, deafFor: number) {
  let left = deafFor
  const socket = createSocket('udp4', (request, from) => {
    left -= 1
    if (left >= 0) return
    const answer = Buffer.alloc(48)
    answer.set([0x24, 1, 6, 0xe9])
    answer.write('GPS', 12, 'latin1')
    request.copy(answer, 24, 40, 48)
    answer.writeBigUInt64BE(ntpOfUnix(Date.now()), 32)
    answer.writeBigUInt64BE(ntpOfUnix(Date.now()), 40)
    socket.send(answer, from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.after(() => socket.close())
  return { address: '127.0.0.1', port: socket.address().port, transport: 'udp' } as const
}

for (const { deafFor, timeoutMs, outcomes } of [
  { deafFor: 0, timeoutMs: 10_000, outcomes: ['probe answer'] },
  { deafFor: 1, timeoutMs: 300, outcomes: ['probe timeout', 'repeat answer'] },
  { deafFor: 9, timeoutMs: 30, outcomes: ['probe timeout', 'repeat timeout'] },
]) {
  test(`ntp meets a server that leaves ${deafFor} requests unanswered with: ${outcomes.join(', ')}`, async (t) => {
    const server = await timeServer(t, deafFor)
    const kept = await ask('ntp', server, timeoutMs)
    assert.deepEqual(
      kept.map((seen) => `${seen.role} ${seen.kind === 'udp-exchange' ? seen.outcome : seen.kind}`),
      outcomes,
    )
    const last = kept.at(-1)
    assert.ok(last?.kind === 'udp-exchange')
    if (last.outcome === 'answer') assert.ok(last.time?.kind === 'time' && last.time.reference === 'GPS')
  })
}

test('ntp asks a port that is closed once', async () => {
  const gone = createSocket('udp4').bind(0, '127.0.0.1')
  await once(gone, 'listening')
  const { port } = gone.address()
  gone.close()
  await once(gone, 'close')
  const kept = await ask('ntp', { address: '127.0.0.1', port, transport: 'udp' })
  assert.deepEqual(
    kept.map((seen) => seen.kind === 'udp-exchange' && seen.outcome),
    ['refused'],
  )
})

test('ws and wss go through a proxy in a tunnel', async (t) => {
  const requests: string[] = []
  const plain = await tcpServer(t, openSocket(requests))
  const secure = await tlsServer(
    t,
    { key: certificate.keyPem, cert: certificate.pem, ALPNProtocols: ['http/1.1'] },
    openSocket(requests),
  )
  const proxy = await tcpServer(t, (socket) => {
    socket.once('data', (octets: Buffer) => {
      const [, port = '0'] = /^CONNECT app\.corp\.example:(\d+) /.exec(octets.toString('latin1')) ?? []
      const onward = connect({ host: '127.0.0.1', port: Number(port) })
      onward.on('error', () => socket.destroy())
      onward.once('connect', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        socket.pipe(onward).pipe(socket)
      })
      socket.once('close', () => onward.destroy())
    })
  })
  for (const [scheme, target] of [
    ['ws', plain],
    ['wss', secure],
  ] as const) {
    const kept = await ask(scheme, {
      address: proxy.address,
      port: target.port,
      name: 'app.corp.example',
      path: '/live',
      via: { proxy: 'egress', port: proxy.port },
    })
    const seen = kept.at(-1)
    assert.ok(seen?.kind === 'http-exchange', scheme)
    assert.deepEqual([seen.through, seen.upgrade?.outcome, seen.upgrade?.heard], ['egress', 'accepted', 'close'])
    assert.equal(seen.url, `${scheme === 'ws' ? 'http' : 'https'}://app.corp.example:${target.port}/live`)
  }
  assert.equal(requests.length, 2)
})
