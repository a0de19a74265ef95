import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkReportOf, flowReportOf, samplePlan } from '../../../test/reports.ts'
import type { Finding } from '../../model/finding.ts'
import type { FlowReport } from '../../model/report.ts'
import { nextStepOf } from './nextStepOf.ts'

const [planned] = samplePlan.flows
assert.ok(planned)
const refused: FlowReport = {
  ...flowReportOf(planned),
  verdict: 'blocked',
  cause: 'refused',
  confidence: 'certain',
}

test('what stands in the way of everything comes before any port, even where every flow is open', () => {
  const build: Finding = {
    code: 'old-connect-build',
    severity: 'critical',
    what: '',
    where: { target: 'connect01' },
    why: '',
    next: '',
    flows: [],
  }
  for (const flow of [refused, { ...refused, verdict: 'open' } as const]) {
    const { findings: _, ...report } = checkReportOf([flow])
    assert.match(
      nextStepOf({ ...report, findings: [build] }),
      /^postern explain old-connect-build tells more; once mended/,
    )
  }
})
