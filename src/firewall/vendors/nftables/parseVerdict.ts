import type { Cursor } from './cursor.ts'
import type { Verdict } from './syntax.ts'

/** Reads `accept`, `drop`, `continue`, `return`, `jump CHAIN`, `goto CHAIN`; takes nothing where there is none. */
export function parseVerdict(cursor: Cursor): Verdict | undefined {
  const { kind, text } = cursor.peek()
  if (kind !== 'word') return undefined
  switch (text) {
    case 'accept':
    case 'drop':
    case 'continue':
    case 'return':
      cursor.next()
      return { kind: text }
    case 'jump':
    case 'goto': {
      cursor.next()
      if (!cursor.take('$')) return { kind: text, chain: cursor.next().text }
      const name = cursor.next().text
      const defined = cursor.definitions.get(name)
      return { kind: text, chain: defined?.kind === 'word' ? defined.text : `$${name}` }
    }
    default:
      return undefined
  }
}
