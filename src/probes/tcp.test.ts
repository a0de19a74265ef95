import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { tcpServer } from '../../test/tcpServer.ts'
import { openLedger } from '../check/ledger.ts'
import type { Observation } from '../model/observation.ts'
import { createNet } from '../net/createNet.ts'
import type { Net } from '../net/net.ts'
import { observe } from './tcp.ts'

const net = createNet({ trust: { site: [], machine: [], node: [] }, userAgent: 'postern/test' })

async function asked(t: TestContext, serve: (socket: Socket) => void, over: Net = net) {
  const server = await tcpServer(t, serve)
  const { address, port } = server
  const seen: Observation[] = []
  const keep = openLedger().page(seen, 'probe')
  await observe({ scheme: 'tcp', address, port, transport: 'tcp' }, over, keep, { signal: t.signal, timeoutMs: 5000 })
  await server.idle()
  const [one] = seen
  assert.ok(one?.kind === 'tcp-connect' && seen.length === 1)
  return { outcome: one.outcome, left: one.farewell?.outcome }
}

test('a connection that stands is left without a word about it', async (t) => {
  assert.deepEqual(await asked(t, (socket) => socket.resume()), { outcome: 'connected', left: undefined })
})

test('one that is reset at once is told as that, whether it was before this process looked or after', async (t) => {
  const reset = { outcome: 'connected', left: 'reset' }
  assert.deepEqual(await asked(t, (socket) => socket.resetAndDestroy()), reset)
  const late: Net = {
    ...net,
    async connect(to, limits) {
      const made = await net.connect(to, limits)
      await new Promise((resolve) => setTimeout(resolve, 50))
      return made
    },
  }
  assert.deepEqual(await asked(t, (socket) => socket.resetAndDestroy(), late), reset)
})

test('one that is ended at once without a word is told as that', async (t) => {
  assert.deepEqual(await asked(t, (socket) => socket.end()), { outcome: 'connected', left: 'ended' })
})

test('who says something before it ends is there', async (t) => {
  assert.deepEqual(await asked(t, (socket) => socket.end('220 busy\r\n')), { outcome: 'connected', left: undefined })
})
