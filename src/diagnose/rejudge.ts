import type { Finding } from '../model/finding.ts'
import type { CheckReport, FlowReport, JudgementContext } from '../model/report.ts'
import { diagnose } from './diagnose.ts'
import { summaryOf } from './summaryOf.ts'

/**
 * Judges a report again from the evidence and context that it carries: what an older Postern saw, as this one
 * understands it. Nothing is asked, and no date but the report's own counts.
 *
 * @param findingsOf how findings follow from flows, and from what was known besides; absent: those of the report stay as they were
 */
export function rejudge(
  report: CheckReport,
  findingsOf: (flows: readonly FlowReport[], context: JudgementContext) => readonly Finding[] = () => report.findings,
): CheckReport {
  const flows = report.flows.map((flow) => rejudgeFlow(flow, report.context))
  return {
    ...report,
    flows,
    summary: summaryOf(flows, report.summary.elsewhere),
    findings: findingsOf(flows, report.context),
  }
}

/** Judges one flow of a report again, from its evidence and what was known then. */
export function rejudgeFlow(judged: FlowReport, context: JudgementContext): FlowReport {
  const {
    verdict: _verdict,
    cause: _cause,
    confidence: _confidence,
    says: _says,
    owner: _owner,
    fix: _fix,
    alternatives: _alternatives,
    nextProbe: _nextProbe,
    decidedBy: _decidedBy,
    learnt: _learnt,
    evidence,
    timing,
    ...flow
  } = judged
  return { ...flow, ...diagnose({ flow, observations: evidence, context }), evidence, timing }
}
