import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tcpServer } from '../../test/tcpServer.ts'
import { ownHelloOctets } from './ownHello.ts'
import { placeOf } from './placeOf.ts'
import { platformRoots } from './platformRoots.ts'
import { routeTo } from './routeTo.ts'
import { tryBind } from './tryBind.ts'

const limits = { signal: new AbortController().signal, timeoutMs: 20_000 }

test('a port that is free is given back, and one that is taken is told', async (t) => {
  const { port } = await tcpServer(t, (socket) => socket.end())
  assert.deepEqual(await tryBind(port, limits), { code: 'EADDRINUSE' })
  const free = await tcpServer(t, () => {})
  // Twice: the first time it was given back.
  const other = free.port === 65_535 ? free.port - 1 : free.port + 1
  const first = await tryBind(other, limits)
  assert.deepEqual(await tryBind(other, limits), first)
})

test('the way to loopback leads from loopback, and a name is no address', async () => {
  assert.deepEqual(await routeTo('127.0.0.1', limits), { kind: 'route', localAddress: '127.0.0.1' })
  assert.throws(() => routeTo('localhost', limits), RangeError)
  assert.deepEqual(await routeTo('127.0.0.1', { ...limits, signal: AbortSignal.abort() }), {
    kind: 'none',
    code: 'aborted',
  })
})

test('Node’s own ClientHello is written nowhere and counted, longer with a longer name', async () => {
  const short = await ownHelloOctets('a.example', limits)
  const long = await ownHelloOctets('a-longer-name.example', limits)
  assert.ok(short !== undefined && long !== undefined && short > 200 && long > short)
  assert.equal(await ownHelloOctets('a.example', { ...limits, signal: AbortSignal.abort() }), undefined)
})

test('the stores of this machine are told by thumbprint', () => {
  const { node } = platformRoots()
  assert.ok(node.length > 50)
  assert.match(node[0]?.sha1 ?? '', /^([0-9A-F]{2}:){19}[0-9A-F]{2}$/)
})

test('a name is dialled where the site file has it, an address where it is', async () => {
  const net = { lookup: () => Promise.reject(new Error('nothing is looked up')) }
  const names = { 'a.example': '10.1.0.5:8443', 'b.example:443': '10.1.0.6', '*:80': ':8080' }
  assert.deepEqual(await placeOf('a.example', 443, net, names, limits), { address: '10.1.0.5', port: 8443 })
  assert.deepEqual(await placeOf('b.example', 443, net, names, limits), { address: '10.1.0.6', port: 443 })
  assert.deepEqual(await placeOf('10.1.0.7', 80, net, names, limits), { address: '10.1.0.7', port: 8080 })
})
