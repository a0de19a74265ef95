/**
 * Makes text from the network safe to show: what could move the cursor, recolour, hide or reorder what a reader sees
 * is written out instead of being passed on.
 *
 * Line breaks and tabs become one space, and so does each space of another width. Other control characters (C0, DEL,
 * C1), the bidirectional and invisible ones (UAX #9, UTS #39 §3.1), private-use and unassigned code points and lone
 * surrogates become `\x1b` or `\u{202e}`: two names that differ only by them stay apart. Everything else passes
 * unchanged.
 */
export function plain(text: string): string {
  // Most texts are: of thousands of lines, looking is less than making them anew.
  if (/^[\x20-\x7e]*$/.test(text)) return text
  return text.replace(/[\t\n\v\f\r\u0085\u2028\u2029]+|\p{Zs}/gu, ' ').replace(unsafe, spelled)
}

/** Format characters are refused whole, joiners included, and so are the letters that show nothing: in a name they only deceive. */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\u115f\u1160\u2800\u3164\uffa0]/gu

function spelled(character: string): string {
  const point = character.codePointAt(0) ?? 0
  return point <= 0xff ? `\\x${point.toString(16).padStart(2, '0')}` : `\\u{${point.toString(16)}}`
}
