import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkReportOf, flowReportOf, samplePlan } from '../../test/reports.ts'
import type { Finding } from '../model/finding.ts'
import type { FlowReport } from '../model/report.ts'
import { exitCodeOf } from './exitCodeOf.ts'

const [planned] = samplePlan.flows
assert.ok(planned)
const open = flowReportOf(planned)
const usual = { failOn: 'high', strict: false, interrupted: false } as const
const code = (parts: Partial<FlowReport>, options: Partial<Parameters<typeof exitCodeOf>[1]> = {}) =>
  exitCodeOf(checkReportOf([{ ...open, ...parts }]), { ...usual, ...options })

test('all well is 0, and what was not run decides only when strict', () => {
  assert.equal(code({ verdict: 'open' }), 0)
  assert.equal(code({ verdict: 'not-run' }), 0)
  assert.equal(code({ verdict: 'not-run' }, { strict: true }), 1)
})

test('a required flow that is blocked, wrong or unknown is 1; one that is not required is not', () => {
  for (const verdict of ['blocked', 'wrong', 'unknown'] as const) {
    assert.equal(code({ verdict }), 1, verdict)
    assert.equal(code({ verdict, necessity: 'optional' }), 0, verdict)
  }
  assert.equal(code({ verdict: 'degraded' }), 0)
})

test('a flow that must be closed and is closed is well, also where the rule is required', () => {
  for (const necessity of ['not-required', 'required'] as const) {
    assert.equal(code({ verdict: 'blocked', expect: 'closed', necessity }), 0, necessity)
    assert.equal(code({ verdict: 'not-run', expect: 'closed', necessity }, { strict: true }), 0, necessity)
  }
})

test('findings count from --fail-on on', () => {
  const finding: Finding = { code: 'x', severity: 'medium', what: '', where: {}, why: '', next: '', flows: [] }
  const report = { ...checkReportOf([open]), findings: [finding] }
  assert.equal(exitCodeOf(report, usual), 0)
  assert.equal(exitCodeOf(report, { ...usual, failOn: 'medium' }), 1)
  assert.equal(exitCodeOf(report, { ...usual, failOn: 'info' }), 1)
})

test('a check that its budget ended before everything required was proven is not well', () => {
  const report = checkReportOf([{ ...open, verdict: 'not-run' }])
  assert.equal(exitCodeOf({ ...report, interrupted: true }, usual), 1)
})

test('Ctrl-C is 130, whatever was found', () => {
  assert.equal(code({ verdict: 'blocked' }, { interrupted: true }), 130)
})
