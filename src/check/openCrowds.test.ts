import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scriptedNet } from '../../test/scriptedNet.ts'
import type { Observation, TcpConnect } from '../model/observation.ts'
import type { Question } from '../probes/probe.ts'
import { openLedger } from './ledger.ts'
import { openCrowds } from './openCrowds.ts'

const asks = (port: number): Question => ({ scheme: 'tcp', address: '10.1.0.20', port, transport: 'tcp' })

function seen(port: number, ...outcomes: readonly TcpConnect['outcome'][]): readonly Observation[] {
  return outcomes.map((outcome, at) => ({
    kind: 'tcp-connect',
    id: `s${at}`,
    role: at === 0 ? 'probe' : 'repeat',
    at: '2026-11-20T10:00:00.000Z',
    ms: 1,
    address: '10.1.0.20',
    port,
    outcome,
  }))
}

function crowds(others: readonly Promise<unknown>[] = [], limit = 3) {
  const { net, dialled } = scriptedNet({
    // Two rounds of one and eight: of the eight the first few stand.
    connect: (_, time) => ((time - 1) % 9 === 0 || (time - 1) % 9 <= limit ? 'connected' : 'refused'),
  })
  const limits = { signal: new AbortController().signal, timeoutMs: 1000 }
  const means = { net, ledger: openLedger(), limits, slot: (_: unknown, work: () => Promise<void>) => work() }
  return { ask: openCrowds(means, () => others), dialled }
}

test('what failed at first and worked then is asked alone and in a crowd, twice, in the order of the sending', async () => {
  const { ask, dialled } = crowds()
  const made = await ask(asks(443), seen(443, 'refused', 'connected'))
  assert.equal(dialled.length, 18)
  const told = made.map((one) => `${one.varies ?? one.role} ${one.kind === 'tcp-connect' && one.outcome}`)
  const round = [
    'repeat connected',
    ...Array.from({ length: 3 }, () => 'crowd connected'),
    ...Array.from({ length: 5 }, () => 'crowd refused'),
  ]
  assert.deepEqual(told, [...round, ...round])
})

test('what works, or fails each time, is asked no further', async () => {
  const { ask, dialled } = crowds()
  assert.deepEqual(await ask(asks(443), seen(443, 'connected', 'connected')), [])
  assert.deepEqual(await ask(asks(443), seen(443, 'refused', 'refused')), [])
  assert.deepEqual(await ask(asks(443), seen(8443, 'refused', 'connected')), [])
  assert.deepEqual(
    await ask({ ...asks(443), via: { proxy: 'egress', port: 1 } }, seen(443, 'refused', 'connected')),
    [],
  )
  assert.deepEqual(await ask(undefined, []), [])
  assert.deepEqual(dialled, [])
})

test('one place is asked once, three places at most, and one after the other when all else is over', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const { ask, dialled } = crowds([promise])
  const ports = [443, 443, 444, 445, 446]
  const all = ports.map((port) => ask(asks(port), seen(port, 'refused', 'connected')))
  await new Promise((done) => setImmediate(done))
  assert.equal(dialled.length, 0, 'nothing before the rest is over')
  resolve()
  const made = await Promise.all(all)
  assert.equal(made[0], made[1])
  assert.deepEqual(made[4], [])
  const order = dialled.map((place) => Number(place.split(':')[1]))
  assert.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
  )
  assert.equal(order.length, 3 * 18)
})
