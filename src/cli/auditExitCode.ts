import type { AuditReport } from '../model/auditReport.ts'
import type { Severity } from '../model/finding.ts'
import { severities } from '../model/finding.ts'
import { exitCodes } from './shell.ts'

/**
 * What an audit's result means to the program that called: stopped by hand, then findings and required flows that are
 * neither allowed without reserve nor open on the wire where the paper leaves it open (with `strict` also those that no configuration speaks of), else well.
 */
export function auditExitCode(
  { findings, summary, notJudged, interrupted, wire }: AuditReport,
  { failOn, strict }: { readonly failOn: Severity; readonly strict: boolean },
): number {
  if (interrupted) return exitCodes.interrupted
  const bad = findings.some(({ severity }) => severities.indexOf(severity) <= severities.indexOf(failOn))
  const left = strict && notJudged.some(({ required }) => required > 0)
  return bad || left || summary.requiredNotProven > (wire?.settledRequired ?? 0) ? exitCodes.findings : exitCodes.well
}
