import type { AuditReport } from '../../model/auditReport.ts'
import type { Finding } from '../../model/finding.ts'
import { severities } from '../../model/finding.ts'
import { auditLookOf } from './auditStanding.ts'

/**
 * Findings that need telling beside flows and coverage, the gravest first: what the block of a forbidden flow says
 * already, and statements that were not understood and that no flow depends on, stand there.
 */
export function auditFindingsTold({ findings, flows }: AuditReport): readonly Finding[] {
  const forbidden = new Set(flows.filter((flow) => auditLookOf(flow) === 'forbidden').map(({ flow }) => flow))
  const isTold = ({ code, flows: ids }: Finding): boolean => {
    if (code === 'unread-statement') return ids.length === 0
    return code === 'forbidden-flow-open' && ids.length > 0 && ids.every((id) => forbidden.has(id))
  }
  return findings
    .filter((finding) => !isTold(finding))
    .toSorted((one, other) => severities.indexOf(one.severity) - severities.indexOf(other.severity))
}
