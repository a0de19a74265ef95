import { columnsOf, cutMiddle, splitAtColumn } from './columns.ts'
import type { Style } from './paint.ts'
import { paint } from './paint.ts'
import { wrapText } from './wrapText.ts'

/** One cell: plain text, and what it is for the eye. */
export interface Cell {
  readonly text: string
  readonly style?: Style
  /** Worth a cell and not a line of its own: left out where the prose stands below its row. */
  readonly minor?: boolean
}

export interface Column {
  readonly align?: 'left' | 'right'
  /**
   * Columns that the cell may be narrowed to when the table is wider than the page; absent: never narrowed. A narrowed
   * cell takes two lines, and what does not fit those is cut in the middle.
   */
  readonly least?: number
  /** Prose: takes the room that is left, as many lines as it needs, and moves below the row when little is left. */
  readonly prose?: boolean
}

export type Row = readonly Cell[]

interface Frame {
  readonly width: number
  readonly indent: number
  readonly colour: boolean
}

/** Widths that one table, or several that are to look like one, are set in. */
interface Columns {
  readonly widths: readonly number[]
  /** Columns that prose has beside its row; undefined when it stands below. */
  readonly beside?: number
}

/** Where the page is too narrow for columns, the cells of a row follow each other like words. */
type Layout = Columns | 'running'

const gap = 2
const leastProse = 28
const proseIndent = 4

/**
 * Lays rows out in columns. Columns are as wide as their widest cell; when the table is wider than the page the ones
 * that may be are narrowed, the last first, and when that is not enough rows become running text. At most one column,
 * the last, is prose.
 *
 * @returns lines without trailing spaces
 */
export function textTable(columns: readonly Column[], rows: readonly Row[], frame: Frame): readonly string[] {
  return textTables(columns, [rows], frame).flat()
}

/** Lays several tables out alike, so that their columns stand below each other. */
export function textTables(
  columns: readonly Column[],
  tables: readonly (readonly Row[])[],
  frame: Frame,
): readonly (readonly string[])[] {
  const linesOf = rowLayout(columns, tables.flat(), frame)
  return tables.map((rows) => rows.flatMap(linesOf))
}

/**
 * How the rows of a table are laid out, for one that is too long to be held as a whole.
 *
 * @param rows every row, each looked at once and not kept; their prose may be missing, since no column is as wide as that
 * @returns what gives the lines of a row of this table
 */
export function rowLayout(
  columns: readonly Column[],
  rows: Iterable<Row>,
  frame: Frame,
): (row: Row) => readonly string[] {
  const layout = layoutOf(columns, rows, frame)
  return (row) => (layout === 'running' ? runningRow(columns, row, frame) : rowInColumns(columns, row, layout, frame))
}

function layoutOf(columns: readonly Column[], rows: Iterable<Row>, frame: Frame): Layout {
  const fixed = columns.filter(({ prose }) => prose !== true)
  const widths = fixed.map(() => 0)
  for (const row of rows) {
    for (const at of widths.keys()) widths[at] = Math.max(widths[at] ?? 0, columnsOf(row[at]?.text ?? ''))
  }
  const taken = () => frame.indent + widths.filter((width) => width > 0).reduce((sum, width) => sum + width + gap, 0)
  for (let at = fixed.length - 1; at >= 0; at -= 1) {
    const least = fixed[at]?.least
    const excess = taken() - gap - frame.width
    const width = widths[at] ?? 0
    if (least !== undefined && excess > 0) widths[at] = Math.min(width, Math.max(least, width - excess))
  }
  if (taken() - gap > frame.width) return 'running'
  const left = frame.width - taken()
  return left >= leastProse ? { widths, beside: left } : { widths }
}

function rowInColumns(columns: readonly Column[], row: Row, { widths, beside }: Columns, frame: Frame): string[] {
  const cells = widths.map((width, at) => linesOfCell(row[at]?.text ?? '', width))
  const prose = columns.length > widths.length ? row[widths.length] : undefined
  const hidden = prose === undefined || prose.text === '' || (beside === undefined && prose.minor === true)
  const proseLines = hidden ? [] : wrapText(prose.text, beside ?? frame.width - frame.indent - proseIndent)
  const tallest = cells.reduce((height, { length }) => Math.max(height, length), 1)
  const height = beside === undefined ? tallest : Math.max(tallest, proseLines.length)
  const out: string[] = []
  for (let line = 0; line < height; line += 1) {
    const parts = cells.flatMap((lines, at) => {
      const width = widths[at] ?? 0
      if (width === 0) return []
      const text = lines[line] ?? ''
      const padding = ' '.repeat(Math.max(0, width - columnsOf(text)))
      const painted = paint(text, row[at]?.style, frame.colour)
      return [columns[at]?.align === 'right' ? padding + painted : painted + padding]
    })
    if (beside !== undefined) parts.push(paint(proseLines[line] ?? '', prose?.style, frame.colour))
    out.push((' '.repeat(frame.indent) + parts.join(' '.repeat(gap))).trimEnd())
  }
  return beside === undefined ? [...out, ...indented(proseLines, prose, frame)] : out
}

function runningRow(columns: readonly Column[], row: Row, frame: Frame): string[] {
  if (row.every(({ minor }) => minor === true)) return []
  const fixed = row.filter((_, at) => columns[at]?.prose !== true)
  const prose = row.find((_, at) => columns[at]?.prose === true)
  const told = fixed.map(({ text }) => text).filter((text) => text !== '')
  const cut = cutMiddle(told.join(' '), (frame.width - frame.indent) * 3)
  const hidden = prose === undefined || prose.text === '' || prose.minor === true
  return [
    ...wrapText(cut, frame.width - frame.indent).map((line) => ' '.repeat(frame.indent) + line),
    ...(hidden ? [] : indented(wrapText(prose.text, frame.width - frame.indent - proseIndent), prose, frame)),
  ]
}

function indented(lines: readonly string[], { style }: Partial<Cell> = {}, frame: Frame): readonly string[] {
  const indent = ' '.repeat(frame.indent + proseIndent)
  return lines.map((line) => indent + paint(line, style, frame.colour))
}

function linesOfCell(text: string, width: number): readonly string[] {
  if (columnsOf(text) <= width) return [text]
  const lines = wrapText(text, width)
  return lines.length <= 2 ? lines : splitAtColumn(cutMiddle(text, width * 2 - 1), width)
}
