import type { ConfigurationFile, Span } from '../source.ts'
import { longestQuoted } from '../source.ts'

/** Tells lines of one file, and makes spans of it. */
export interface PlacesIn {
  /** The line of an offset in UTF-16 units, counted from 1. */
  line(offset: number): number
  /** The span of a stretch of the text, its quote with line breaks and runs of blanks as one blank. */
  span(start: number, end: number, path?: string): Span
}

/** Indexes the line breaks of a file once (`\n`, `\r\n`, `\r`), so that each look-up costs the logarithm of their number. */
export function placesIn({ name, text }: ConfigurationFile): PlacesIn {
  const starts = [0]
  for (const found of text.matchAll(/\r\n|\n|\r/g)) starts.push(found.index + found[0].length)
  const line = (offset: number): number => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return low + 1
  }
  return {
    line,
    span(start, end, path) {
      const first = line(start)
      const last = line(Math.max(start, end - 1))
      return {
        file: name,
        line: first,
        ...(last > first && { lastLine: last }),
        ...(path !== undefined && { path }),
        text: quotedFrom(text, start, end),
      }
    },
  }
}

/** A stretch of a text on one line, shortened with `…` beyond {@link longestQuoted} units. */
function quotedFrom(text: string, start: number, end: number): string {
  // A tree of a megabyte is not copied to quote its first words: blanks shrink, so some of it is read beyond the limit.
  const stretch = text.slice(start, Math.min(end, start + 4 * longestQuoted))
  const line = stretch.replace(/\s+/g, ' ').trim()
  const isCut = end - start > stretch.length || line.length > longestQuoted
  return isCut ? `${line.slice(0, longestQuoted - 1).trimEnd()}…` : line
}
