import { visible } from './quoted.ts'

/** What is wrong with something of the user's, and what would be right. Neither ever repeats a secret. */
export interface Remedy {
  readonly what: string
  readonly right: string
}

/** One thing that is wrong in a file of the user's, with its place. */
export interface ConfigError extends Remedy {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 units, as editors count. */
  readonly column: number
}

/** `file:line:column: what is wrong, what is right`: one line, which editors and terminals turn into a link. */
export function formatConfigError({ file, line, column, what, right }: ConfigError): string {
  // Words of the file stand in the remedy too: the names that are known there.
  return visible(`${file}:${line}:${column}: ${what}, ${right}`)
}

/** The most errors that are said at once: who has more has one mistake that makes them all. */
const most = 20

/** One line an error, in the order of the file; past twenty a line that counts the rest. */
export function formatConfigErrors(errors: readonly ConfigError[]): readonly string[] {
  const sorted = [...errors].sort((a, b) => a.line - b.line || a.column - b.column)
  const lines = sorted.slice(0, most).map(formatConfigError)
  const rest = errors.length - lines.length
  return rest > 0 ? [...lines, `and ${rest} more`] : lines
}
