import { plain } from './plain.ts'

/**
 * Text that Markdown and HTML leave alone: every mark that could begin markup, a tag, an entity or a link is escaped, and
 * an at sign stands in a code span, so that a name from the network calls nobody to a pull request. A mark that means
 * something at the beginning of a line only (`-`, `+`, `1.`) is not: prose never begins one.
 */
export function prose(text: string): string {
  return plain(text)
    .replace(/[\\`*_[\]<>|~#&$!]/g, '\\$&')
    .replace(/(https?|ftp):\/\//gi, '$1\\://')
    .replace(/\bwww\./gi, (www) => `${www.slice(0, -1)}\\.`)
    .replace(/@+/g, '`$&`')
}

/** A name or code, so that no program turns it into a link or into curly quotes; what would end the span is prose. */
export function code(text: string): string {
  return /^[\w.*:/{}+=,() -]+$/.test(text) && text.trim() === text && text !== '' ? `\`${text}\`` : prose(text)
}

/** A table of GitHub's; cells are Markdown already, in which no bare pipe stands. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n')
}

export function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n')
}

/** What a reader opens when it is asked for; the empty lines make its body Markdown again. */
export function folded(summary: string, body: string): string {
  return `<details>\n<summary>${summary}</summary>\n\n${body}\n\n</details>`
}

function cell(text: string): string {
  return text === '' ? ' ' : text
}
