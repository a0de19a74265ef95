import type { CauseCode } from '../../model/cause.ts'
import type { Finding, Severity } from '../../model/finding.ts'
import type { FlowReport } from '../../model/report.ts'

/** Findings that neither stand before all else nor are said already by the flows that are told. */
export function otherFindings(findings: readonly Finding[], told: readonly FlowReport[]): readonly Finding[] {
  const ids = new Set(told.map(({ flow }) => flow))
  const isTold = ({ code, flows }: Finding): boolean =>
    flows.length > 0 &&
    flows.every((id) => ids.has(id)) &&
    (code === 'forbidden-flow-open' ||
      told.some(({ flow, cause = 'undetermined' }) => cause === code && flows.includes(flow)))
  return findings.filter((finding) => !isGrave(finding) && !isTold(finding))
}

/**
 * Findings that are no flow's own and can stop everything all the same, such as a build that is too old, and then clocks
 * at which every ticket of Kerberos is refused: they are told before any port.
 */
export function graveFindings(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(isGrave)
}

function isGrave({ code, flows, severity }: Finding): boolean {
  return (flows.length === 0 || clocks.has(code)) && gravest.has(severity)
}

const clocks: ReadonlySet<string> = new Set<CauseCode>(['clock-skew', 'clock-wrong'])

const gravest: ReadonlySet<Severity> = new Set(['critical', 'high'])
