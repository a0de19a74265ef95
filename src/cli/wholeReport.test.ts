import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkReportOf, flowReportOf } from '../../test/reports.ts'
import { sampleFlows } from '../../test/sampleFlows.ts'
import { WholeReport } from './wholeReport.ts'

const [one, other, last] = Object.values(sampleFlows)
assert.ok(one && other && last)
const wellBefore = [one, other, last].map((flow) => flowReportOf(flow, { verdict: 'open' }))

test('a look at one flow takes the place of what was known of it, and the others stay', () => {
  const whole = new WholeReport(checkReportOf(wellBefore), [one, other, last])
  const failed = flowReportOf(other, { verdict: 'blocked', cause: 'refused' })
  const { flows, summary } = whole.take(checkReportOf([failed]))
  assert.deepEqual(
    flows.map(({ flow, verdict }) => [flow, verdict]),
    [
      [one.flow, 'open'],
      [other.flow, 'blocked'],
      [last.flow, 'open'],
    ],
  )
  assert.equal(summary.blocked, 1)
  assert.equal(whole.take(checkReportOf([flowReportOf(other, { verdict: 'open' })])).summary.blocked, 0)
})

test('what is not looked at stays in the report', () => {
  const whole = new WholeReport(checkReportOf(wellBefore), [other])
  assert.equal(whole.take(checkReportOf([flowReportOf(other)])).flows.length, wellBefore.length)
})

test('a name that was dialled at another address is the same flow', () => {
  const planned = { ...one, target: { ...one.target, address: undefined } }
  const { address: _, ...target } = planned.target
  const flow = { ...one, target }
  const at = (address: string) => flowReportOf({ ...one, target: { ...target, address } })
  const whole = new WholeReport(checkReportOf([at('192.0.2.1')]), [flow])
  const { flows } = whole.take(checkReportOf([at('192.0.2.2')]))
  assert.deepEqual(
    flows.map((seen) => seen.target.address),
    ['192.0.2.2'],
  )
})
