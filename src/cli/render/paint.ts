/** What a stretch of text is, for the eye; a terminal without colour shows none of it. */
export type Style = 'bad' | 'doubtful' | 'good' | 'quiet' | 'strong'

/** SGR parameters (ECMA-48 §8.3.117): the eight basic colours only, which every terminal lets its reader choose. */
const parameters: Readonly<Record<Style, string>> = {
  bad: '1;31',
  doubtful: '1;33',
  good: '32',
  quiet: '2',
  strong: '1',
}

/** Wraps text in the escape sequence of a style, or returns it as it is when there is no colour or no style. */
export function paint(text: string, style: Style | undefined, colour: boolean): string {
  return colour && style !== undefined && text !== '' ? `\u001b[${parameters[style]}m${text}\u001b[0m` : text
}
