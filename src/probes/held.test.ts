import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tcpServer } from '../../test/tcpServer.ts'
import { openLedger } from '../check/ledger.ts'
import type { Observation } from '../model/observation.ts'
import { createNet } from '../net/createNet.ts'
import { observeHeld } from './held.ts'

const net = createNet({ trust: { site: [], machine: [], node: [] }, userAgent: 'postern/test' })

test('three connections each are held for parts of the stated time, and one is left at once', async (t) => {
  const server = await tcpServer(t, (socket) => socket.resume())
  const { address, port } = server
  const seen: Observation[] = []
  const keep = openLedger().page(seen, 'probe')
  const limits = { signal: t.signal, timeoutMs: 1000 }
  await observeHeld({ scheme: 'tcp', address, port, transport: 'tcp' }, net, keep, limits, 400)
  const held = seen.flatMap((one) => (one.kind === 'tcp-connect' && one.farewell ? [one.farewell] : []))
  assert.deepEqual(
    seen.map(({ role, varies }) => `${role} ${varies}`),
    Array.from({ length: 13 }, () => 'control idle'),
  )
  assert.deepEqual(
    held.map(({ outcome }) => outcome),
    Array.from({ length: 13 }, () => 'ended'),
  )
  // A busy machine holds them longer than they were to be, and a timer may be a millisecond early.
  for (const [leastMs, count] of [
    [398, 3],
    [198, 6],
    [98, 9],
    [48, 12],
  ] as const) {
    assert.ok(held.filter(({ heldMs = 0 }) => heldMs >= leastMs).length >= count, `${leastMs} ms`)
  }
  await server.idle()
})

test('an abort frees what is held', async (t) => {
  const server = await tcpServer(t, (socket) => socket.resume())
  const { address, port } = server
  const abort = new AbortController()
  const limits = { signal: abort.signal, timeoutMs: 1000 }
  const keep = openLedger().page([], 'probe')
  const over = observeHeld({ scheme: 'tcp', address, port, transport: 'tcp' }, net, keep, limits, 600_000)
  while (server.open.size < 3) await new Promise((resolve) => setImmediate(resolve))
  abort.abort()
  await over
  await server.idle()
})
