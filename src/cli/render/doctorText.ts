import type { DoctorReport, LookGroup, LookReport, LookState, LookTable } from '../../model/doctorReport.ts'
import { lookGroups } from '../../model/doctorReport.ts'
import { asTyped } from '../asTyped.ts'
import { columnsOf } from './columns.ts'
import { countOf, durationOf, timeOf } from './flowWords.ts'
import type { Page } from './page.ts'
import { widthOf } from './page.ts'
import type { Style } from './paint.ts'
import { paint } from './paint.ts'
import { plain } from './plain.ts'
import type { Cell } from './textTable.ts'
import { textTable } from './textTable.ts'
import { wrapText } from './wrapText.ts'

const groupTitles: Readonly<Record<LookGroup, string>> = {
  rights: 'Rights and tools',
  trust: 'Trust',
  time: 'Time',
  names: 'Names',
  'ways-out': 'Ways out',
  sockets: 'Sockets',
  gate: 'Gate',
  program: 'Program',
}

const styles: Readonly<Record<LookState, Style>> = { ok: 'good', limits: 'doubtful', unknown: 'quiet' }

/** The state's column, its gap included. */
const stateWidth = 9
const leastProse = 28

/** What a look at the machine found: the counts first, then every look by subject, the next steps last. */
export function doctorText(report: DoctorReport, page: Page): string {
  const groups = lookGroups.flatMap((group) => {
    const looks = report.looks.filter((look) => look.group === group)
    return looks.length === 0
      ? []
      : [[paint(groupTitles[group], 'strong', page.colour), ...looks.flatMap((look) => lookLines(look, page))]]
  })
  const sections = [heading(report, page), ...groups, nextSteps(report, page)]
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

function heading(report: DoctorReport, page: Page): readonly string[] {
  const { machine, site, summary, interrupted } = report
  const where = site === undefined ? 'no site file: nothing of a site was asked' : `site ${site}`
  const counts = [
    `${summary.ok} ok`,
    ...(summary.limits > 0 ? [countOf(summary.limits, 'limit')] : []),
    ...(summary.unknown > 0 ? [`${summary.unknown} unknown`] : []),
  ]
  return [
    ...paragraph(
      `${machine.name} (${machine.platform}), ${where}; ${timeOf(report.startedAt)}, ${durationOf(report.durationMs)}`,
      page,
    ),
    ...paragraph(`${counts.join(', ')}${interrupted ? '; stopped before all was learnt' : ''}`, page, 'strong'),
  ]
}

function lookLines({ state, title, says, table }: LookReport, page: Page): readonly string[] {
  const width = widthOf(page)
  const besides = width - 2 - stateWidth
  const indent = besides >= leastProse ? 2 + stateWidth : 4
  const text = wrapText(plain(asTyped(`${title}: ${says}`, page.program)), width - indent)
  const mark = `  ${paint(state.padEnd(stateWidth), styles[state], page.colour)}`
  const lines =
    besides >= leastProse
      ? text.map((line, at) => (at === 0 ? mark : ' '.repeat(indent)) + line)
      : [mark.trimEnd(), ...text.map((line) => ' '.repeat(indent) + line)]
  if (table === undefined || table.rows.length === 0) return lines
  return [...lines, ...tableLines(table, indent + 2, page)]
}

/** Columns where the page has room for them; else each row as a line, with what its columns say below it. */
function tableLines({ columns, rows }: LookTable, indent: number, page: Page): readonly string[] {
  const width = widthOf(page)
  const texts = [columns, ...rows].map((row) => row.map(plain))
  const widths = columns.map((_, at) => Math.max(...texts.map((row) => columnsOf(row[at] ?? ''))))
  if (indent + widths.reduce((sum, one) => sum + one + 2, -2) <= width) {
    const cells = texts.map((row, line) =>
      row.map((text): Cell => ({ text, ...(line === 0 && { style: 'quiet' as const }) })),
    )
    return textTable(
      columns.map(() => ({})),
      cells,
      { width, indent, colour: page.colour },
    )
  }
  const [heads = [], ...body] = texts
  return body.flatMap(([first = '', ...others]) => {
    const told = others.flatMap((text, at) => (text === '' ? [] : [`${heads[at + 1]}: ${text}`]))
    return [
      ...wrapText(first, width - indent).map((line) => ' '.repeat(indent) + line),
      ...told.flatMap((text) => wrapText(text, width - indent - 4).map((line) => ' '.repeat(indent + 4) + line)),
    ]
  })
}

function nextSteps({ looks }: DoctorReport, page: Page): readonly string[] {
  const steps = (wanted: LookState) =>
    looks.flatMap(({ state, title, next }) => (state === wanted && next !== undefined ? [{ title, next }] : []))
  const all = [...steps('limits'), ...steps('unknown'), ...steps('ok')]
  if (all.length === 0) return paragraph('next: postern check proves the flows of this machine', page)
  const rows = all.map(({ title, next }): Cell[] => [
    { text: plain(title), style: 'quiet' },
    { text: plain(asTyped(next, page.program)) },
  ])
  return [
    paint('Next', 'strong', page.colour),
    ...textTable([{ least: 12 }, { prose: true }], rows, { width: widthOf(page), indent: 2, colour: page.colour }),
  ]
}

function paragraph(text: string, page: Page, style?: Style): readonly string[] {
  return wrapText(plain(asTyped(text, page.program)), widthOf(page)).map((line) => paint(line, style, page.colour))
}
