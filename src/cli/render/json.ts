import { piecesOf } from './pieces.ts'

/**
 * Writes a report as its documented JSON: two spaces of indent, a line break at the end, keys in the order of the model.
 * The same for every kind of report. What a terminal would act on, or what reorders a line, is written as an escape:
 * the value is the same, and the text may be shown.
 */
export function json(report: object): string {
  return [...jsonPieces(report)].join('')
}

/**
 * The same text in pieces, each made when it is asked for: the flows of a large site are several times larger as text than
 * they are in memory. No piece ends within a value of a list of the report, so that none ends within a character.
 */
export function jsonPieces(report: object): Generator<string, void> {
  return piecesOf(partsOf(report))
}

/** What `JSON.stringify` writes of a report, member by member and lists value by value, and a line break. */
function* partsOf(report: object): Generator<string, void> {
  const members = Object.entries(report).filter(([, value]) => isWritten(value))
  if (Array.isArray(report) || members.length === 0) {
    yield `${written(report, '')}\n`
    return
  }
  for (const [at, [name, value]] of members.entries()) {
    yield `${at === 0 ? '{' : ','}\n${indent}${written(name, '')}: `
    if (!Array.isArray(value) || value.length === 0) {
      yield written(value, indent)
      continue
    }
    for (const [nth, one] of value.entries()) {
      yield `${nth === 0 ? '[' : ','}\n${indent.repeat(2)}${written(isWritten(one) ? one : null, indent.repeat(2))}`
    }
    yield `\n${indent}]`
  }
  yield '\n}\n'
}

const indent = '  '

/** JSON has no words for the others: a member with one is left out, and in a list it is null. */
function isWritten(value: unknown): boolean {
  return value !== undefined && typeof value !== 'function' && typeof value !== 'symbol'
}

/** A value as it stands behind so much of a margin. */
function written(value: unknown, margin: string): string {
  // Line breaks of texts are escapes: those that are there are the layout's.
  return JSON.stringify(value, null, indent)
    .replaceAll('\n', `\n${margin}`)
    .replace(/[\u007f-\u009f\u2028\u2029\p{Cf}]/gu, escaped)
}

/** Such characters stand in strings only, where JSON takes an escape for each UTF-16 unit (RFC 8259 §7). */
function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, at) => {
    const unit = character.charCodeAt(at)
    return `\\u${unit.toString(16).padStart(4, '0')}`
  }).join('')
}
