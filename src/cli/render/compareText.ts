import type { CompareReport, FlowChange } from '../../model/report.ts'
import { countOf, dialledOf, portOf, timeOf } from './flowWords.ts'
import type { Page } from './page.ts'
import { widthOf } from './page.ts'
import type { Style } from './paint.ts'
import { paint } from './paint.ts'
import { plain } from './plain.ts'
import { wrapText } from './wrapText.ts'

type Change = FlowChange['change']

/** Changes in the order in which they are told: what needs a person first. */
const changes: readonly (readonly [change: Change, label: string, style: Style])[] = [
  ['broke', 'broke', 'bad'],
  ['mended', 'mended', 'good'],
  ['changed', 'changed', 'doubtful'],
  ['appeared', 'appeared', 'strong'],
  ['disappeared', 'disappeared', 'strong'],
]

/**
 * Two checks side by side: what each was, then only what is not alike, then the counts and the next step.
 */
export function compareText(report: CompareReport, page: Page): string {
  const sections = [
    [
      ...paragraph(`before: ${originOf(report.before)}`, page),
      ...paragraph(`after:  ${originOf(report.after)}`, page),
      ...notesOf(report).flatMap((note) => paragraph(`note: ${note}`, page, 'doubtful')),
    ],
    ...changes.flatMap(([change, label, style]) =>
      report.changes.filter((each) => each.change === change).map((each) => block(each, label, style, page)),
    ),
    [...paragraph(summaryOf(report), page, 'strong'), ...paragraph(`next: ${nextStep(report)}`, page)],
  ]
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

function originOf({ site, from, startedAt }: CompareReport['before']): string {
  return `${site} from ${from} at ${timeOf(startedAt)}`
}

/** What keeps two reports from being a plain before and after. */
function notesOf({ before, after }: CompareReport): readonly string[] {
  return [
    ...(before.site === after.site
      ? []
      : ['the reports are of two sites: only flows with the same row and target are paired']),
    ...(before.from === after.from
      ? []
      : ['the reports were taken from two hosts: a difference may be one of place, not of time']),
    ...(before.startedAt <= after.startedAt ? [] : ['the report given as before is the later one']),
  ]
}

const labelWidth = 13

function block(change: FlowChange, label: string, style: Style, page: Page): readonly string[] {
  const flow = change.after ?? change.before
  if (flow === undefined) return []
  const width = widthOf(page)
  const indent = width < 60 ? 4 : labelWidth
  const below = (text: string, as?: Style): readonly string[] =>
    wrapText(plain(text), width - indent).map((line) => ' '.repeat(indent) + paint(line, as, page.colour))
  const head = wrapText(`${portOf(flow.target)} ${dialledOf(flow.target)}`, width - labelWidth)
  const failing = change.change === 'broke' || (change.change === 'appeared' && flow.cause !== undefined)
  return [
    ...head.map(
      (line, at) =>
        (at === 0 ? paint(label.padEnd(labelWidth), style, page.colour) : ' '.repeat(labelWidth)) +
        paint(line, 'strong', page.colour),
    ),
    ...change.differences.flatMap((difference) => below(difference)),
    ...(failing ? below(flow.says) : []),
    ...(failing && flow.fix !== undefined ? below(`fix: ${flow.fix}`, 'strong') : []),
    ...below(`flow ${flow.flow} (${flow.necessity}): ${flow.purpose}`, 'quiet'),
  ]
}

function summaryOf({ summary }: CompareReport): string {
  const told = changes.flatMap(([change, label]) => (summary[change] === 0 ? [] : [`${summary[change]} ${label}`]))
  return `${told.join(', ') || 'nothing changed'}; ${countOf(summary.same, 'flow')} as before`
}

function nextStep({ changes: all }: CompareReport): string {
  const broken = all.find(({ change }) => change === 'broke')?.after
  if (broken === undefined) return 'nothing broke: keep the later report to compare with'
  const more = broken.cause === undefined ? 'mend what broke' : `postern explain ${broken.cause} tells more`
  return `${more}; once mended, run the same comparison again`
}

function paragraph(text: string, page: Page, style?: Style): readonly string[] {
  return wrapText(plain(text), widthOf(page)).map((line) => paint(line, style, page.colour))
}
