import type { AuditFlowReport, AuditSummary, AuditVerdict, NotJudged } from '../model/auditReport.ts'

/** Counts the flows of an audit by verdict, and those that are not as they must be. */
export function auditSummary(flows: readonly AuditFlowReport[], notJudged: readonly NotJudged[]): AuditSummary {
  const count = (verdict: AuditVerdict): number => flows.filter((flow) => flow.verdict === verdict).length
  const closed = flows.filter(({ expect }) => expect === 'closed')
  return {
    allow: count('allow'),
    deny: count('deny'),
    may: count('may'),
    misdirected: count('misdirected'),
    noPath: count('no-path'),
    unknownRef: count('unknown-ref'),
    closed: closed.filter(({ verdict }) => verdict === 'deny' || verdict === 'no-path').length,
    forbiddenOpen: closed.filter(({ verdict }) => verdict === 'allow').length,
    notJudged: notJudged.reduce((sum, one) => sum + one.count, 0),
    requiredNotProven: flows.filter(
      ({ expect, necessity, verdict }) => expect === 'open' && necessity === 'required' && verdict !== 'allow',
    ).length,
  }
}
