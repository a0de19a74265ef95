import type { FlowRow, Pair } from '../../catalog/index.ts'
import type { Necessity } from '../../model/flow.ts'
import { necessities } from '../../model/flow.ts'
import { asTyped } from '../asTyped.ts'
import { countOf, portOf } from './flowWords.ts'
import type { Page } from './page.ts'
import { widthOf } from './page.ts'
import { paint } from './paint.ts'
import { plain } from './plain.ts'
import { conditionOf } from './planGroups.ts'
import type { Cell, Column } from './textTable.ts'
import { textTable, textTables } from './textTable.ts'
import { wrapText } from './wrapText.ts'

/** What is said of a thing under one label; an undefined or empty text leaves the line out. */
export type Field = readonly [label: string, text: string | undefined]

/** The answer in one sentence, or the title of what stands below it. */
export function headline(text: string, page: Page): readonly string[] {
  return paragraph(text, page).map((line) => paint(line, 'strong', page.colour))
}

export function paragraph(text: string, page: Page): readonly string[] {
  return wrapText(plain(asTyped(text, page.program)), widthOf(page))
}

/** Labelled lines below a headline; a label that repeats is shown once. */
export function fieldLines(fields: readonly Field[], page: Page): readonly string[] {
  const told = fields.flatMap(([label, text]) => (text === undefined || text === '' ? [] : [{ label, text }]))
  const rows = told.map(({ label, text }, at): Cell[] => [
    { text: told[at - 1]?.label === label ? '' : label, style: 'quiet' },
    { text: plain(asTyped(text, page.program)) },
  ])
  return textTable([{ least: 12 }, { prose: true }], rows, frameOf(page))
}

/** One thing among several in short: its name, a few words about it in columns of their own, and a sentence. */
export interface ShortRow {
  readonly name: string
  readonly words: readonly string[]
  readonly says: string
}

/** Narrower pages than this have no room for columns between the name and the sentence. */
const leastForColumns = 76

/** Tables that look like one, a row each; on a narrow page the words stand before the sentence. */
export function shortTables(tables: readonly (readonly ShortRow[])[], page: Page): readonly (readonly string[])[] {
  const isNarrow = widthOf(page) < leastForColumns
  const inBetween = Math.max(0, ...tables.flat().map(({ words }) => words.length))
  const columns: readonly Column[] = [
    { least: 16 },
    ...Array.from({ length: isNarrow ? 0 : inBetween }, () => ({ least: 12 })),
    { prose: true },
  ]
  const cellsOf = ({ name, words, says }: ShortRow): Cell[] => [
    { text: plain(name), style: 'strong' },
    ...(isNarrow ? [] : words.map((text): Cell => ({ text: plain(text) }))),
    { text: plain(isNarrow ? `${words.join(', ')}: ${says}` : says) },
  ]
  return textTables(
    columns,
    tables.map((rows) => rows.map(cellsOf)),
    frameOf(page),
  )
}

/** Rows under one title; `pairs` are those that the answer is about, all of them when absent. */
export interface FlowSection {
  readonly title: string
  readonly uses: readonly { readonly row: FlowRow; readonly pairs?: readonly Pair[] }[]
}

/** Rows in short, one table for all sections, each section with its title and a count. */
export function flowSections(sections: readonly FlowSection[], page: Page): readonly string[] {
  const shown = sections.filter(({ uses }) => uses.length > 0)
  const tables = shortTables(
    shown.map(({ uses }) => uses.map(({ row, pairs }) => shortFlow(row, pairs ?? row.pairs))),
    page,
  )
  return shown.flatMap(({ title, uses }, at) => [
    '',
    ...headline(`${title}: ${countOf(uses.length, 'flow')}`, page),
    ...(tables[at] ?? []),
  ])
}

/** More ports than two have no room in a column: there they are counted, and the sentence names them. */
function shortFlow(row: FlowRow, pairs: readonly Pair[]): ShortRow {
  const ports = portsOf(pairs)
  const condition = conditionOf(row)
  const isLong = pairs.length > 2
  return {
    name: row.id,
    words: [isLong ? `${pairs.length} ports` : ports, `${row.from} -> ${row.to}`],
    says: `${row.purpose}${condition === undefined ? '' : `; condition: ${condition}`}${isLong ? `; ${ports}` : ''}`,
  }
}

/** The same rows in sections by how much they are needed, most needed first. */
export function sectionsByNeed(rows: readonly FlowRow[]): readonly FlowSection[] {
  return necessities.map((necessity) => ({
    title: needWords[necessity],
    uses: rows.filter((row) => row.necessity === necessity).map((row) => ({ row })),
  }))
}

/** How much a row is needed, as its reader acts on it. */
export const needWords: Readonly<Record<Necessity, string>> = {
  required: 'required',
  conditional: 'needed under a condition',
  recommended: 'recommended',
  optional: 'optional',
  legacy: 'for old builds only',
  'local-only': 'stays on the host, open no rule',
  'not-required': 'must stay closed',
}

/** `tcp/389, udp/389`, `tcp/*` where the site chooses the port. */
export function portsOf(pairs: readonly Pair[]): string {
  return [...new Set(pairs.map(portOf))].join(', ')
}

/** `page (2025-04-09)`, or the page alone when it carries no date. */
export function sourceOf({ source, asOf }: { readonly source: string; readonly asOf?: string }): string {
  return asOf === undefined ? `${source} (undated)` : `${source} (${asOf})`
}

/** `postern explain WORD`, as it can be typed into a shell. */
export function explainCommand(word: string): string {
  return `postern explain ${word}`
}

function frameOf(page: Page): { readonly width: number; readonly indent: number; readonly colour: boolean } {
  return { width: widthOf(page), indent: 2, colour: page.colour }
}
