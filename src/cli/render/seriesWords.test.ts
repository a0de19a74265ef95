import assert from 'node:assert/strict'
import { test } from 'node:test'
import { series } from '../../../test/observed.ts'
import { checkReportOf, flowReportOf, sampleCheck, samplePlan } from '../../../test/reports.ts'
import type { ConnectSeries, Observation } from '../../model/observation.ts'
import type { FlowReport } from '../../model/report.ts'
import { checkHtml } from './checkHtml.ts'
import { checkMarkdown } from './checkMarkdown.ts'
import { checkText } from './checkText.ts'
import { stepOf } from './observationWords.ts'
import { seriesWords } from './seriesWords.ts'

const planned = samplePlan.flows[0] ?? assert.fail()

type Over = Parameters<typeof series>[0]

function measuredAt(port: number, ...all: readonly Over[]): FlowReport {
  const target = { name: 'dc01.corp.example', port, transport: 'tcp', service: 'tcp' } as const
  const evidence = all.map(
    (over, at): Observation =>
      ({ id: `s${port}-${at}`, role: 'control', ...series({ port, ...over }).seen }) as ConnectSeries,
  )
  return flowReportOf({ ...planned, flow: `to-${port}`, target }, { evidence })
}

const lossy = { prompt: 91, repeated: 6, lost: 3 } as const

test('one place is told with its round trips, also where all is well', () => {
  assert.deepEqual(seriesWords([measuredAt(88, {})]), [
    'opened one by one to tcp/88 dc01.corp.example: 0 of 100 missed, median 0.4 ms, 95th 0.7 ms',
  ])
  assert.deepEqual(seriesWords([measuredAt(88, lossy)]), [
    'opened one by one to tcp/88 dc01.corp.example: 9 of 100 missed, 6 sent again, 3 unanswered, median 0.4 ms, 95th 0.7 ms',
  ])
})

test('of several places the sum is told, and those that missed any', () => {
  assert.deepEqual(seriesWords([measuredAt(88, {}), measuredAt(389, {})]), [
    'opened one by one: 200 connections to 2 places, none lost and none sent again, median at most 0.4 ms',
  ])
  assert.match(
    seriesWords([measuredAt(88, {}), measuredAt(389, lossy)])[0] ?? '',
    /; not all went through at the first try at tcp\/389 dc01\.corp\.example \(9 of 100 missed, 6 sent again, /,
  )
  const many = Array.from({ length: 20 }, (_, at) => measuredAt(1000 + at, lossy))
  assert.match(seriesWords(many)[0] ?? '', /tcp\/1011 dc01\.corp\.example \([^)]*\) and 8 more$/)
})

test('paces are told from the slowest to the quickest, and a pace that was not reached is said', () => {
  const rate = (perSecond: number, over: Over = {}): Over => ({
    asked: 'rate',
    perSecond,
    sent: perSecond * 3,
    prompt: perSecond * 3,
    ms: 2980,
    ...over,
  })
  assert.deepEqual(seriesWords([measuredAt(88, rate(20), rate(40))]), [
    'opened at up to 40 a second: 180 connections to 1 place, none missed at any pace',
  ])
  assert.deepEqual(seriesWords([measuredAt(88, rate(20), rate(40, { refused: 50, prompt: 70 }))]), [
    'opened at up to 40 a second: 180 connections to 1 place; missed at tcp/88 dc01.corp.example (0 of 60 at 20 a second, 50 of 120 at 40 a second)',
  ])
  assert.match(seriesWords([measuredAt(88, rate(400, { ms: 9000 }))])[0] ?? '', /did not reach the pace at 1 of them/)
})

test('a series is one step of the evidence', () => {
  const [seen] = measuredAt(88, { ...lossy, late: 2, outcome: 'aborted' }).evidence
  assert.deepEqual(seen && stepOf(seen), {
    did: 'opened 100 connections to 10.1.0.20:88 over tcp, 10 a second, over 9900 ms',
    came: '9 of 100 missed, median 0.4 ms, 95th 0.7 ms',
    particulars: ['6 sent again', '3 unanswered', '2 late by other than a repeated SYN', 'stopped before its end'],
  })
})

test('every report tells it, and says nothing where nothing was measured', () => {
  for (const render of [
    (report: typeof sampleCheck) => checkText(report, { colour: false, width: 200, long: false }),
    checkMarkdown,
    checkHtml,
  ]) {
    assert.match(render(checkReportOf([measuredAt(88, {})])), /opened one by one/)
    assert.doesNotMatch(render(sampleCheck), /opened one by one/)
  }
})
