import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { tcpServer } from '../../test/tcpServer.ts'
import { openLedger } from '../check/ledger.ts'
import type { Observation } from '../model/observation.ts'
import { createNet } from '../net/createNet.ts'
import { observeSeries } from './series.ts'

const net = createNet({ trust: { site: [], machine: [], node: [] }, userAgent: 'postern/test' })
const atOnce = <T>(work: () => Promise<T>): Promise<T> => work()

test('so many connections are made one after the other, and each is left at once', async (t) => {
  let came = 0
  const server = await tcpServer(t, (socket) => {
    came += 1
    socket.resume()
  })
  const seen: Observation[] = []
  const keep = openLedger().page(seen, 'control')
  const limits = { signal: t.signal, timeoutMs: 10_000 }
  await observeSeries(server, { asked: 'rate', perSecond: 200, count: 30 }, net, keep, limits, atOnce)
  assert.equal(seen.length, 1)
  const [series] = seen
  assert.ok(series?.kind === 'connect-series')
  const { asked, perSecond, outcome, sent, lost, refused, role } = series
  assert.deepEqual(
    { asked, perSecond, outcome, sent, lost, refused, role },
    { asked: 'rate', perSecond: 200, outcome: 'whole', sent: 30, lost: 0, refused: 0, role: 'control' },
  )
  // That a connection stands is known here before the server has taken it.
  while (came < 30) await turn()
  await server.idle()
})

test('the pace is kept: no connection is sent before its time', async (t) => {
  const server = await tcpServer(t, (socket) => socket.resume())
  const seen: Observation[] = []
  const limits = { signal: t.signal, timeoutMs: 10_000 }
  const series = { asked: 'loss', perSecond: 100, count: 12 } as const
  await observeSeries(server, series, net, openLedger().page(seen, 'control'), limits, atOnce)
  // A timer may be a millisecond early, and after one that was late the next ones come at half their distance at least.
  assert.ok((seen[0]?.ms ?? 0) >= 11 * 5 - 11, `${seen[0]?.ms} ms`)
  await server.idle()
})

test('an abort ends a series, which says what it had counted by then', async (t) => {
  let came = 0
  const server = await tcpServer(t, (socket) => {
    came += 1
    socket.resume()
  })
  const abort = new AbortController()
  const seen: Observation[] = []
  const limits = { signal: abort.signal, timeoutMs: 10_000 }
  const series = { asked: 'loss', perSecond: 1, count: 1000 } as const
  const over = observeSeries(server, series, net, openLedger().page(seen, 'control'), limits, atOnce)
  while (came < 1) await turn()
  abort.abort()
  await over
  const [one] = seen
  assert.ok(one?.kind === 'connect-series')
  assert.deepEqual([one.outcome, one.sent <= 1], ['aborted', true])
  await server.idle()
})
