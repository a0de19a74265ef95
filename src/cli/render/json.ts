/**
 * Writes a report as its documented JSON: two spaces of indent, a line break at the end, keys in the order of the model.
 * The same for every kind of report. What a terminal would act on, or what reorders a line, is written as an escape:
 * the value is the same, and the text may be shown.
 */
export function json(report: object): string {
  const text = JSON.stringify(report, null, 2)
  return `${text.replace(/[\u007f-\u009f\u2028\u2029\p{Cf}]/gu, escaped)}\n`
}

/** Such characters stand in strings only, where JSON takes an escape for each UTF-16 unit (RFC 8259 §7). */
function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, at) => {
    const unit = character.charCodeAt(at)
    return `\\u${unit.toString(16).padStart(4, '0')}`
  }).join('')
}
