import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { tcpServer } from '../../test/tcpServer.ts'
import type { Unfiled } from '../model/observation.ts'
import { createNet } from '../net/createNet.ts'
import { dial, dialPlain } from './dial.ts'
import type { Keep, Question } from './probe.ts'

const net = createNet({
  trust: { site: [], machine: [] },
  userAgent: 'postern/test',
  proxyCredentials: { egress: { user: 'svc', password: 'hunter2' } },
})

const question = (over: Partial<Question>): Question => ({
  scheme: 'tcp',
  address: '127.0.0.1',
  port: 443,
  transport: 'tcp',
  ...over,
})

const keepIn =
  (kept: Unfiled[]): Keep =>
  (seen) => {
    kept.push(seen)
    return { id: `e${kept.length}`, role: 'probe', ...seen }
  }

/** A proxy that says what it is told to every wish, and keeps what it was asked. */
async function proxy(t: Parameters<typeof tcpServer>[0], answer: string) {
  const heard: string[] = []
  const { port } = await tcpServer(t, (socket) => {
    socket.on('data', (octets: Buffer) => {
      heard.push(String(octets))
      socket.write(answer)
    })
  })
  return { port, heard, via: { proxy: 'egress', port } }
}

test('a question without a proxy is put to its address', async (t) => {
  const kept: Unfiled[] = []
  const { port } = await tcpServer(t, (socket) => void socket.end('hello'))
  const limits = { signal: t.signal, timeoutMs: 5000 }
  const socket = await dial(question({ port, name: 'app.example' }), net, keepIn(kept), limits)
  assert.ok(socket)
  assert.equal(String((await once(socket, 'data'))[0]), 'hello')
  assert.deepEqual(
    kept.map((seen) => [seen.kind, 'port' in seen && seen.port, 'proxy' in seen]),
    [['tcp-connect', port, false]],
  )
})

test('through a proxy the name is asked for, and what is kept names the proxy', async (t) => {
  const kept: Unfiled[] = []
  const { via, heard, port } = await proxy(t, 'HTTP/1.1 200 OK\r\n\r\n')
  const limits = { signal: t.signal, timeoutMs: 5000 }
  const socket = await dial(question({ name: 'app.example', via }), net, keepIn(kept), limits)
  t.after(() => socket?.destroy())
  assert.ok(socket)
  assert.match(heard[0] ?? '', /^CONNECT app\.example:443 HTTP\/1\.1\r\n/)
  assert.match(heard[0] ?? '', /Proxy-Authorization: Basic c3ZjOmh1bnRlcjI=\r\n/)
  const [connected, asked] = kept
  assert.ok(connected?.kind === 'tcp-connect' && asked?.kind === 'http-exchange')
  assert.deepEqual([connected.proxy, connected.port], ['egress', port])
  assert.deepEqual(
    [asked.through, asked.url, asked.status, asked.showedCredentials],
    ['egress', 'app.example:443', 200, true],
  )
  assert.doesNotMatch(JSON.stringify(kept), /hunter2|c3Zj/)
})

test('a proxy that refuses gives no connection, and one that is not there no wish', async (t) => {
  const limits = { signal: t.signal, timeoutMs: 5000 }
  const kept: Unfiled[] = []
  const { via } = await proxy(t, 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n')
  assert.equal(await dial(question({ name: 'a.example', via }), net, keepIn(kept), limits), undefined)
  assert.deepEqual(
    kept.map(({ kind }) => kind),
    ['tcp-connect', 'http-exchange'],
  )
  const none: Unfiled[] = []
  const nowhere = question({ name: 'a.example', via: { proxy: 'egress', port: 1 } })
  assert.equal(await dial(nowhere, net, keepIn(none), limits), undefined)
  assert.deepEqual(
    none.map((seen) => [seen.kind, 'outcome' in seen && seen.outcome]),
    [['tcp-connect', 'refused']],
  )
})

test('plain HTTP needs no tunnel: the proxy is dialled and asked for the whole URL, with credentials', async (t) => {
  const kept: Unfiled[] = []
  const { via, heard } = await proxy(
    t,
    'HTTP/1.1 200 OK\r\nLocation: http://x/?who=c3ZjOmh1bnRlcjI=\r\nContent-Type: text/html\r\nContent-Length: 29\r\n\r\n<title>svc:hunter2</title>okk',
  )
  const limits = { signal: t.signal, timeoutMs: 5000 }
  const asked = question({ scheme: 'http', name: 'crl.example', port: 80, via })
  const socket = await dialPlain(asked, net, keepIn(kept), limits)
  assert.ok(socket)
  const get = { url: 'http://crl.example/a.crl', address: '127.0.0.1', method: 'GET', proxy: 'egress' } as const
  const seen = await net.request(socket, get, limits)
  assert.match(heard[0] ?? '', /^GET http:\/\/crl\.example\/a\.crl HTTP\/1\.1\r\n/)
  assert.match(heard[0] ?? '', /Proxy-Authorization: Basic c3ZjOmh1bnRlcjI=\r\n/)
  assert.deepEqual([seen.through, seen.status, seen.showedCredentials], ['egress', 200, true])
  // A server that sends back what it was shown does not bring it into the report.
  assert.equal(seen.body.title, '*')
  assert.doesNotMatch(JSON.stringify([kept, seen]), /hunter2|c3Zj/)
  const [connected] = kept
  assert.ok(connected?.kind === 'tcp-connect')
  assert.equal(connected.proxy, 'egress')
})
