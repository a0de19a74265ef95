import type { NumberRange } from '../../ruleset.ts'
import { portOf } from './portNames.ts'

/** Goes through the words of a line; nothing is read twice, and what is left over shows. */
export interface WordReader {
  peek(): string | undefined
  /** The next word, in lower case where it is a keyword. */
  next(): string | undefined
  /** Takes the next word where it is this keyword. */
  take(keyword: string): boolean
  rest(): readonly string[]
}

export function wordReader(words: readonly string[], from = 0): WordReader {
  let at = from
  return {
    peek: () => words[at],
    next: () => {
      const word = words[at]
      at += 1
      return word
    },
    take: (keyword) => {
      if (words[at]?.toLowerCase() !== keyword) return false
      at += 1
      return true
    },
    rest: () => words.slice(at),
  }
}

const operators = new Set(['eq', 'neq', 'lt', 'gt', 'range'])

/**
 * Ports behind an operator: `eq` (of IOS also several), `neq`, `lt`, `gt`, `range`.
 *
 * @returns undefined where no operator follows; a text where a port is none
 */
export function readPorts(words: WordReader): readonly NumberRange[] | string | undefined {
  const operator = words.peek()?.toLowerCase() ?? ''
  if (!operators.has(operator)) return undefined
  words.next()
  const word = words.next()
  const port = portOf(word)
  if (port === undefined) return `"${word ?? ''}" is no port`
  switch (operator) {
    case 'eq': {
      const ports = [port]
      // IOS takes up to ten ports behind one `eq`; what is none ends them.
      for (let more = portOf(words.peek()); more !== undefined; more = portOf(words.peek())) {
        ports.push(more)
        words.next()
      }
      return ports.map((one) => ({ first: one, last: one }))
    }
    case 'neq':
      return [
        { first: 0, last: port - 1 },
        { first: port + 1, last: 65535 },
      ].filter(({ first, last }) => first <= last)
    case 'lt':
      return port === 0 ? [] : [{ first: 0, last: port - 1 }]
    case 'gt':
      return port === 65535 ? [] : [{ first: port + 1, last: 65535 }]
    default: {
      const end = words.next()
      const last = portOf(end)
      if (last === undefined) return `"${end ?? ''}" is no port`
      return [{ first: Math.min(port, last), last: Math.max(port, last) }]
    }
  }
}
