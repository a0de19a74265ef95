/** What octets were read as; `windows-1252` is a guess, since any octets can be that. */
export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252'

export interface DecodedText {
  /** Without its byte order mark. */
  readonly text: string
  readonly encoding: TextEncoding
}

/** So much of a file tells whether every other octet is zero. */
const looked = 64 * 1024
/** Fewer characters than this show nothing. */
const leastPairs = 8

/**
 * Reads a text file of unknown origin: UTF-8 with and without a byte order mark; UTF-16, as PowerShell's `>` and
 * Windows' consoles write it, by its mark or by the zeros that every Latin letter has there; else Windows-1252, in
 * which every octet is a character (https://encoding.spec.whatwg.org/#windows-1252). Never throws.
 */
export function decodeText(octets: Uint8Array): DecodedText {
  const utf16 = utf16Of(octets)
  if (utf16 !== undefined) return { text: new TextDecoder(utf16).decode(octets), encoding: utf16 }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(octets), encoding: 'utf-8' }
  } catch {
    return { text: new TextDecoder('windows-1252').decode(octets), encoding: 'windows-1252' }
  }
}

function utf16Of(octets: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const [first, second] = octets
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  const head = octets.subarray(0, looked)
  const pairs = head.length >> 1
  const zeros = [0, 0]
  for (let at = 0; at < pairs * 2; at += 1) {
    if (head[at] === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1
  }
  const [even = 0, odd = 0] = zeros
  if (pairs < leastPairs) return undefined
  // A text without a mark is mostly Latin in any language of a configuration; one zero in UTF-8 is a slip, or no text.
  if (odd * 2 > pairs && even * 20 < pairs) return 'utf-16le'
  if (even * 2 > pairs && odd * 20 < pairs) return 'utf-16be'
  return undefined
}
