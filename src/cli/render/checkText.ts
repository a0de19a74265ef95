import type { Finding } from '../../model/finding.ts'
import type { CheckReport, FlowReport } from '../../model/report.ts'
import { padTo } from './columns.ts'
import { countOf, dialledOf, durationOf, groupBy, mappedNames, portOf, timeOf, timingOf, totalOf } from './flowWords.ts'
import { roleWords, stepOf } from './observationWords.ts'
import type { Page } from './page.ts'
import { widthOf } from './page.ts'
import type { Style } from './paint.ts'
import { paint } from './paint.ts'
import { plain } from './plain.ts'
import { sharedTargets } from './sharedTargets.ts'
import type { Look, Standing } from './standing.ts'
import { lookOf, looks, standingOf, worstFirst } from './standing.ts'
import { summaryWords } from './summaryWords.ts'
import type { Row } from './textTable.ts'
import { textTables } from './textTable.ts'
import { wrapText } from './wrapText.ts'

/**
 * A check to read under pressure: what was checked, then what fails with its fix, then what is in doubt, then what is
 * well, then what was not asked and why; the counts and the next step close it. With `long` each failure shows its
 * evidence.
 */
export function checkText(report: CheckReport, page: Page): string {
  const flows = worstFirst(report.flows)
  const of = (standing: Standing) => flows.filter((flow) => standingOf(flow) === standing)
  const [failed, doubtful] = [of('failed'), of('doubtful')]
  const sections = [
    firstLines(report, page),
    overview(failed, page),
    ...sharedTargets([...failed, ...doubtful]).map((same) => block(same, page)),
    ...otherFindings(report.findings, [...failed, ...doubtful]).map((finding) => findingLines(finding, page)),
    wellTables(of('well'), page),
    unasked('not run', of('not-run'), page),
    unasked('not required', of('not-required'), page),
    [
      ...paragraph(summaryWords(report), page, 'strong'),
      ...paragraph(`next: ${nextStep(report, failed, doubtful)}`, page),
    ],
  ]
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

function firstLines(report: CheckReport, page: Page): readonly string[] {
  const mapped = mappedNames(report.context.names)
  const first = [
    `${report.site} checked from ${report.from} at ${timeOf(report.startedAt)} in ${durationOf(report.durationMs)}`,
    ...(mapped.length === 0 ? [] : [`names mapped: ${mapped.join('; ')}`]),
    `as ${report.imitates}`,
    `catalog of ${report.catalog.asOf}`,
  ]
  const stopped = 'stopped before its end: what was not asked is not run'
  return [...paragraph(first.join('; '), page), ...(report.interrupted ? paragraph(stopped, page, 'doubtful') : [])]
}

/** Which causes there are and whose turn it is, when there are more failures than fit one look. */
function overview(failed: readonly FlowReport[], page: Page): readonly string[] {
  if (failed.length < 4) return []
  const causes = [
    ...groupBy(failed, ({ cause, owner }) => `${cause ?? 'undetermined'}${owner === undefined ? '' : ` (${owner})`}`),
  ]
  const told = causes
    .toSorted(([, one], [, other]) => other.length - one.length)
    .map(([cause, flows]) => `${flows.length} ${cause}`)
  return paragraph(`${countOf(failed.length, 'flow')} failed: ${told.join(', ')}`, page, 'bad')
}

const styles: Readonly<Record<Standing, Style>> = {
  failed: 'bad',
  doubtful: 'doubtful',
  well: 'good',
  'not-run': 'quiet',
  'not-required': 'quiet',
}

const labelWidth = 11

function block(same: readonly [FlowReport, ...FlowReport[]], page: Page): readonly string[] {
  const [flow] = same
  const look: Look = lookOf(flow)
  const label = padTo(looks[look].label, labelWidth)
  const head = wrapText(`${padTo(portOf(flow.target), 8)}  ${dialledOf(flow.target)}`, widthOf(page) - labelWidth)
  const ids = same.map((each) => `${each.flow} (${each.expect === 'closed' ? 'must be closed' : each.necessity})`)
  const judged = [
    ...(flow.cause === undefined ? [] : [`cause ${flow.cause}`]),
    ...(flow.owner === undefined ? [] : [`owner ${flow.owner}`]),
    `confidence ${flow.confidence}`,
    ...(flow.alternatives.length === 0 ? [] : [`not excluded: ${flow.alternatives.join(', ')}`]),
  ]
  return [
    ...head.map((line, at) =>
      at === 0
        ? paint(label, styles[looks[look].standing], page.colour) + paint(line, 'strong', page.colour)
        : ' '.repeat(labelWidth) + paint(line, 'strong', page.colour),
    ),
    ...entry('', flow.says, page),
    ...(flow.fix === undefined ? [] : entry('fix:', flow.fix, page, 'strong')),
    ...(flow.nextProbe === undefined ? [] : entry('next:', flow.nextProbe, page)),
    ...entry('', judged.join('; '), page, 'quiet'),
    ...entry('', `flow ${ids.join(', ')}: ${flow.purpose}`, page, 'quiet'),
    ...(page.long ? evidence(flow, page) : []),
  ]
}

/** A line of a block below its head: a word or mark of ours, then text with a hanging indent. */
function entry(keyword: '' | 'fix:' | 'next:' | '*' | '-', text: string, page: Page, style?: Style): readonly string[] {
  const indent = widthOf(page) < 60 ? 4 : labelWidth
  const key = keyword === '' ? '' : padTo(keyword, keyword.length > 1 ? 6 : 2)
  const lines = wrapText(plain(text), widthOf(page) - indent - key.length)
  return lines.map(
    (line, at) => ' '.repeat(indent) + (at === 0 ? key : ' '.repeat(key.length)) + paint(line, style, page.colour),
  )
}

function evidence(flow: FlowReport, page: Page): readonly string[] {
  if (flow.evidence.length === 0) return []
  const decided = new Set(flow.decidedBy)
  return [
    ...entry('', 'evidence, with a star at what decided:', page, 'quiet'),
    ...flow.evidence.flatMap((seen) => {
      const { did, came, particulars } = stepOf(seen)
      const more = particulars.length === 0 ? '' : ` [${particulars.join('; ')}]`
      const told = `${seen.id} ${roleWords(seen)}: ${did}: ${came}, ${durationOf(seen.ms)}${more}`
      return entry(decided.has(seen.id) ? '*' : '-', told, page)
    }),
  ]
}

/** Findings that no flow told above stands for: those say the same already. */
function otherFindings(findings: readonly Finding[], told: readonly FlowReport[]): readonly Finding[] {
  const ids = new Set(told.map(({ flow }) => flow))
  return findings.filter(({ flows }) => flows.length === 0 || !flows.every((id) => ids.has(id)))
}

function findingLines(finding: Finding, page: Page): readonly string[] {
  const style: Style = finding.severity === 'critical' || finding.severity === 'high' ? 'bad' : 'doubtful'
  return [
    ...paragraph(`finding ${finding.code} (${finding.severity}): ${finding.what}`, page, style),
    ...entry('', finding.why, page),
    ...entry('next:', finding.next, page),
  ]
}

function wellTables(flows: readonly FlowReport[], page: Page): readonly string[] {
  const groups = [...groupBy(flows, lookOf).values()]
  const tables = textTables(
    [{}, { least: 24 }, { align: 'right' }, { prose: true }],
    groups.map((ofOne) => sharedTargets(ofOne).map(([flow]) => timedRow(flow))),
    { width: widthOf(page), indent: 2, colour: page.colour },
  )
  return groups.flatMap(([flow, ...others], at) => {
    if (flow === undefined) return []
    const title = `${looks[lookOf(flow)].label}: ${countOf(others.length + 1, 'flow')}`
    return [...(at === 0 ? [] : ['']), ...paragraph(title, page, 'good'), ...(tables[at] ?? [])]
  })
}

/** What is certain needs no words; an open port whose service is not proven says how far it is. */
function timedRow({ target, timing, confidence, says }: FlowReport): Row {
  return [
    { text: portOf(target) },
    { text: dialledOf(target) },
    { text: totalOf(timing) ?? '' },
    confidence === 'certain'
      ? { text: timingOf(timing), style: 'quiet', minor: true }
      : { text: plain(`${confidence}: ${says}`), style: 'quiet' },
  ]
}

/** What was not asked, by its reason, in as few lines as it takes. */
function unasked(title: string, flows: readonly FlowReport[], page: Page): readonly string[] {
  if (flows.length === 0) return []
  const reasons = [...groupBy(flows, ({ says }) => says)]
  return [
    ...paragraph(`${title}: ${countOf(flows.length, 'flow')}`, page, 'strong'),
    ...reasons.flatMap(([reason, ofOne]) => {
      const targets = sharedTargets(ofOne).map(
        ([flow]) =>
          `${portOf(flow.target)} ${dialledOf(flow.target)}${flow.necessity === 'required' ? ' (required)' : ''}`,
      )
      return [
        ...wrapText(plain(reason), widthOf(page) - 2).map((line) => `  ${line}`),
        ...wrapText(targets.join(', '), widthOf(page) - 4).map((line) => `    ${paint(line, 'quiet', page.colour)}`),
      ]
    }),
  ]
}

/** The one thing to do now: mend, look closer, go on, or keep this report to compare with. */
function nextStep(report: CheckReport, failed: readonly FlowReport[], doubtful: readonly FlowReport[]): string {
  const [worst] = failed
  if (worst !== undefined) {
    const more = worst.cause === undefined ? 'mend it as said above' : `postern explain ${worst.cause} tells more`
    return `${more}; once mended, run the same check again`
  }
  if (report.interrupted) return 'run the check again to its end'
  const [first] = doubtful
  if (first !== undefined) return first.nextProbe ?? `postern explain ${first.cause ?? 'undetermined'}`
  if (report.summary.requiredNotProven > 0) {
    return 'what is required and was not run is to be proven another way: the reasons stand above'
  }
  return 'keep this one to compare with: postern check --json --out before.json, later --compare before.json'
}

function paragraph(text: string, page: Page, style?: Style): readonly string[] {
  return wrapText(plain(text), widthOf(page)).map((line) => paint(line, style, page.colour))
}
