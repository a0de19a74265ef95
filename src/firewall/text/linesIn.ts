import type { ConfigurationFile, Span } from '../source.ts'
import { placesIn } from './placesIn.ts'

/** A line of a text, and where it stands. */
export interface Line {
  /** Without its end, a byte order mark and blanks at the end; those at the beginning stay. */
  readonly text: string
  readonly start: number
  /** Behind the last unit that is no blank. */
  readonly end: number
  span(): Span
}

/** Splits a file at `\n`, `\r\n` and `\r`; what ends the last line begins no further one. */
export function linesIn(file: ConfigurationFile): readonly Line[] {
  const places = placesIn(file)
  let offset = 0
  return file.text.split(/(?<=\n|\r(?!\n))/).map((raw): Line => {
    const start = offset
    offset += raw.length
    const text = (start === 0 ? raw.replace(/^\uFEFF/, '') : raw).trimEnd()
    const end = start + raw.trimEnd().length
    return { text, start, end, span: () => places.span(start, end) }
  })
}
