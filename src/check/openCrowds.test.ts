import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { scriptedNet } from '../../test/scriptedNet.ts'
import type { Observation, TcpConnect } from '../model/observation.ts'
import type { Question } from '../probes/probe.ts'
import { openLedger } from './ledger.ts'
import { crowdConnections, openCrowds } from './openCrowds.ts'

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

interface Case {
  readonly question?: Question
  readonly seen: readonly Observation[]
}

/** Crowds beside flows whose controls end when they are told to. */
function crowds(all: readonly Promise<Case>[]) {
  const { net, dialled } = scriptedNet({
    // Two rounds of one and eight: of the eight the first three stand.
    connect: (_, time) => ((time - 1) % 9 <= 3 ? 'connected' : 'refused'),
  })
  const limits = { signal: new AbortController().signal, timeoutMs: 1000 }
  const means = { net, ledger: openLedger(), limits, slot: (_: unknown, work: () => Promise<void>) => work() }
  return { ask: openCrowds(means, all), dialled }
}

const wavering = (port: number): Case => ({ question: asks(port), seen: seen(port, 'refused', 'connected') })

/** What is asked about one flow that is alone in its check. */
async function alone(one: Case) {
  const { ask, dialled } = crowds([Promise.resolve(one)])
  return { made: await ask(one), dialled }
}

test('what failed at first and worked then is asked alone and in a crowd, twice, in the order of the sending', async () => {
  const { made, dialled } = await alone(wavering(443))
  assert.equal(dialled.length, crowdConnections)
  const told = made.map((one) => `${one.varies ?? one.role} ${one.kind === 'tcp-connect' && one.outcome}`)
  const round = [
    'repeat connected',
    ...Array.from({ length: 3 }, () => 'crowd connected'),
    ...Array.from({ length: 5 }, () => 'crowd refused'),
  ]
  assert.deepEqual(told, [...round, ...round])
})

test('what failed each time is asked so where another flow got through to the same place', async () => {
  const other: Observation[] = seen(443, 'connected').map((one) => ({ ...one, role: 'context' }))
  const { dialled } = await alone({ question: asks(443), seen: [...seen(443, 'refused', 'refused'), ...other] })
  assert.equal(dialled.length, crowdConnections)
})

test('what works, or fails each time, is asked no further', async () => {
  for (const one of [
    { question: asks(443), seen: seen(443, 'connected', 'connected') },
    { question: asks(443), seen: seen(443, 'refused', 'refused') },
    { question: asks(443), seen: seen(8443, 'refused', 'connected') },
    { question: { ...asks(443), via: { proxy: 'egress', port: 1 } }, seen: seen(443, 'refused', 'connected') },
    { seen: [] },
  ]) {
    const { made, dialled } = await alone(one)
    assert.deepEqual([made, dialled], [[], []])
  }
})

test('an abort cuts the pause short', async () => {
  const { net } = scriptedNet({})
  const abort = new AbortController()
  const means = {
    net,
    ledger: openLedger(),
    limits: { signal: abort.signal, timeoutMs: 600_000 },
    slot: (_: unknown, work: () => Promise<void>) => work(),
  }
  abort.abort()
  const made = await openCrowds(means, [Promise.resolve(wavering(443))])(wavering(443))
  assert.equal(made.length, crowdConnections)
})

test('the first three places in the order of the flows, each once, and one after the other when all else is over', async () => {
  const flows = [443, 443, 446, 445, 444].map(wavering)
  const ends = flows.map(() => Promise.withResolvers<Case>())
  const { ask, dialled } = crowds(ends.map(({ promise }) => promise))
  const made = flows.map(ask)
  // The last in the order is the first whose controls end.
  for (const [at, end] of [...ends.entries()].toReversed()) {
    await turn()
    assert.equal(dialled.length, 0, 'nothing before the rest is over')
    end.resolve(flows[at] ?? { seen: [] })
  }
  const [first, same, , , fourth] = await Promise.all(made)
  assert.equal(first, same)
  assert.deepEqual(fourth, [])
  const order = dialled.map((place) => Number(place.split(':')[1]))
  const each = (port: number): number[] => Array.from({ length: crowdConnections }, () => port)
  assert.deepEqual(order, [443, 446, 445].flatMap(each))
})
