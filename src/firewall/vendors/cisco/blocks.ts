import type { ConfigurationFile, Span } from '../../source.ts'
import { placesIn } from '../../text/placesIn.ts'

/** A line of a configuration, as words. */
export interface Line {
  readonly words: readonly string[]
  readonly span: Span
}

/** A line that stands at the margin, with those that are indented below it. */
export interface Block extends Line {
  readonly below: readonly Line[]
}

/** Lines that begin a text of several lines, which ends with the character that follows. */
const banner = /^banner\s+\S+\s+(\^C|\S)/i

/**
 * Splits what `show running-config` writes into lines and the lines that are indented below them. Comments (`!`, `:`) and
 * texts of banners are left out; of a banner the first line stays, so that it is counted.
 */
export function blocksOf(file: ConfigurationFile): readonly Block[] {
  const places = placesIn(file)
  const blocks: { words: readonly string[]; span: Span; below: Line[] }[] = []
  let closing: string | undefined
  for (const match of file.text.replace(/^\uFEFF/, ' ').matchAll(/[^\r\n]+/g)) {
    const [text] = match
    if (closing !== undefined) {
      if (text.includes(closing)) closing = undefined
      continue
    }
    const trimmed = text.trim()
    if (trimmed === '' || trimmed.startsWith('!') || trimmed.startsWith(':')) continue
    const start = match.index + text.indexOf(trimmed)
    const line: Line = { words: trimmed.split(/\s+/), span: places.span(start, start + trimmed.length) }
    const last = blocks.at(-1)
    // A byte order mark became a blank, and makes no line one that is indented.
    const isIndented = /^\s/.test(text) && match.index > 0
    if (isIndented && last !== undefined) last.below.push(line)
    else blocks.push({ ...line, below: [] })
    const delimiter = isIndented ? undefined : banner.exec(trimmed)?.[1]
    // ASA writes one line of a banner a command, IOS encloses the whole in a character of its own.
    if (delimiter === '^C' && !trimmed.slice(trimmed.indexOf('^C') + 2).includes('^C')) closing = '^C'
  }
  return blocks
}
