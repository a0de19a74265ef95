import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Draft } from '../../test/observed.ts'
import { caseOf, context, flowOf, judgedAt, tcp } from '../../test/observed.ts'
import type { Flow } from '../model/flow.ts'
import type { CheckReport, FlowReport } from '../model/report.ts'
import { diagnose } from './diagnose.ts'
import { rejudge } from './rejudge.ts'
import { summaryOf } from './summaryOf.ts'

const nothing = { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null }

function judged(flow: Flow, drafts: readonly Draft[]): FlowReport {
  const known = caseOf(flow, drafts)
  return { ...flow, ...diagnose(known), evidence: known.observations, timing: nothing }
}

function reportOf(flows: readonly FlowReport[]): CheckReport {
  return {
    postern: '0.1.0',
    kind: 'check',
    site: 'hq',
    from: 'connect01',
    startedAt: judgedAt,
    durationMs: 10,
    interrupted: false,
    catalog: { asOf: '2025-04-09' },
    imitates: 'tls1.2',
    rights: ['connect'],
    context: { judgedAt, cloud: 'worldwide', trusted: [], names: {} },
    summary: summaryOf(flows, 3),
    flows,
    findings: [{ code: 'refused', severity: 'high', what: 'x', where: {}, why: 'y', next: 'z', flows: ['t1-ldaps'] }],
  }
}

const refused = judged(flowOf(), [tcp('refused')])
const silent = judged(flowOf({ flow: 't1-gc' }), [tcp('timeout'), context(tcp('connected', { port: 389 }))])
const closed = judged(flowOf({ flow: 'forbidden', expect: 'closed' }), [tcp('refused')])
const idle = judged(flowOf({ flow: 'later', target: { undialled: 'no name to try' } }), [])

test('a report judged again by the same rules stays as it was', () => {
  const report = reportOf([refused, silent, closed, idle])
  assert.deepEqual(rejudge(report), report)
})

test('a judgement that no rule gives any more is replaced by one that the evidence gives', () => {
  const stale: FlowReport = {
    ...refused,
    verdict: 'wrong',
    cause: 'captive-portal',
    says: 'an old mistake',
    fix: 'sign in',
    learnt: { old: true },
  }
  const [again] = rejudge(reportOf([stale])).flows
  assert.deepEqual(again, refused)
})

test('a cause that no longer stands leaves nothing of itself behind', () => {
  const open = judged(flowOf(), [tcp('connected')])
  const stale: FlowReport = { ...open, verdict: 'blocked', cause: 'refused', owner: 'host', fix: 'x', nextProbe: 'y' }
  const [again] = rejudge(reportOf([stale])).flows
  assert.ok(again && !('cause' in again) && !('owner' in again) && !('fix' in again) && !('nextProbe' in again))
})

test('the summary is counted again, and findings follow when it is said how', () => {
  const stale: FlowReport = { ...refused, verdict: 'open' }
  const report = reportOf([stale])
  assert.equal(report.summary.blocked, 0)
  assert.equal(rejudge(report).summary.blocked, 1)
  assert.equal(rejudge(report).summary.elsewhere, 3)
  assert.deepEqual(rejudge(report).findings, report.findings)
  assert.deepEqual(rejudge(report, () => []).findings, [])
})

test('flows that must be closed are counted apart, and are never required to be open', () => {
  const summary = summaryOf([refused, closed, judged(flowOf({ expect: 'closed' }), [tcp('connected')])], 0)
  assert.deepEqual(
    {
      blocked: summary.blocked,
      open: summary.open,
      closed: summary.closed,
      forbiddenOpen: summary.forbiddenOpen,
      requiredNotProven: summary.requiredNotProven,
    },
    { blocked: 1, open: 0, closed: 1, forbiddenOpen: 1, requiredNotProven: 1 },
  )
})
