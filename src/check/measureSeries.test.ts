import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkInput } from '../../test/checkInput.ts'
import { flowOf } from '../../test/observed.ts'
import { scriptedNet } from '../../test/scriptedNet.ts'
import type { ConnectSeries, Observation } from '../model/observation.ts'
import { check } from './check.ts'
import type { CheckEvent, CheckOptions } from './checkOptions.ts'
import { pacesUpTo, seriesBudgetMs } from './measureSeries.ts'

type Asked = Pick<CheckOptions, 'lossCount' | 'ratePerSecond' | 'concurrency'>

async function measured(ports: readonly number[], asked: Asked, shut: readonly number[] = []) {
  const { net, dialled } = scriptedNet({
    connect: (place) => (shut.some((port) => place.endsWith(`:${port}`)) ? 'refused' : 'connected'),
  })
  const flows = ports.map((port) => flowOf({ flow: `to-${port}`, target: { port, service: 'tcp' } }))
  const events: CheckEvent[] = []
  const signal = new AbortController().signal
  const report = await check(checkInput(flows), net, { signal, ...asked, onEvent: (event) => events.push(event) })
  const seriesOf = (at: number): readonly ConnectSeries[] => (report.flows[at]?.evidence ?? []).filter(isSeries)
  return { report, dialled, events, seriesOf }
}

const isSeries = (one: Observation): one is ConnectSeries => one.kind === 'connect-series'

test('nothing is measured that nobody asked for', async () => {
  const { dialled, seriesOf, events } = await measured([636], {})
  assert.deepEqual([dialled.length, seriesOf(0)], [1, []])
  assert.ok(!events.some((event) => event.kind === 'stage' && event.stage === 'series'))
})

test('each open port has so many connections more, and each flow the series of its place', async () => {
  const { dialled, report, seriesOf } = await measured([636, 389, 636], { lossCount: 10 })
  assert.deepEqual(
    [636, 389].map((port) => dialled.filter((place) => place.endsWith(`:${port}`)).length),
    [11, 11],
  )
  assert.deepEqual(
    report.flows.map(({ verdict, learnt }) => [verdict, learnt['connectionsSent']]),
    [
      ['open', 10],
      ['open', 10],
      ['open', 10],
    ],
  )
  assert.deepEqual(seriesOf(0), seriesOf(2))
})

test('what is shut is not measured', async () => {
  const { seriesOf, events } = await measured([636, 389], { lossCount: 10 }, [389])
  assert.deepEqual([seriesOf(0).length, seriesOf(1).length], [1, 0])
  const stage = events.find((event) => event.kind === 'stage' && event.stage === 'series')
  assert.deepEqual(stage, { kind: 'stage', stage: 'series', count: 1 })
})

test('a flow is settled once, after it has been measured', async () => {
  const { events } = await measured([636, 389], { lossCount: 10 }, [389])
  const settled = events.flatMap((event) => (event.kind === 'settled' ? [event.flow.flow] : []))
  assert.deepEqual(settled.toSorted(), ['to-389', 'to-636'])
  const series = events.findIndex((event) => event.kind === 'stage' && event.stage === 'series')
  const open = events.findIndex((event) => event.kind === 'settled' && event.flow.flow === 'to-636')
  assert.ok(series !== -1 && series < open)
})

test('a pace is tried in four steps of three seconds', () => {
  assert.deepEqual(
    pacesUpTo(100).map(({ asked, perSecond, count }) => `${asked} ${perSecond} ${count}`),
    ['rate 13 39', 'rate 25 75', 'rate 50 150', 'rate 100 300'],
  )
})

test('an end of the check ends what is measured, and the report is given', async () => {
  const { net } = scriptedNet({})
  const stop = new AbortController()
  const onEvent = (event: CheckEvent): void => {
    if (event.kind === 'stage' && event.stage === 'series') stop.abort()
  }
  const flows = [flowOf({ flow: 'one', target: { port: 636, service: 'tcp' } })]
  const report = await check(checkInput(flows), net, {
    signal: stop.signal,
    lossCount: 1000,
    ratePerSecond: 500,
    onEvent,
  })
  assert.deepEqual([report.interrupted, report.flows[0]?.verdict], [true, 'open'])
})

test('the time that series take comes on top of that of the check', () => {
  assert.equal(seriesBudgetMs({}, 20, 3000), 0)
  assert.ok(seriesBudgetMs({ lossCount: 100 }, 9, 3000) >= 2 * (10_000 + 3000))
  assert.ok(seriesBudgetMs({ ratePerSecond: 100 }, 2, 3000) >= 2 * 4 * (3000 + 1000 + 3000))
})
