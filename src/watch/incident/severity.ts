import { endsKerberos } from '../../diagnose/index.ts'
import type { Severity } from '../../model/finding.ts'
import { severities } from '../../model/finding.ts'
import type { Necessity } from '../../model/flow.ts'
import type { Suspect, SuspectKind } from '../../model/incident.ts'
import type { FlowReport } from '../../model/report.ts'
import type { VerdictKind } from '../../model/verdict.ts'
import { familyOf } from './causeFamilies.ts'
import { internet } from './suspects.ts'
import type { Trouble } from './trouble.ts'
import { isSoft } from './trouble.ts'

/** How bad one failure is by what it is needed for; as the findings of a check have it. */
export function severityOf(verdict: VerdictKind, necessity: Necessity): Severity {
  const isRequired = necessity === 'required'
  switch (verdict) {
    case 'blocked':
    case 'wrong':
      return isRequired ? 'high' : necessity === 'conditional' ? 'medium' : 'low'
    case 'degraded':
    case 'unknown':
      return isRequired ? 'medium' : 'low'
    case 'open':
    case 'not-run':
    case 'not-required':
      return 'low'
    default:
      return verdict satisfies never
  }
}

/**
 * A flow that must be closed and is open is as grave as one that is needed and shut; so is one that was well and is silent now,
 * whoever keeps it from answering.
 *
 * @param wasWell whether it was ever seen well
 */
export function severityOfReport(report: FlowReport, wasWell: boolean): Severity {
  if (report.expect === 'closed') return 'high'
  const { verdict, necessity, cause = 'undetermined' } = report
  const isLost = wasWell && necessity === 'required' && verdict === 'unknown' && familyOf(cause) === 'reach'
  return endsKerberos(report) ? 'high' : severityOf(isLost ? 'blocked' : verdict, necessity)
}

export function isGraver(one: Severity, other: Severity): boolean {
  return severities.indexOf(one) < severities.indexOf(other)
}

/** What many rest on at once. It is the kind that counts and not how many have failed so far, so that nobody is told twice. */
const manyRestOn: ReadonlySet<SuspectKind> = new Set(['vantage', 'gateway', 'proxy', 'resolver'])

/** The gravest of its failures; one more where the cause is one that many rest on, or where bad minutes run out meanwhile. */
export function incidentSeverity({ kind, name }: Suspect, failing: readonly Trouble[]): Severity {
  const gravest = failing.reduce<Severity>(
    (most, { weighed }) => (isGraver(weighed.severity, most) ? weighed.severity : most),
    'info',
  )
  const isWide = kind === 'destination' && (name === internet || name.includes('/'))
  const fails = failing.some((trouble) => !isSoft(trouble) && trouble.weighed.severity === 'high')
  const burns = failing.some(({ finding, weighed }) => finding === 'burn-rate' && weighed.severity === 'high')
  return gravest === 'high' && fails && (burns || isWide || manyRestOn.has(kind)) ? 'critical' : gravest
}
