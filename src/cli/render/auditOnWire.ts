import type { AuditOnWire } from '../../model/auditOnWire.ts'
import type { AuditFlowReport, AuditReport } from '../../model/auditReport.ts'
import { placeOfFlow } from './auditGroups.ts'
import { countOf, portOf, throughOf, timeOf } from './flowWords.ts'

/** `check.json of 2026-11-22 05:15:44 UTC, from here, 3 days before this audit`. */
export function wireOriginWords({ file, startedAt, from, ageDays, isOld }: AuditOnWire): string {
  const when =
    ageDays < 0
      ? ', which is after this audit by its clock'
      : ageDays === 0
        ? ''
        : `, ${countOf(ageDays, 'day')} before this audit${isOld ? ': an old report' : ''}`
  return `${file} of ${timeOf(startedAt)}, from ${from}${when}`
}

/** How paper and wire stand to each other, in one sentence. */
export function wireCountWords(wire: AuditOnWire): string {
  const { both, agree, unknownDevice, configurationDiffers, settled, notTold, onlyOnPaper, onlyOnWire } = wire
  const told = [
    `${agree} agree`,
    ...(unknownDevice === 0 ? [] : [`${unknownDevice} allowed on paper and kept back on the wire`]),
    ...(configurationDiffers === 0 ? [] : [`${configurationDiffers} not as the configuration has it`]),
    ...(settled === 0 ? [] : [`${settled} settled by the wire`]),
    ...(notTold === 0 ? [] : [`${notTold} of which the wire does not tell`]),
  ]
  return `${countOf(both, 'flow')} in both: ${told.join(', ')}; ${onlyOnPaper} on paper alone, ${onlyOnWire} on the wire alone`
}

/** What the configurations leave open and the wire shows: a line a flow. */
export function settledWords({ flows }: Pick<AuditReport, 'flows'>): readonly string[] {
  return flows.flatMap((flow) => {
    const agreement = flow.wire?.agreement
    if (agreement !== 'settled-open' && agreement !== 'settled-closed') return []
    return [`settled: ${flowWords(flow)} ${agreement === 'settled-open' ? 'is open' : 'is kept back'} on the wire`]
  })
}

function flowWords(flow: AuditFlowReport): string {
  return `${portOf(flow.target)} ${placeOfFlow(flow)} from ${flow.from}${throughOf(flow)} (${flow.flow})`
}
