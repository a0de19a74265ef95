import type { ConfigurationFile, Span } from '../../source.ts'
import { placesIn } from '../../text/placesIn.ts'

/** A directive with its words. */
export interface Directive {
  readonly name: string
  readonly words: readonly string[]
  readonly span: Span
}

/**
 * Splits a squid.conf into directives: `#` begins a comment, `\` at the end of a line joins the next, quotes keep blanks
 * together and stand for a file where the word is one of an acl, which is why they are kept.
 */
export function logicalLines(file: ConfigurationFile): readonly Directive[] {
  const places = placesIn(file)
  const found: Directive[] = []
  const pattern = /(?:[^\\\r\n]|\\(?:\r\n|[\s\S]))+/g
  for (const match of file.text.replace(/^\uFEFF/, ' ').matchAll(pattern)) {
    const joined = match[0].replace(/\\(?:\r\n|\n|\r)/g, ' ')
    const text = joined.replace(/^\s*#.*$/, '').replace(/\s#.*$/, '')
    const [name, ...words] = text.match(/"[^"]*"|\S+/g) ?? []
    if (name === undefined) continue
    const start = match.index + (match[0].length - match[0].trimStart().length)
    found.push({ name: name.toLowerCase(), words, span: places.span(start, match.index + match[0].trimEnd().length) })
  }
  return found
}
