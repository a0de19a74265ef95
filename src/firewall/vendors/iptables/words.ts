/** A word of a command line as `iptables-save` writes it; a quoted one is never an option. */
export interface Word {
  readonly text: string
  readonly isQuoted: boolean
}

/** Splits a line into words: blanks between them, double or single quotes around, a backslash before a quote. Takes any text. */
export function wordsOf(line: string): readonly Word[] {
  const words: Word[] = []
  let text = ''
  let isQuoted = false
  let isOpen = false
  let quote = ''
  for (let at = 0; at < line.length; at += 1) {
    const unit = line.charAt(at)
    if (quote !== '') {
      if (unit === '\\' && quote === '"' && at + 1 < line.length) {
        at += 1
        text += line.charAt(at)
      } else if (unit === quote) quote = ''
      else text += unit
    } else if (unit === '"' || unit === "'") {
      quote = unit
      isQuoted = true
      isOpen = true
    } else if (/\s/.test(unit)) {
      if (isOpen) words.push({ text, isQuoted })
      text = ''
      isQuoted = false
      isOpen = false
    } else {
      text += unit
      isOpen = true
    }
  }
  if (isOpen) words.push({ text, isQuoted })
  return words
}
