/** Characters after which a piece is handed on, at the next border between parts. */
const pieceLength = 65_536

/** Among the parts of a text: what there is so far is handed on, since what comes next takes a while to make. */
export const rest = Symbol('rest')
export type Rest = typeof rest

/**
 * A text in pieces, each made when it is asked for: that of a large site is never in memory as a whole, and neither is
 * what it is made from.
 *
 * @param parts the text, in parts that are not taken apart
 * @returns at least one piece, none longer than 64 Ki characters and a part
 */
export function* piecesOf(parts: Iterable<string | Rest>): Generator<string, void> {
  let piece = ''
  for (const part of parts) {
    if (part !== rest) piece += part
    if (part !== rest && piece.length < pieceLength) continue
    yield piece
    piece = ''
  }
  yield piece
}
