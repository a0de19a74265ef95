import type { AuditReport } from '../../model/auditReport.ts'
import type { Finding } from '../../model/finding.ts'
import { auditFindingsTold } from './auditFindingsTold.ts'
import type { AuditGroup } from './auditGroups.ts'
import { auditGroups, groupFix, idsOfFlow, placeOfFlow } from './auditGroups.ts'
import {
  auditHeadline,
  auditNextStep,
  auditSummaryWords,
  coverageWords,
  deviceWords,
  notJudgedIds,
  tableWords,
  unreadWords,
} from './auditHeadline.ts'
import { settledWords, wireCountWords, wireOriginWords } from './auditOnWire.ts'
import { auditLooks } from './auditStanding.ts'
import { countOf, durationOf, flowsBy, mappedNames, mappedWords, portOf, throughOf, timeOf } from './flowWords.ts'
import { code, folded, list, prose, table } from './markdown.ts'
import type { Page } from './page.ts'

/**
 * An audit for a pull request or a wiki (CommonMark with GitHub's tables): the outcome, a table of the rules that keep
 * flows from passing as they must, the findings, the next step; what is well, not judged or not understood is folded.
 */
export function auditMarkdown(report: AuditReport, { again }: Pick<Page, 'again'> = {}): string {
  const groups = auditGroups(report.flows)
  const of = (standing: 'failed' | 'doubtful' | 'well') =>
    groups.filter(({ look }) => auditLooks[look].standing === standing)
  const [failed, doubtful, well] = [of('failed'), of('doubtful'), of('well')]
  const count = (some: readonly AuditGroup[]) => countOf(some.flatMap(({ shared }) => shared.flat()).length, 'flow')
  const { coverage, notJudged, summary } = report
  const told = auditFindingsTold(report)
  const blocks = [
    `## ${prose(report.site)}: ${prose(auditHeadline(report).words + mappedWords(report.names))}`,
    prose(`${auditSummaryWords(report)}; ${coverageWords(report)}`),
    ...(report.interrupted ? ['**Stopped before its end:** what was not judged is not in it.'] : []),
    ...(failed.length === 0 ? [] : [`### Not as it must be: ${count(failed)}`, groupTable(failed)]),
    ...(doubtful.length === 0 ? [] : [`### In doubt: ${count(doubtful)}`, groupTable(doubtful)]),
    ...(told.length === 0 ? [] : ['### Findings', findingTable(told)]),
    ...(report.wire === undefined
      ? []
      : [
          `**On the wire:** ${prose(wireOriginWords(report.wire))}. ${prose(wireCountWords(report.wire))}.`,
          ...(report.wire.settled === 0 ? [] : [list(settledWords(report).map(prose))]),
        ]),
    `**Next:** ${prose(auditNextStep(report, again))}`,
    ...(well.length === 0 ? [] : [folded(`As it must be: ${count(well)}`, groupTable(well))]),
    ...(notJudged.length === 0
      ? []
      : [
          folded(
            `Not judged: ${countOf(summary.notJudged, 'flow')}`,
            list(
              notJudged.map(
                (one) =>
                  `**${countOf(one.count, 'flow')}:** ${prose(one.why)}: ${prose(notJudgedIds(one, one.flows.length))}. Add ${prose(one.add)}.`,
              ),
            ),
          ),
        ]),
    ...(coverage.unread.length === 0
      ? []
      : [
          folded(
            `Not understood: ${countOf(coverage.statements - coverage.understood, 'statement')}`,
            list(coverage.unread.map((line) => prose(unreadWords(line)))),
          ),
        ]),
    folded('About this audit', list(about(report))),
  ]
  return `${blocks.join('\n\n')}\n`
}

function groupTable(groups: readonly AuditGroup[]): string {
  return table(
    ['Verdict', 'Rule', 'Where', 'Flows', 'What is so', 'Fix'],
    groups.map((group) => {
      const { look, step, shared } = group
      const [[flow]] = shared
      const place = step?.file === undefined ? '' : `${step.file}${step.line === undefined ? '' : `:${step.line}`}`
      const flows = shared.map(
        (same) =>
          `${code(portOf(same[0].target))} ${code(placeOfFlow(same[0]))} from ${prose(same[0].from)}${prose(throughOf(same[0]))} (${prose(idsOfFlow(same))})`,
      )
      return [
        `**${auditLooks[look].label}**`,
        step === undefined ? '' : prose(`${step.rule}, ${step.stage} of ${step.device}`),
        place === '' ? '' : code(place),
        `${flowsBy(shared.flat().length, shared.length)}: ${flows.join('; ')}`,
        prose(flow.says),
        prose(groupFix(group) ?? ''),
      ]
    }),
  )
}

function findingTable(findings: readonly Finding[]): string {
  return table(
    ['Severity', 'What', 'Where', 'Why', 'Next', 'Finding'],
    findings.map(({ severity, what, where: { file, line }, why, next, code: id }) => [
      severity,
      prose(what),
      file === undefined ? '' : code(`${file}${line === undefined ? '' : `:${line}`}`),
      prose(why),
      prose(next),
      code(id),
    ]),
  )
}

function about(report: AuditReport): readonly string[] {
  const mapped = mappedNames(report.names)
  return [
    `Begun ${prose(timeOf(report.startedAt))}, took ${durationOf(report.durationMs)}`,
    ...deviceWords(report).map((device) => `Read: ${prose(device)}`),
    ...tableWords(report).map((told) => `Addresses by ${prose(told)}`),
    `Catalog of ${prose(report.catalog.asOf)}; Postern ${prose(report.postern)}`,
    ...(mapped.length === 0 ? [] : [`Names mapped: ${mapped.map(code).join('; ')}`]),
  ]
}
