/** A text in lines of at most so many UTF-16 units, cut at blanks; a longer word is cut within. */
export function wrappedText(text: string, most: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  const pieces = new RegExp(`.{1,${most}}`, 'gu')
  for (const word of text.split(' ').flatMap((one) => one.match(pieces) ?? [])) {
    if (line !== '' && line.length + 1 + word.length > most) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return line === '' ? lines : [...lines, line]
}
