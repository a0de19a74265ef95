import type { CompareReport } from '../../model/report.ts'
import { asTyped } from '../asTyped.ts'
import type { ChangeGroup } from './changeGroups.ts'
import { changeGroups } from './changeGroups.ts'
import type { Change } from './compareWords.ts'
import {
  andMore,
  changeOrder,
  compareNotes,
  compareSummary,
  isTimeOnly,
  isTrouble,
  nextStepAfter,
  originWords,
  stillFailingWords,
  timeOnlyWords,
  withIt,
} from './compareWords.ts'
import { countOf, dialledOf, portOf } from './flowWords.ts'
import type { Page } from './page.ts'
import { widthOf } from './page.ts'
import type { Style } from './paint.ts'
import { paint } from './paint.ts'
import { plain } from './plain.ts'
import { wrapText } from './wrapText.ts'

const styles: Readonly<Record<Change, Style>> = {
  broke: 'bad',
  mended: 'good',
  changed: 'doubtful',
  appeared: 'strong',
  disappeared: 'strong',
}

/**
 * Two checks side by side: what each was, then what is not alike, then what fails as it did before, then the counts and
 * the next step. Flows that only took another time are counted in one line, unless `long` asks for them.
 */
export function compareText(report: CompareReport, page: Page): string {
  const timeOnly = report.changes.filter(isTimeOnly)
  const inShort = page.long || timeOnly.length < 2 ? [] : timeOnly
  const told = report.changes.filter((change) => !inShort.includes(change))
  const sections = [
    [
      ...paragraph(`before: ${originWords(report.before)}`, page),
      ...paragraph(`after:  ${originWords(report.after)}`, page),
      ...compareNotes(report).flatMap((note) => paragraph(`note: ${note}`, page, 'doubtful')),
    ],
    ...changeOrder.flatMap((change) =>
      changeGroups(told.filter((each) => each.change === change)).map((group) => block(group, page)),
    ),
    inShort.length === 0 ? [] : paragraph(`${timeOnlyWords(inShort)}; --long lists them`, page, 'doubtful'),
    stillFailing(report, page),
    [...paragraph(compareSummary(report), page, 'strong'), ...paragraph(`next: ${nextStepAfter(report)}`, page)],
  ]
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

/** So many places that fail as before, or that changed with another one, are named. */
const mostPlaces = 12

/** What makes the exit code 1 though nothing changed. */
function stillFailing(report: CompareReport, page: Page): readonly string[] {
  const places = stillFailingWords(report)
  if (places.length === 0) return []
  const rest = places.length - mostPlaces
  const told = rest > 0 ? [...places.slice(0, mostPlaces), `and ${rest} more: --format json`] : places
  return [
    ...paragraph(`as before, and not well: ${countOf(report.stillFailing.length, 'flow')}`, page, 'doubtful'),
    ...told.flatMap((line) => wrapText(plain(line), widthOf(page) - 2).map((part) => `  ${part}`)),
  ]
}

const labelWidth = 13

function block({ first: change, others, isFixEach }: ChangeGroup, page: Page): readonly string[] {
  const flow = change.after ?? change.before
  if (flow === undefined) return []
  const width = widthOf(page)
  const indent = width < 60 ? 4 : labelWidth
  const below = (text: string, as?: Style): readonly string[] =>
    wrapText(plain(asTyped(text, page.program)), width - indent).map(
      (line) => ' '.repeat(indent) + paint(line, as, page.colour),
    )
  const head = wrapText(`${portOf(flow.target)} ${dialledOf(flow.target)}${andMore(others)}`, width - labelWidth)
  const failing = isTrouble(change)
  const likewise = isFixEach ? '; and so for each place below' : ''
  return [
    ...head.map(
      (line, at) =>
        (at === 0
          ? paint(change.change.padEnd(labelWidth), styles[change.change], page.colour)
          : ' '.repeat(labelWidth)) + paint(line, 'strong', page.colour),
    ),
    ...change.differences.flatMap((difference) => below(difference)),
    ...(failing ? below(flow.says) : []),
    ...(failing && flow.fix !== undefined ? below(`fix: ${flow.fix}${likewise}`, 'strong') : []),
    ...below(`flow ${flow.flow} (${flow.necessity}): ${flow.purpose}`, 'quiet'),
    ...(others.length === 0 ? [] : below('with it:', 'quiet')),
    ...(page.long ? others : others.slice(0, mostPlaces)).flatMap((other) => {
      const { place, flow: id, differences } = withIt(change, other)
      return below(`- ${[`${place}: ${id}`, ...differences].join('; ')}`)
    }),
    ...(page.long || others.length <= mostPlaces
      ? []
      : below(`- and ${others.length - mostPlaces} more: --long or --format json`, 'quiet')),
  ]
}

function paragraph(text: string, page: Page, style?: Style): readonly string[] {
  return wrapText(plain(asTyped(text, page.program)), widthOf(page)).map((line) => paint(line, style, page.colour))
}
