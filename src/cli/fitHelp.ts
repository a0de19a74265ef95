import { wrapText } from './render/wrapText.ts'

/**
 * Fits a help text to a terminal. What commander lays out fits already; an example that is wider has its meaning on the
 * lines below it, and paragraphs are wrapped as wholes, each under the word that it stands beside. A command is never
 * broken, so that it can be copied.
 */
export function fitHelp(text: string, columns: number): string {
  return blocksOf(text.split('\n'))
    .flatMap((block) => (block.every((line) => line.length <= columns) ? block : fitted(block, columns)))
    .join('\n')
}

/** Lines that belong together: a paragraph, or a word with what is said of it, which goes on far to the right. */
function blocksOf(lines: readonly string[]): readonly (readonly string[])[] {
  const blocks: string[][] = []
  for (const line of lines) {
    const block = blocks.at(-1)
    const [first = ''] = block ?? []
    const goesOn = isProse(first) ? isProse(line) : /^ {2}\S/.test(first) && /^ {8,}\S/.test(line)
    if (block !== undefined && goesOn) block.push(line)
    else blocks.push([line])
  }
  return blocks
}

const isProse = (line: string): boolean => /^\S/.test(line)

function fitted(block: readonly string[], columns: number): readonly string[] {
  const [first = '', ...more] = block
  const [, example, means] = /^( {2}postern .*?)(?: {2,}(\S.*))?$/.exec(first) ?? []
  if (example !== undefined) {
    return [
      example,
      ...(means === undefined ? [] : wrapText(means, columns - 6).map((part) => `      ${part}`)),
      ...more,
    ]
  }
  const said = block.map((line) => line.trim()).join(' ')
  const [beside] = /^ {2}\S.*? {2,}(?=\S)/.exec(first) ?? []
  if (beside === undefined) return wrapText(said, columns)
  const told = said.slice(beside.trimStart().length)
  return wrapText(told, columns - beside.length).map(
    (part, at) => (at === 0 ? beside : ' '.repeat(beside.length)) + part,
  )
}
