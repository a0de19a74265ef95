import type { AuditFlowReport, AuditReport, AuditStep } from '../../model/auditReport.ts'
import type { Finding } from '../../model/finding.ts'
import { commandLine } from '../../model/flow.ts'
import { auditFindingsTold } from './auditFindingsTold.ts'
import type { AuditGroup, SharedFlow } from './auditGroups.ts'
import {
  auditGroups,
  groupDepends,
  groupFix,
  groupHead,
  groupRule,
  idsOfFlow,
  mostDepends,
  placeOfFlow,
} from './auditGroups.ts'
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
import { partLines, standingStyles, wayKey } from './auditPathText.ts'
import { auditLookOf, auditLooks } from './auditStanding.ts'
import { padTo } from './columns.ts'
import { countOf, durationOf, flowsBy, mappedWords, portOf, throughOf, timeOf } from './flowWords.ts'
import type { Page } from './page.ts'
import { widthOf } from './page.ts'
import type { Style } from './paint.ts'
import { paint } from './paint.ts'
import { plain } from './plain.ts'
import { entry, labelWidth, paragraph } from './textLines.ts'
import type { Row } from './textTable.ts'
import { textTables } from './textTable.ts'
import { wrapText } from './wrapText.ts'

/**
 * An audit to read: the outcome in one line, then each rule that keeps flows from passing as they must, once, with the
 * flows that it decides; then what is in doubt, the findings, what is well, what was not judged and why; how much was
 * understood, the counts and the next step close it. A question of the command line has its way, device by device.
 * With `long` every flow has its parts.
 */
export function auditText(report: AuditReport, page: Page): string {
  const groups = auditGroups(report.flows.filter((flow) => !isAsked(flow)))
  const bad = groups.filter(({ look }) => auditLooks[look].standing !== 'well')
  const well = groups.filter(({ look }) => auditLooks[look].standing === 'well')
  const sections = [
    firstLines(report, page),
    ...report.flows.filter(isAsked).map((flow) => question(flow, page)),
    ...bad.map((group) => block(group, page)),
    ...findingsLines(report, page),
    wireLines(report, page),
    ...(page.long ? well.map((group) => block(group, page)) : [wellTable(well, page)]),
    notJudgedLines(report, page),
    lastLines(report, page),
  ]
  return sections
    .filter(({ length }) => length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n')
}

function isAsked({ source }: AuditFlowReport): boolean {
  return source === commandLine
}

/** So many findings are told in full. */
const mostFindings = 30

function findingsLines(report: AuditReport, page: Page): readonly (readonly string[])[] {
  const told = auditFindingsTold(report)
  const shown = page.long ? told : told.slice(0, mostFindings)
  const rest = told.length - shown.length
  return [
    ...shown.map((finding) => findingLines(finding, page)),
    ...(rest > 0 ? [paragraph(`and ${countOf(rest, 'finding')} more: --long or --format json`, page, 'quiet')] : []),
  ]
}

function firstLines(report: AuditReport, page: Page): readonly string[] {
  const { look, words } = auditHeadline(report)
  const standing = look === undefined ? undefined : auditLooks[look].standing
  const made = [
    `${timeOf(report.startedAt)}, in ${durationOf(report.durationMs)}`,
    `catalog of ${report.catalog.asOf}`,
    `read: ${deviceWords(report).join('; ')}`,
    ...(report.tables.length === 0 ? [] : [`addresses by ${tableWords(report).join(', ')}`]),
  ]
  return [
    ...paragraph(
      `${report.site}: ${words}${mappedWords(report.names)}`,
      page,
      standing === undefined ? 'strong' : standingStyles[standing],
    ),
    ...paragraph(made.join('; '), page, 'quiet'),
    ...(report.interrupted
      ? paragraph('stopped before its end: what was not judged is not in it', page, 'doubtful')
      : []),
  ]
}

/** So many flows of one rule are named in its block. */
const mostFlows = 12

/** One rule with the flows that it decides. */
function block(group: AuditGroup, page: Page): readonly string[] {
  const { look, step, shared } = group
  const fix = groupFix(group)
  const [[flow]] = shared
  const flows = shared.flat().length
  const rest = shared.length - mostFlows
  const told = page.long ? shared : shared.slice(0, mostFlows)
  const depends = groupDepends(group)
  const isOpen = depends.length > 0
  return [
    ...headOf(
      auditLooks[look].label,
      `${groupHead(group)}, ${flowsBy(flows, shared.length)}`,
      standingStyles[auditLooks[look].standing],
      page,
    ),
    ...(depends.length > mostDepends ? depends.flatMap((what) => entry('-', what, page)) : []),
    ...(step === undefined
      ? []
      : entry(
          '',
          isOpen ? `${openWords(step)} ${groupRule(group)}: ${ruleWords(step)}` : ruleWords(step),
          page,
          'quiet',
        )),
    ...(step === undefined || flow.denial === undefined ? [] : entry('', howWords(flow), page)),
    ...told.flatMap((same, at) => flowLines(same, page, told[at - 1])),
    ...(told.length === shared.length ? [] : entry('-', `and ${rest} more: --long or --format json`, page, 'quiet')),
    ...(fix === undefined ? [] : entry('fix:', fix, page, 'strong')),
  ]
}

/** What the rule of a flow in doubt has to do with it. */
function openWords({ does }: AuditStep): string {
  if (does === 'drops' || does === 'rejects') return 'else denied by'
  return does === 'allows' ? 'else allowed by' : 'at'
}

/** `edge.nft:4, filter forward: policy drop`: where the rule stands, and what it says. */
function ruleWords({ file, line, stage, text, rule }: AuditStep): string {
  const place = file === undefined ? '' : `${file}${line === undefined ? '' : `:${line}`}, `
  return `${place}${stage}: ${text ?? rule}`
}

function howWords({ denial, decidedBy }: AuditFlowReport): string {
  const last = decidedBy.at(-1)
  const what = last?.answer === true ? 'the answer is' : last?.later === true ? 'all after the answer is' : 'they are'
  if (denial === 'mixed') return `${what} dropped in part and rejected in part`
  return denial === 'reject' ? `${what} rejected, which the sender sees at once` : `${what} dropped in silence`
}

function headOf(label: string, text: string, style: Style, page: Page): readonly string[] {
  const head = padTo(`${label} `, labelWidth)
  return wrapText(plain(text), widthOf(page) - head.length).map((line, at) =>
    at === 0
      ? paint(head, style, page.colour) + paint(line, 'strong', page.colour)
      : ' '.repeat(labelWidth) + paint(line, 'strong', page.colour),
  )
}

/** A flow, and its way where everything is asked for: that of the one before it is not drawn again. */
function flowLines(shared: SharedFlow, page: Page, before?: SharedFlow): readonly string[] {
  const [flow] = shared
  const line = `${portOf(flow.target)} ${placeOfFlow(flow)} from ${flow.from}${throughOf(flow)}: ${idsOfFlow(shared)}`
  const isSame = before !== undefined && wayKey(before[0]) === wayKey(flow)
  return [...entry('-', line, page), ...(page.long ? partLines(flow, page, isSame) : [])]
}

/** A question of the command line, with its way. */
function question(flow: AuditFlowReport, page: Page): readonly string[] {
  const look = auditLooks[auditLookOf(flow)]
  return [
    ...headOf(look.label, flow.flow, standingStyles[look.standing], page),
    ...entry('', flow.says, page),
    ...partLines(flow, page),
    ...(flow.fix === undefined ? [] : entry('fix:', flow.fix, page, 'strong')),
  ]
}

function findingLines(finding: Finding, page: Page): readonly string[] {
  const isBad = finding.severity === 'critical' || finding.severity === 'high'
  const { file, line } = finding.where
  const place = file === undefined ? '' : ` (${file}${line === undefined ? '' : `:${line}`})`
  return [
    ...paragraph(
      `finding ${finding.code} (${finding.severity}): ${finding.what}${place}`,
      page,
      isBad ? 'bad' : 'doubtful',
    ),
    ...entry('', finding.why, page),
    ...entry('next:', finding.next, page),
  ]
}

/** So many flows that the wire settled are named. */
const mostSettled = 12

/** Where the audit was held against a check: which one, and how the two stand to each other. */
function wireLines(report: AuditReport, page: Page): readonly string[] {
  const { wire } = report
  if (wire === undefined) return []
  const disagrees = wire.unknownDevice + wire.configurationDiffers > 0
  const isSilent = wire.notTold === wire.both
  const settled = settledWords(report)
  const shown = page.long ? settled : settled.slice(0, mostSettled)
  const rest = settled.length - shown.length
  return [
    ...paragraph(`on the wire: ${wireOriginWords(wire)}`, page, wire.isOld ? 'doubtful' : 'strong'),
    ...entry('', wireCountWords(wire), page, disagrees ? 'bad' : isSilent ? 'doubtful' : 'good'),
    ...(isSilent
      ? entry('next:', 'see first what the check says of itself: it proves nothing of these devices', page)
      : []),
    ...shown.flatMap((line) => entry('-', line, page)),
    ...(rest > 0 ? entry('-', `and ${rest} more: --long or --format json`, page, 'quiet') : []),
  ]
}

/** What needs no action: each rule that lets it pass, with a line a flow. */
function wellTable(groups: readonly AuditGroup[], page: Page): readonly string[] {
  const byLook = Map.groupBy(groups, ({ look }) => look)
  return [...byLook].flatMap(([look, ofLook], at) => {
    const shared = ofLook.flatMap((group) => group.shared)
    const flows = shared.flat()
    const [first] = flows
    const isOne = first !== undefined && flows.every(({ from, via }) => from === first.from && via === first.via)
    const from = isOne ? plain(`, from ${first.from}${throughOf(first)}`) : ''
    const tables = textTables(
      [{}, { least: 24 }, { least: 12 }],
      ofLook.map((group) => group.shared.map(([flow]) => wellRow(flow, isOne))),
      { width: widthOf(page), indent: 4, colour: page.colour },
    )
    return [
      ...(at === 0 ? [] : ['']),
      ...paragraph(`${auditLooks[look].label}: ${flowsBy(flows.length, shared.length)}${from}`, page, 'good'),
      ...ofLook.flatMap(({ step, shared: [[flow]] }, one) => [
        ...wrapText(plain(step === undefined ? flow.says : placedRule(step)), widthOf(page) - 4).map((line, of) =>
          paint(`${of === 0 ? '  ' : '    '}${line}`, 'quiet', page.colour),
        ),
        ...(tables[one] ?? []),
      ]),
    ]
  })
}

function wellRow(flow: AuditFlowReport, isOne: boolean): Row {
  return [
    { text: portOf(flow.target) },
    { text: placeOfFlow(flow) },
    { text: isOne ? '' : plain(`from ${flow.from}${throughOf(flow)}`) },
  ]
}

/** `rule 4 of edge (edge.nft:6)`. */
function placedRule({ rule, device, file, line }: AuditStep): string {
  return `${rule} of ${device}${file === undefined ? '' : ` (${file}${line === undefined ? '' : `:${line}`})`}`
}

/** A line a reason; which flows they are, and what to add, stand below it where everything is asked for. */
function notJudgedLines({ notJudged, summary }: AuditReport, page: Page): readonly string[] {
  if (notJudged.length === 0) return []
  return [
    ...paragraph(`not judged: ${countOf(summary.notJudged, 'flow')}`, page, 'strong'),
    ...notJudged.flatMap((one) => {
      const required = one.required === 0 ? '' : `, ${one.required} required`
      const why = plain(`${countOf(one.count, 'flow')}${required}: ${one.why}`)
      const more = [notJudgedIds(one, one.flows.length), `add ${one.add}`].map(plain)
      return [
        ...wrapText(why, widthOf(page) - 4).map((line, at) => `${at === 0 ? '  ' : '    '}${line}`),
        ...(page.long ? more : []).flatMap((text) =>
          wrapText(text, widthOf(page) - 4).map((line) => `    ${paint(line, 'quiet', page.colour)}`),
        ),
      ]
    }),
  ]
}

/** So many statements that were not understood are shown. */
const mostUnread = 5

function lastLines(report: AuditReport, page: Page): readonly string[] {
  const { unread } = report.coverage
  const shown = page.long ? unread : unread.slice(0, mostUnread)
  const rest = report.coverage.statements - report.coverage.understood - shown.length
  const isWhole = report.coverage.statements > 0 && report.coverage.statements === report.coverage.understood
  return [
    ...paragraph(coverageWords(report), page, isWhole ? 'good' : 'doubtful'),
    ...shown.flatMap((line) => entry('-', unreadWords(line), page, 'quiet')),
    ...(rest > 0 ? entry('-', `and ${rest} more${page.long ? '' : ': --long'}`, page, 'quiet') : []),
    ...paragraph(auditSummaryWords(report), page, 'strong'),
    ...paragraph(`next: ${auditNextStep(report, page.again)}`, page),
  ]
}
