import { asTyped } from '../asTyped.ts'
import { padTo } from './columns.ts'
import type { Page } from './page.ts'
import { widthOf } from './page.ts'
import type { Style } from './paint.ts'
import { paint } from './paint.ts'
import { plain } from './plain.ts'
import { wrapText } from './wrapText.ts'

/** Columns that the verdict takes before the head of a block, and by which its lines are indented. */
export const labelWidth = 11

/** A line of a block below its head: a word or mark of ours, then text with a hanging indent. */
export function entry(
  keyword: '' | 'fix:' | 'next:' | '*' | '-',
  text: string,
  page: Page,
  style?: Style,
): readonly string[] {
  const indent = widthOf(page) < 60 ? 4 : labelWidth
  const key = keyword === '' ? '' : padTo(keyword, keyword.length > 1 ? 6 : 2)
  const lines = wrapText(plain(asTyped(text, page.program)), widthOf(page) - indent - key.length)
  return lines.map(
    (line, at) => ' '.repeat(indent) + (at === 0 ? key : ' '.repeat(key.length)) + paint(line, style, page.colour),
  )
}

/** A text from the left edge on, in as many lines as it takes. */
export function paragraph(text: string, page: Page, style?: Style): readonly string[] {
  return wrapText(plain(asTyped(text, page.program)), widthOf(page)).map((line) => paint(line, style, page.colour))
}
