/** Longer texts are cut: an error is one line. */
const longest = 60

/**
 * A text of the user's as it can stand in an error: in double quotes, at most 60 characters, and with everything that
 * could break the line, move the cursor or turn the reading direction written as `\u{…}`.
 */
export function quoted(text: string): string {
  return `"${visible(text.length > longest ? `${text.slice(0, longest - 1)}…` : text)}"`
}

/** A text with nothing in it that acts on a terminal: what would, is written as `\u{…}`. */
export function visible(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (mark) => `\\u{${mark.codePointAt(0)?.toString(16)}}`)
}
