import type { Span } from '../../source.ts'
import type { PlacesIn } from '../../text/placesIn.ts'
import type { Definitions } from './definitions.ts'
import type { Token } from './tokens.ts'

/** Walks over the tokens of a script. Nothing throws: at the end there is a token of no text. */
export interface Cursor {
  readonly definitions: Definitions
  peek(ahead?: number): Token
  next(): Token
  /** Takes the next token where it has this text and is no string. */
  take(text: string): boolean
  is(text: string, ahead?: number): boolean
  atEnd(): boolean
  skipNewlines(): void
  /** Index of the next token, to come back to. */
  mark(): number
  back(mark: number): void
  /** The span from a mark to what was taken last. */
  span(mark: number): Span
  text(mark: number): string
  /** One level deeper in brackets: false where no further is gone. */
  deeper(): boolean
  shallower(): void
}

/** Brackets within each other that are followed: a set in a set is rare, and three deep is never seen. */
const deepest = 32

export function cursorOver(
  tokens: readonly Token[],
  places: PlacesIn,
  source: string,
  definitions: Definitions,
): Cursor {
  let at = 0
  let depth = 0
  const end: Token = { kind: 'newline', text: '', start: source.length, end: source.length }
  const peek = (ahead = 0): Token => tokens[at + ahead] ?? end
  const bounds = (mark: number): readonly [number, number] => {
    const first = tokens[mark] ?? end
    let last = at - 1
    while (last > mark && tokens[last]?.kind === 'newline') last -= 1
    return [first.start, Math.max(first.end, tokens[last]?.end ?? 0)]
  }
  return {
    definitions,
    peek,
    next() {
      const token = peek()
      at = Math.min(at + 1, tokens.length)
      return token
    },
    take(text) {
      if (!this.is(text)) return false
      at += 1
      return true
    },
    is(text, ahead = 0) {
      const token = peek(ahead)
      return token.text === text && token.kind !== 'string' && token !== end
    },
    atEnd: () => at >= tokens.length,
    skipNewlines() {
      while (tokens[at]?.kind === 'newline') at += 1
    },
    mark: () => at,
    back(mark) {
      at = mark
    },
    span(mark) {
      return places.span(...bounds(mark))
    },
    text(mark) {
      return places.span(...bounds(mark)).text
    },
    deeper() {
      depth += 1
      return depth <= deepest
    },
    shallower() {
      depth -= 1
    },
  }
}
