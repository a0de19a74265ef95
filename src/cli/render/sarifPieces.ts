import type { PlaceOf } from './page.ts'
import { plain } from './plain.ts'

export const sarifSchema = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json'

/** A line of a file, or the file. */
export type FilePlace = Partial<ReturnType<PlaceOf>> & Pick<ReturnType<PlaceOf>, 'file'>

/** A place as SARIF has it: what is no count of lines or columns is left out. */
export function physical({ file, line, column }: FilePlace): object {
  const isCount = (count: number | undefined): boolean => Number.isInteger(count) && Number(count) > 0
  return {
    artifactLocation: { uri: fileUri(file) },
    ...(isCount(line) && { region: { startLine: line, ...(isCount(column) && { startColumn: column }) } }),
  }
}

/** A path as a URI: relative ones stay relative, so that a pipeline finds them in its checkout (RFC 3986, RFC 8089). */
function fileUri(file: string): string {
  const path = file
    .toWellFormed()
    .replaceAll('\\', '/')
    .split('/')
    .map((part) => encodeURIComponent(part))
    .join('/')
  if (/^[a-z]%3A\//i.test(path)) return `file:///${path.replace('%3A', ':')}`
  return path.startsWith('/') ? `file://${path.replace(/^\/+/, '/')}` : path
}

/**
 * A message whose text means itself: braces would be placeholders (§3.11.5), a bracket before a target a link (§3.11.6).
 * Line breaks between our own sentences stay; those of a text from outside are gone before.
 */
export function literal(text: string): string {
  return text.split('\n').map(plain).join('\n').replace(/[{}]/g, '$&$&').replace(/[[\]]/g, '\\$&')
}

/** Within what a Date can hold, and in a year of four digits as RFC 3339 has it. */
export function isTime(ms: number): boolean {
  return ms >= Date.UTC(1, 0) && ms < Date.UTC(10_000, 0)
}
