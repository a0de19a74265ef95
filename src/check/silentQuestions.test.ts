import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkInput } from '../../test/checkInput.ts'
import { flowOf } from '../../test/observed.ts'
import { scriptedNet } from '../../test/scriptedNet.ts'
import type { TcpConnect } from '../model/observation.ts'
import { check } from './check.ts'

const place = '10.1.0.5:636'
const flow = flowOf({ target: { service: 'tcp', address: '10.1.0.5', port: 636 } })

/**
 * A question that waits until the same place is dialled again, as a check does that compares while it waits: one that
 * compares afterwards would wait for ever, and is ended.
 *
 * @param first what the question comes to then
 * @param later what those after it come to
 */
async function comparedWhileWaiting(first: TcpConnect['outcome'], later: TcpConnect['outcome']) {
  const again = Promise.withResolvers<TcpConnect['outcome']>()
  const connect = (dialled: string, time: number) => {
    if (dialled !== place) return 'refused'
    if (time === 1) return again.promise
    again.resolve(first)
    return later
  }
  const { net, dialled } = scriptedNet({ connect })
  const report = await check(checkInput([flow]), net, { signal: AbortSignal.timeout(30_000), timeoutMs: 3000 })
  assert.equal(report.interrupted, false)
  const [told] = report.flows
  assert.ok(told)
  return { told, dialled }
}

test('a question that waits in vain is compared while it waits, and not once more afterwards', async () => {
  const { told, dialled } = await comparedWhileWaiting('timeout', 'timeout')
  assert.deepEqual([told.verdict, told.cause], ['blocked', 'filtered-silently'])
  assert.equal(dialled.filter((one) => one === place).length, 2)
  assert.equal(told.evidence.filter(({ role }) => role === 'repeat').length, 1)
})

test('an answer that comes after all is the verdict, and what was compared meanwhile is no part of it', async () => {
  const { told } = await comparedWhileWaiting('connected', 'timeout')
  assert.equal(told.verdict, 'open')
  assert.deepEqual(
    told.evidence.map(({ role }) => role),
    ['probe'],
  )
})

test('what was compared with silence is not asked to its end once an answer comes', { timeout: 30_000 }, async () => {
  const again = Promise.withResolvers<TcpConnect['outcome']>()
  const connect = (dialled: string, time: number) => {
    if (dialled === place && time === 1) return again.promise
    again.resolve('connected')
    return 'hang'
  }
  const { net } = scriptedNet({ connect })
  const signals: AbortSignal[] = []
  const watched: typeof net = {
    ...net,
    connect(to, limits) {
      signals.push(limits.signal)
      return net.connect(to, limits)
    },
  }
  const report = await check(checkInput([flow]), watched, { signal: new AbortController().signal, timeoutMs: 3000 })
  assert.equal(report.flows[0]?.verdict, 'open')
  assert.equal(report.interrupted, false)
  const [, ...compared] = signals
  assert.ok(compared.length > 0 && compared.every(({ aborted }) => aborted))
})

test('a refusal that comes after all is compared as a refusal', async () => {
  const { told, dialled } = await comparedWhileWaiting('refused', 'refused')
  assert.deepEqual([told.verdict, told.cause], ['blocked', 'refused'])
  assert.ok(dialled.filter((one) => one === place).length > 2)
})

test('where a wait is shorter than that for a lost segment, nothing is compared before its end', async () => {
  const { promise, resolve } = Promise.withResolvers<TcpConnect['outcome']>()
  const { net, dialled } = scriptedNet({ connect: (_, time) => (time === 1 ? promise : 'timeout') })
  const checking = check(checkInput([flow]), net, { signal: new AbortController().signal, timeoutMs: 300 })
  setTimeout(() => resolve('timeout'), 250)
  await promise
  assert.deepEqual(dialled, [place])
  await checking
})
