import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { check } from '../src/check/check.ts'
import type { CheckInput } from '../src/check/checkOptions.ts'
import { platformLookups } from '../src/check/resolveNames.ts'
import type { Flow } from '../src/model/flow.ts'
import { heldConnections } from '../src/probes/held.ts'
import { checkInput } from './checkInput.ts'
import { flowOf } from './observed.ts'
import { scriptedNet } from './scriptedNet.ts'

const resolvers = { internal: [{ address: '10.1.0.5', port: 53 }], control: [] }
const input = (flows: readonly Flow[], over: Partial<CheckInput> = {}): CheckInput =>
  checkInput(flows, { resolvers, ...over })

const toPort = (port: number, over: Partial<Flow['target']> = {}): Flow =>
  flowOf({ flow: `to-${port}`, target: { address: '10.1.0.9', port, transport: 'tcp', service: 'tcp', ...over } })

/** A count of what is under way, and the most that it ever was. */
function tally(): { readonly most: () => number; during<T>(work: () => Promise<T>): Promise<T> } {
  let now = 0
  let most = 0
  return {
    most: () => most,
    async during(work) {
      now += 1
      most = Math.max(most, now)
      // A few turns, in which others would begin if they might.
      for (let waited = 0; waited < 3; waited += 1) await turn()
      const made = await work()
      now -= 1
      return made
    },
  }
}

test('no more questions are under way at once than asked for', async (t) => {
  const { net } = scriptedNet({})
  const connections = tally()
  const counted = {
    ...net,
    connect: ((to, limits) => connections.during(() => net.connect(to, limits))) as typeof net.connect,
  }
  const flows = Array.from({ length: 40 }, (_, index) => toPort(1000 + index))
  const report = await check(input(flows), counted, { signal: t.signal, concurrency: 3 })
  assert.equal(report.summary.open, 40)
  assert.equal(connections.most(), 3)
})

test('no more names are looked up by the platform at once than it works on', async (t) => {
  const { net } = scriptedNet({ lookup: () => ({ outcome: 'answer', answers: ['10.1.0.9'] }) })
  const lookups = tally()
  const counted = {
    ...net,
    lookup: ((question, limits) => lookups.during(() => net.lookup(question, limits))) as typeof net.lookup,
  }
  const flows = Array.from({ length: 40 }, (_, index) => named(`host-${index}.corp.example`, 443))
  const report = await check(input(flows, { resolvers: { internal: [], control: [] } }), counted, { signal: t.signal })
  assert.equal(report.summary.open, 40)
  assert.equal(lookups.most(), platformLookups)
})

function named(name: string, port: number): Flow {
  const flow = flowOf({ flow: `${name}-${port}` })
  return { ...flow, target: { name, port, transport: 'tcp', service: 'tcp' } }
}

test('a name that ten flows need is looked up once a family', async (t) => {
  const { net, looked } = scriptedNet({
    lookup: ({ type }) => ({ outcome: 'answer', answers: [type === 'A' ? '10.1.0.9' : '2001:db8::9'] }),
  })
  const flows = Array.from({ length: 10 }, (_, index) => named('app01.corp.example', 1000 + index))
  await check(input(flows, { families: ['ipv4', 'ipv6'] }), net, { signal: t.signal })
  assert.deepEqual(looked.toSorted(), ['app01.corp.example A @10.1.0.5:53', 'app01.corp.example AAAA @10.1.0.5:53'])
})

test('flows that put one question share its controls', async (t) => {
  const alone = scriptedNet({ connect: () => 'timeout' })
  await check(input([toPort(636)]), alone.net, { signal: t.signal })
  const together = scriptedNet({ connect: () => 'timeout' })
  const flows = Array.from({ length: 10 }, (_, index) => ({ ...toPort(636), flow: `row-${index}` }))
  await check(input(flows), together.net, { signal: t.signal })
  assert.ok(alone.dialled.length > 1, 'a failure is asked again')
  assert.deepEqual(together.dialled, alone.dialled)
})

test('a question has four waits, unless its budget is given', async (t) => {
  const asked = async (questionBudgetMs?: number): Promise<unknown> => {
    const { net } = scriptedNet({
      connect: (place, time) => (place.endsWith(':636') && time === 1 ? 'hang' : 'refused'),
    })
    const options = { signal: t.signal, timeoutMs: 15, ...(questionBudgetMs !== undefined && { questionBudgetMs }) }
    const { flows } = await check(input([toPort(636)]), net, options)
    return flows[0]?.evidence.find(({ kind }) => kind === 'tool-limit')
  }
  assert.match(JSON.stringify(await asked()), /"limit":"question-budget","detail":"the time for one question \(60 ms\)/)
  assert.match(JSON.stringify(await asked(25)), /\(25 ms\)/)
})

test('connections are held beside the questions and not in their places', async (t) => {
  const { net } = scriptedNet({})
  const holds = tally()
  const counted = {
    ...net,
    // Nobody is let go before all are held.
    farewell: ((over, said, limits, heldMs) =>
      holds.during(async () => {
        while (holds.most() < 40 * heldConnections && !limits.signal.aborted) await turn()
        return net.farewell(over, said, limits, heldMs)
      })) as typeof net.farewell,
  }
  const flows = Array.from({ length: 40 }, (_, index) => toPort(1000 + index))
  const report = await check(input(flows), counted, {
    signal: t.signal,
    concurrency: 1,
    totalBudgetMs: 20_000,
    idleMs: 8,
  })
  assert.deepEqual([report.interrupted, report.summary.open, holds.most()], [false, 40, 40 * heldConnections])
})

test('the time that connections are held comes on top of that of the check', async (t) => {
  const { net } = scriptedNet({})
  const held = {
    ...net,
    farewell: (async (over, said, limits, heldMs = 0) => {
      await new Promise((resolve) => setTimeout(resolve, heldMs))
      return net.farewell(over, said, limits)
    }) as typeof net.farewell,
  }
  const options = { signal: t.signal, totalBudgetMs: 2000, idleMs: 2500 }
  const report = await check(input([toPort(636)]), held, options)
  assert.equal(report.interrupted, false)
})

test('a port that refuses some of those who ask at once, and takes others, is not called shut', async (t) => {
  const path = (name: string): Flow => toPort(80, { service: 'http', path: `/${name}` })
  const { net } = scriptedNet({ connect: (_, time) => (time > 2 && time < 7 ? 'refused' : 'connected') })
  const flows = ['a', 'b', 'c', 'd'].map((name) => ({ ...path(name), flow: name }))
  const report = await check(input(flows), net, { signal: t.signal })
  const told = report.flows.map(({ flow, verdict, cause }) => `${flow} ${verdict} ${cause}`)
  assert.deepEqual(told, ['a open undefined', 'b open undefined', 'c degraded one-bad-node', 'd degraded one-bad-node'])
})

test('a request that is left unanswered beside others that are answered accuses no service', async (t) => {
  const { net } = scriptedNet({
    request: (url) => (url.endsWith('/c') ? { outcome: 'timeout', ms: 3000, status: 0 } : {}),
  })
  const flows = ['a', 'b', 'c'].map((name) => ({
    ...toPort(80, { service: 'http', path: `/${name}` }),
    flow: name,
  }))
  const report = await check(input(flows), net, { signal: t.signal })
  const [, , asked] = report.flows
  assert.deepEqual([asked?.verdict, asked?.cause], ['unknown', 'undetermined'])
  assert.deepEqual(asked?.alternatives, ['saturation', 'connection-limit', 'silent-service'])
})
