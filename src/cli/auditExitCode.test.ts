import assert from 'node:assert/strict'
import { test } from 'node:test'
import { auditFlowOf, bareAudit } from '../../test/auditReports.ts'
import { sampleFlows } from '../../test/sampleFlows.ts'
import { auditSummary } from '../audit/auditSummary.ts'
import type { AuditFlowReport, AuditReport } from '../model/auditReport.ts'
import { auditVerdicts } from '../model/auditReport.ts'
import { auditExitCode } from './auditExitCode.ts'

const usual = { failOn: 'high', strict: false } as const

const report = (flows: readonly AuditFlowReport[], parts: Partial<AuditReport> = {}): AuditReport => ({
  ...bareAudit,
  findings: [],
  flows,
  summary: auditSummary(flows, parts.notJudged ?? []),
  ...parts,
})

test('a required flow that is not allowed without reserve is 1, and one that is not required is not', () => {
  for (const verdict of auditVerdicts) {
    const code = verdict === 'allow' ? 0 : 1
    assert.equal(auditExitCode(report([auditFlowOf(sampleFlows.ldap, { verdict })]), usual), code, verdict)
    const optional = auditFlowOf({ ...sampleFlows.ldap, necessity: 'optional' }, { verdict })
    assert.equal(auditExitCode(report([optional]), usual), 0, verdict)
    const closed = auditFlowOf({ ...sampleFlows.ldap, expect: 'closed' }, { verdict })
    assert.equal(auditExitCode(report([closed]), usual), 0, `${verdict}: a forbidden flow counts by its finding`)
  }
})

test('required flows that nobody could judge decide only when strict', () => {
  const notJudged = [{ why: 'w', add: 'a', flows: ['t1-dns'], count: 1, required: 1 }]
  assert.equal(auditExitCode(report([], { notJudged }), usual), 0)
  assert.equal(auditExitCode(report([], { notJudged }), { ...usual, strict: true }), 1)
})

test('findings count from --fail-on on, and a stopped audit is 130', () => {
  const found = { ...report([]), findings: bareAudit.findings }
  assert.equal(auditExitCode(found, usual), 0)
  assert.equal(auditExitCode(found, { ...usual, failOn: 'medium' }), 1)
  assert.equal(auditExitCode({ ...found, interrupted: true }, { ...usual, failOn: 'medium' }), 130)
})
