/** Where JSON text (RFC 8259) breaks its own rules, or goes beyond a limit, and what was looked for there. */
export interface JsonFault {
  /** Offset in UTF-16 units. */
  readonly offset: number
  readonly expected: string
  /** True when the text may well be JSON, but more of it than is read. */
  readonly tooLarge: boolean
}

/** What is read at most; beyond it a text could fill the memory before anybody looks at what it says. */
export interface JsonLimits {
  /** Objects and lists within each other. */
  readonly depth: number
  /** Elements of one list, or members of one object. */
  readonly elements: number
  /** UTF-16 units of one string or key, as they are written. */
  readonly characters: number
}

/** An object or array that is being read. */
interface Frame {
  readonly isArray: boolean
  /** Whether the path that is followed leads to this object or array. */
  readonly isOnPath: boolean
  /** Position of the member or element that is being read. */
  index: number
  /** Whether it leads on to the member or element that is being read. */
  leadsOn: boolean
}

/**
 * Walks through JSON text without building anything: finds the first place that is not JSON, or the place where the
 * value at a path begins, or else the innermost value on the way to it. Time grows with the text and memory with its
 * nesting, up to the limits.
 *
 * @param path keys and positions from the root; empty: the value as a whole
 */
export function walkJson(
  text: string,
  path: readonly PropertyKey[],
  limits: JsonLimits,
): { readonly fault: JsonFault } | { readonly offset: number } {
  const stack: Frame[] = []
  let at = 0
  let found: number | undefined
  let state: 'value' | 'first-value' | 'key' | 'first-key' | 'after' = 'value'
  const fault = (expected: string, offset = at) => ({ fault: { offset, expected, tooLarge: false } })
  const limit = (expected: string) => ({ fault: { offset: at, expected, tooLarge: true } })
  const tooLong = `${limits.characters} characters of one text`
  const isTooLong = (end: number) => end - at - 2 > limits.characters

  for (;;) {
    at = skipSpace(text, at)
    const top = stack.at(-1)
    const character = text[at]
    switch (state) {
      case 'value':
      case 'first-value': {
        if (state === 'first-value' && character === ']') {
          at += 1
          stack.pop()
          state = 'after'
          break
        }
        const isOnPath = top === undefined || top.leadsOn
        if (isOnPath) found = at
        if (character === '{' || character === '[') {
          if (stack.length === limits.depth) return limit(`${limits.depth} levels of nesting`)
          const isArray = character === '['
          stack.push({ isArray, isOnPath, index: 0, leadsOn: isArray && isOnPath && path[stack.length] === 0 })
          state = isArray ? 'first-value' : 'first-key'
          at += 1
          break
        }
        const end = character === '"' ? endOfString(text, at) : endOfScalar(text, at)
        if (end === undefined) return fault('a value')
        if (end < 0) return fault('a whole string', -end)
        if (character === '"' && isTooLong(end)) return limit(tooLong)
        at = end
        state = 'after'
        break
      }
      case 'key':
      case 'first-key': {
        if (state === 'first-key' && character === '}') {
          at += 1
          stack.pop()
          state = 'after'
          break
        }
        if (character !== '"' || top === undefined) return fault('a key in double quotes')
        const end = endOfString(text, at)
        if (end < 0) return fault('a whole key', -end)
        if (isTooLong(end)) return limit(tooLong)
        top.leadsOn = top.isOnPath && path[stack.length - 1] === JSON.parse(text.slice(at, end))
        at = skipSpace(text, end)
        if (text[at] !== ':') return fault('a colon')
        at += 1
        state = 'value'
        break
      }
      case 'after': {
        if (top === undefined) return at === text.length ? { offset: found ?? 0 } : fault('nothing after the end')
        if (character === ',') {
          at += 1
          top.index += 1
          if (top.index === limits.elements) return limit(`${limits.elements} elements of one list`)
          if (top.isArray) top.leadsOn = top.isOnPath && path[stack.length - 1] === top.index
          state = top.isArray ? 'value' : 'key'
          break
        }
        if (character !== (top.isArray ? ']' : '}')) return fault(top.isArray ? 'a comma or ]' : 'a comma or }')
        at += 1
        stack.pop()
        break
      }
      default:
        state satisfies never
    }
  }
}

/** Line and column of an offset, both counted from 1. */
export function lineAndColumn(text: string, offset: number): { readonly line: number; readonly column: number } {
  let line = 1
  let start = 0
  for (let end = text.indexOf('\n'); end !== -1 && end < offset; end = text.indexOf('\n', start)) {
    line += 1
    start = end + 1
  }
  return { line, column: offset - start + 1 }
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (' \n\r\t'.includes(text[at] ?? '?')) at += 1
  return at
}

/** The offset behind a string that begins at `start`, or the offset of what is wrong with it, as a negative number. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === 0x22) return at + 1
    if (code < 0x20) return -at
    if (code !== 0x5c) continue
    const escaped = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
    escaped.lastIndex = at
    if (!escaped.test(text)) return -at
    at = escaped.lastIndex - 1
  }
  return -text.length
}

function endOfScalar(text: string, start: number): number | undefined {
  const scalar = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
  scalar.lastIndex = start
  return scalar.test(text) ? scalar.lastIndex : undefined
}
