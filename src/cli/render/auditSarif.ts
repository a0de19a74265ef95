import type { AuditFindingCode } from '../../firewall/findingRows.ts'
import { auditFindingRows } from '../../firewall/findingRows.ts'
import type { AuditReport, AuditStep } from '../../model/auditReport.ts'
import type { Finding } from '../../model/finding.ts'
import { auditExitCode } from '../auditExitCode.ts'
import type { AuditGroup } from './auditGroups.ts'
import { auditGroups, groupFix, idsOfFlow, placeOfFlow } from './auditGroups.ts'
import { auditSummaryWords, coverageWords } from './auditHeadline.ts'
import type { AuditLook } from './auditStanding.ts'
import { auditLooks, countedAs } from './auditStanding.ts'
import { countOf, portOf, throughOf } from './flowWords.ts'
import { json } from './json.ts'
import type { Page } from './page.ts'
import { plain } from './plain.ts'
import type { SarifKind, SarifLevel } from './sarifFlowResult.ts'
import { digest, levelOfSeverity } from './sarifFlowResult.ts'
import type { FilePlace } from './sarifPieces.ts'
import { isTime, literal, physical, sarifSchema } from './sarifPieces.ts'

/**
 * An audit as a SARIF 2.1.0 log (OASIS Standard, errata 01): one run; a result at the line of each rule that decides
 * flows, with all of them, one for each finding, and one for each statement that was not understood, so that a pull
 * request shows them where they are. What no line decides points at the site file.
 */
export function auditSarif(report: AuditReport, { placeOf }: Pick<Page, 'placeOf'> = {}): string {
  const told = new Set(
    report.findings
      .filter(({ code }) => code === 'unread-statement')
      .map(({ where: { file, line } }) => `${file}:${line}`),
  )
  const results = [
    ...auditGroups(report.flows).map((group) => groupResult(group, placeOf?.(group.shared[0][0]))),
    ...report.findings
      .filter(({ code }) => code !== 'forbidden-flow-open')
      .map((finding) =>
        findingResult(finding, placeOf?.(report.flows.find(({ flow }) => flow === finding.where.flow))),
      ),
    ...report.coverage.unread.filter(({ file, line }) => !told.has(`${file}:${line}`)).map(unreadResult),
  ]
  const ids = [...new Set(results.map(({ ruleId }) => ruleId))]
  const indexOf = new Map(ids.map((id, at) => [id, at]))
  const begun = Date.parse(report.startedAt)
  const ended = begun + report.durationMs
  return json({
    $schema: sarifSchema,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Postern', version: report.postern, rules: ids.map(ruleOf) } },
        automationDetails: { id: plain(`postern-audit/${report.site}/`) },
        invocations: [
          {
            executionSuccessful: !report.interrupted,
            exitCode: auditExitCode({ ...report, interrupted: false }, { failOn: 'high', strict: false }),
            exitCodeDescription: `as with --fail-on high and without --strict: ${plain(auditSummaryWords(report))}`,
            ...(isTime(begun) && { startTimeUtc: new Date(begun).toISOString() }),
            ...(isTime(ended) && { endTimeUtc: new Date(ended).toISOString() }),
            ...(report.interrupted && {
              toolExecutionNotifications: [
                { level: 'warning', message: { text: 'Stopped before its end: what was not judged is not in it.' } },
              ],
            }),
          },
        ],
        columnKind: 'utf16CodeUnits',
        results: results.map((result) => ({ ...result, ruleIndex: indexOf.get(result.ruleId) })),
        properties: {
          site: report.site,
          summary: report.summary,
          coverage: coverageWords(report),
          devices: report.devices.map(({ name, vendor }) => ({ name, vendor })),
          catalog: report.catalog.asOf,
          ...(report.wire !== undefined && { wire: report.wire }),
        },
      },
    ],
  })
}

interface Result {
  readonly ruleId: string
  readonly kind: SarifKind
  readonly level: SarifLevel
  readonly message: { readonly text: string }
  readonly locations?: readonly object[]
  readonly partialFingerprints: Readonly<Record<string, string>>
  readonly properties?: object
}

const ruleIds: Readonly<Record<AuditLook, string>> = {
  forbidden: 'forbidden-flow-open',
  misdirected: 'flow-misdirected',
  deny: 'flow-denied',
  'no-path': 'flow-without-path',
  'unknown-ref': 'flow-unknown-reference',
  may: 'flow-not-settled',
  allow: 'flow-allowed',
  closed: 'flow-closed',
}

const ruleTexts: Readonly<Record<string, string>> = {
  'forbidden-flow-open': 'A flow that must be closed is allowed.',
  'flow-misdirected': 'A flow passes and is led elsewhere.',
  'flow-denied': 'A rule drops or rejects a flow that the plan needs.',
  'flow-without-path': 'No route or translation leads on.',
  'flow-unknown-reference': 'The rule that would decide a flow refers to what is not there.',
  'flow-not-settled': 'Whether a flow passes depends on what the configuration does not settle.',
  'flow-allowed': 'A flow that the plan needs passes.',
  'flow-closed': 'A flow that must be closed is denied.',
}

function ruleOf(id: string): object {
  const text = Object.hasOwn(ruleTexts, id) ? ruleTexts[id] : undefined
  const row = Object.hasOwn(auditFindingRows, id) ? auditFindingRows[id as AuditFindingCode] : undefined
  const help =
    row === undefined
      ? 'The result itself says what was found, which flows it harms and what to do.'
      : `${row.why}\nFix: ${row.fix}\npostern explain ${id} tells it too.`
  return {
    id,
    shortDescription: { text: literal(text ?? row?.meaning ?? `Finding ${id} of an audit.`) },
    help: { text: literal(help) },
    properties: { tags: ['network', 'firewall'] },
  }
}

const kinds: Readonly<Record<'failed' | 'doubtful' | 'well', SarifKind>> = {
  failed: 'fail',
  // Asked, and the answers do not decide: SARIF's word for it is `open`.
  doubtful: 'open',
  well: 'pass',
}

/** So many flows stand in a message; the properties have all. */
const mostFlows = 20

function groupResult(group: AuditGroup, place: FilePlace | undefined): Result {
  const { look, step, shared } = group
  const fix = groupFix(group)
  const [[flow]] = shared
  const kind = kinds[auditLooks[look].standing]
  const flows = shared.flat()
  const grave = flows.some(({ necessity, expect }) => necessity === 'required' || expect === 'closed')
  const rest = shared.length - mostFlows
  const told = shared
    .slice(0, mostFlows)
    .map(
      (same) =>
        `- ${portOf(same[0].target)} ${placeOfFlow(same[0])} from ${same[0].from}${throughOf(same[0])}: ${idsOfFlow(same)}`,
    )
  const where = stepPlace(step) ?? place
  return {
    ruleId: ruleIds[look],
    kind,
    level: kind === 'fail' ? (grave ? 'error' : 'warning') : 'none',
    message: {
      text: literal(
        [
          `${countOf(flows.length, 'flow')} ${countedAs(look, flows.length)}: ${flow.says}`,
          ...told,
          ...(rest > 0 ? [`- and ${rest} more`] : []),
          ...(fix === undefined ? [] : [`Fix: ${fix}`]),
        ].join('\n'),
      ),
    },
    ...(where !== undefined && { locations: [{ physicalLocation: physical(where) }] }),
    // Lines move with every change above them: the rule's own name does not.
    partialFingerprints: {
      'posternRule/v1': digest([look, step?.device, step?.stage, step?.rule, step?.file, flow.says].join('|')),
    },
    properties: { flows: [...new Set(flows.map((one) => one.flow))], verdict: flow.verdict },
  }
}

function stepPlace(step: AuditStep | undefined): FilePlace | undefined {
  if (step?.file === undefined || step.file === '-') return undefined
  return { file: step.file, ...(step.line !== undefined && { line: step.line }) }
}

/** @param inSite where the site file has the flow: what no line of a configuration shows is mended there */
function findingResult(
  { code, severity, what, why, next, where, flows }: Finding,
  inSite: FilePlace | undefined,
): Result {
  const { file, line } = where
  const place = file === undefined ? inSite : file === '-' ? undefined : { file, ...(line !== undefined && { line }) }
  return {
    ruleId: plain(code),
    kind: 'fail',
    level: levelOfSeverity(severity),
    message: { text: literal(`${what}\n${why}\nNext: ${next}`) },
    ...(place !== undefined && { locations: [{ physicalLocation: physical(place) }] }),
    partialFingerprints: { 'posternFinding/v1': digest([code, file, where.flow, where.target, what].join('|')) },
    properties: { severity, flows },
  }
}

function unreadResult({ file, line, text, why }: AuditReport['coverage']['unread'][number]): Result {
  return {
    ruleId: 'unread-statement',
    kind: 'fail',
    level: 'note',
    message: { text: literal(`Not understood: ${why}\n${text}`) },
    ...(file !== '-' && { locations: [{ physicalLocation: physical({ file, line }) }] }),
    partialFingerprints: { 'posternStatement/v1': digest([file, text].join('|')) },
  }
}
