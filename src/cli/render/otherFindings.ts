import type { Finding } from '../../model/finding.ts'
import type { FlowReport } from '../../model/report.ts'

/** Findings that none of the flows that are told stands for: those flows say the same already. */
export function otherFindings(findings: readonly Finding[], told: readonly FlowReport[]): readonly Finding[] {
  const ids = new Set(told.map(({ flow }) => flow))
  return findings.filter(({ flows }) => flows.length === 0 || !flows.every((id) => ids.has(id)))
}
