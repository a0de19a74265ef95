/**
 * How many columns of a terminal a text takes: East Asian wide and full-width characters and emoji take two (UAX #11),
 * combining marks none. The text must be plain: no control characters.
 */
export function columnsOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length
  let columns = 0
  for (const character of text) columns += columnsOfCharacter(character)
  return columns
}

/** Fills a text up to a width with spaces; one that is wider stays as it is. */
export function padTo(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const missing = ' '.repeat(Math.max(0, width - columnsOf(text)))
  return align === 'left' ? text + missing : missing + text
}

/** Splits off the longest beginning of a text that fits a width; at least one character, so that a caller gets on. */
export function splitAtColumn(text: string, width: number): readonly [string, string] {
  let columns = 0
  let end = 0
  for (const character of text) {
    columns += columnsOfCharacter(character)
    if (columns > width && end > 0) break
    end += character.length
    if (columns > width) break
  }
  return [text.slice(0, end), text.slice(end)]
}

/** Cuts a text in the middle, where names differ least, so that it fits a width: `tenant-0123...onmicrosoft.com`. */
export function cutMiddle(text: string, width: number): string {
  const dots = '...'
  if (columnsOf(text) <= width) return text
  if (width <= dots.length) return splitAtColumn(text, width)[0]
  const characters = [...text]
  const tailWidth = Math.floor((width - dots.length) / 2)
  let tail = ''
  while (characters.length > 0) {
    const longer = (characters.pop() ?? '') + tail
    if (columnsOf(longer) > tailWidth) break
    tail = longer
  }
  const headWidth = width - dots.length - columnsOf(tail)
  const [head] = splitAtColumn(text, headWidth)
  return (columnsOf(head) <= headWidth ? head : '') + dots + tail
}

function columnsOfCharacter(character: string): number {
  const point = character.codePointAt(0) ?? 0
  if (point < 0x300) return 1
  if (/\p{M}/u.test(character)) return 0
  return wide.some(([first, last]) => point >= first && point <= last) ? 2 : 1
}

/** Blocks whose characters take two columns (EastAsianWidth.txt, W and F), joined where nothing narrow lies between. */
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
]
