import type { ChangeReport } from '../../model/changeReport.ts'
import { asTyped } from '../asTyped.ts'
import { changeVerdict, lackWords, nextAfterChange, timeWords } from './changeWords.ts'
import { countOf, timeOf } from './flowWords.ts'
import type { Page } from './page.ts'
import { widthOf } from './page.ts'
import type { Style } from './paint.ts'
import { paint } from './paint.ts'
import { plain } from './plain.ts'
import { wrapText } from './wrapText.ts'

const styles = { broke: 'bad', mended: 'good', changed: 'doubtful' } as const satisfies Record<string, Style>
/** So many of what is only counted are named, unless `--long` asks for all. */
const mostNamed = 12
const labelWidth = 10

/** What a change did, to read on a terminal: what broke first, the next step last. */
export function changeText(report: ChangeReport, page: Page): string {
  const line = (text: string, style?: Style): readonly string[] =>
    wrapText(plain(asTyped(text, page.program)), widthOf(page)).map((part) => paint(part, style, page.colour))
  const below = (text: string): readonly string[] =>
    wrapText(plain(text), widthOf(page) - labelWidth).map((part) => ' '.repeat(labelWidth) + part)
  const listed = (title: string, items: readonly string[]): readonly string[] => {
    if (items.length === 0) return []
    const rest = page.long ? 0 : items.length - mostNamed
    const told = rest > 0 ? [...items.slice(0, mostNamed), `and ${rest} more: --format json`] : items
    return [...line(title, 'doubtful'), ...told.flatMap((item) => line(`  ${item}`))]
  }
  const sections = [
    [
      ...line(`change ${report.name} of ${report.site}: ${timeOf(report.startedAt)} to ${timeOf(report.endedAt)}`),
      ...line(`before: ${timeWords(report.before)}`),
      ...line(`after:  ${timeWords(report.after)}`),
    ],
    ...report.changes.map(({ change, title, differences }) => [
      `${paint(change.padEnd(labelWidth), styles[change], page.colour)}${paint(plain(title), 'strong', page.colour)}`,
      ...differences.flatMap(below),
    ]),
    listed(
      `incidents since it began: ${report.incidents.length}`,
      report.incidents.map(
        ({ since, severity, says, isOver }) => `${timeOf(since)} ${severity}: ${says}${isOver ? ' (over)' : ''}`,
      ),
    ),
    listed(
      `as before, and not well: ${countOf(report.stillFailing.length, 'subject')}`,
      report.stillFailing.map(({ title, cause }) => (cause === undefined ? title : `${title}: ${cause}`)),
    ),
    listed(
      `not compared: ${countOf(report.notCompared.length, 'subject')}`,
      report.notCompared.map(({ title, lacks }) => `${title}: ${lackWords[lacks]}`),
    ),
    [...line(changeVerdict(report), 'strong'), ...line(`next: ${nextAfterChange(report)}`)],
  ]
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}
