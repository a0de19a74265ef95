import { columnsOf, splitAtColumn } from './columns.ts'

/**
 * Breaks a text into lines of at most `width` columns, at spaces. A word that is wider than a line by itself is broken
 * after a mark that names and paths have (`.` `/` `-` `:` `,` `=` `@` `_`), and anywhere only when it has none.
 *
 * @param width columns, 1 or more; Infinity leaves the text in one line
 * @returns one line or more, none with spaces at its end
 */
export function wrapText(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  let taken = 0
  for (const word of text.split(/ +/)) {
    if (word === '') continue
    // Only the word is measured: a line without an end would be gone through anew for each.
    const columns = columnsOf(word)
    const joined = line === '' ? columns : taken + 1 + columns
    if (joined <= width) {
      line = line === '' ? word : `${line} ${word}`
      taken = joined
      continue
    }
    if (line !== '') lines.push(line)
    const pieces = breakWord(word, width)
    line = pieces.pop() ?? ''
    taken = columnsOf(line)
    for (const piece of pieces) lines.push(piece)
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line]
}

function breakWord(word: string, width: number): string[] {
  const pieces: string[] = []
  let rest = word
  for (;;) {
    const [fits, over] = splitAtColumn(rest, width)
    if (over === '') break
    const mark = /^.*[./\-:,=@_](?=.)/su.exec(fits)?.[0]
    // A piece of one or two characters reads worse than a word broken in its middle.
    const piece = mark !== undefined && mark.length > 2 ? mark : fits
    pieces.push(piece)
    rest = rest.slice(piece.length)
  }
  pieces.push(rest)
  return pieces
}
