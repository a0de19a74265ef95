import type { Severity } from '../model/finding.ts'
import { severities } from '../model/finding.ts'
import type { CheckReport } from '../model/report.ts'
import { exitCodes } from './shell.ts'

/**
 * What a check's result means to the program that called: stopped by hand, then findings and required flows that are
 * blocked, wrong or unknown (with `strict` also those that were not run), else well.
 */
export function exitCodeOf(
  report: CheckReport,
  { failOn, strict, interrupted }: { failOn: Severity; strict: boolean; interrupted: boolean },
): number {
  if (interrupted) return exitCodes.interrupted
  const bad = report.findings.some(({ severity }) => severities.indexOf(severity) <= severities.indexOf(failOn))
  const notProven = report.flows.some(
    ({ necessity, expect, verdict }) =>
      expect === 'open' &&
      necessity === 'required' &&
      (verdict === 'blocked' || verdict === 'wrong' || verdict === 'unknown' || (strict && verdict === 'not-run')),
  )
  // A check that its own budget cut short has not shown that all is well.
  const cutShort = report.interrupted && report.summary.requiredNotProven > 0
  return bad || notProven || cutShort ? exitCodes.findings : exitCodes.well
}
