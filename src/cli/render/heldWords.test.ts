import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkReportOf, flowReportOf, sampleCheck, samplePlan } from '../../../test/reports.ts'
import type { FlowReport } from '../../model/report.ts'
import { checkHtml } from './checkHtml.ts'
import { checkMarkdown } from './checkMarkdown.ts'
import { checkText } from './checkText.ts'
import { heldWords } from './heldWords.ts'

const planned = samplePlan.flows[0] ?? assert.fail()

function heldAt(port: number, heldHeard: number, held = 3, flow = 'row-1'): FlowReport {
  const target = { name: 'dc01.corp.example', port, transport: 'tcp', service: 'tcp' } as const
  return flowReportOf({ ...planned, flow, target }, { learnt: { heldSec: 300, held, heldHeard } })
}

test('held connections that were all heard of again are told in one line', () => {
  assert.equal(
    heldWords([heldAt(88, 3), heldAt(389, 3), heldAt(389, 3, 3, 'row-2')]),
    'held for 300 s without a word: 2 places, each of which answered the goodbye afterwards',
  )
  assert.match(heldWords([heldAt(88, 3)]) ?? '', /: 1 place, which answered/)
})

test('places where a goodbye was not answered are named, as many as help', () => {
  assert.match(
    heldWords([heldAt(88, 2), heldAt(389, 3)]) ?? '',
    /: 2 places; not every goodbye was answered by tcp\/88 dc01\.corp\.example \(2 of 3\)$/,
  )
  const many = Array.from({ length: 20 }, (_, at) => heldAt(1000 + at, 0))
  assert.match(heldWords(many) ?? '', /tcp\/1011 dc01\.corp\.example \(0 of 3\) and 8 more$/)
})

test('every report tells it, and says nothing where nothing was held', () => {
  for (const render of [
    (report: typeof sampleCheck) => checkText(report, { colour: false, width: 80, long: false }),
    checkMarkdown,
    checkHtml,
  ]) {
    assert.match(render(checkReportOf([heldAt(88, 3)])), /held for 300 s without a word/)
    assert.doesNotMatch(render(sampleCheck), /without a word/)
  }
})
