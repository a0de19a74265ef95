import type { Cursor } from './cursor.ts'
import { parseField } from './parseField.ts'
import { parseVerdict } from './parseVerdict.ts'
import type { BitOperator, Element, Expression } from './syntax.ts'

const bitOperators = new Map<string, BitOperator>([
  ['&', '&'],
  ['|', '|'],
  ['^', '^'],
  ['<<', '<<'],
  ['>>', '>>'],
  ['and', '&'],
  ['or', '|'],
  ['xor', '^'],
  ['lshift', '<<'],
  ['rshift', '>>'],
])

/** Fields, values and sets joined by dots: `ip saddr . tcp dport`. */
export function parseConcat(cursor: Cursor): Expression {
  const first = parseBits(cursor)
  if (!cursor.is('.')) return first
  const parts = [first]
  while (cursor.take('.')) parts.push(parseBits(cursor))
  const last = parts.at(-1)
  // `ip saddr . tcp dport map { … }`: the map is for all of them.
  if (last?.kind === 'map') return { ...last, key: { kind: 'concat', parts: [...parts.slice(0, -1), last.key] } }
  return { kind: 'concat', parts }
}

/** What stands on the right: a set, a value, a range, or flags with commas between them. */
export function parseValue(cursor: Cursor): Expression {
  const first = parseConcat(cursor)
  if (!cursor.is(',')) return first
  const items = [first]
  while (cursor.take(',')) items.push(parseConcat(cursor))
  return { kind: 'list', items }
}

function parseBits(cursor: Cursor): Expression {
  let left = parseRange(cursor)
  for (;;) {
    const op = cursor.peek().kind === 'string' ? undefined : bitOperators.get(cursor.peek().text)
    if (op === undefined) return left
    cursor.next()
    left = { kind: 'bits', op, left, right: parseRange(cursor) }
  }
}

function parseRange(cursor: Cursor): Expression {
  const first = parsePrimary(cursor)
  if (first.kind === 'field') return parseMap(cursor, first)
  if (cursor.is('/') && /^\d+$/.test(cursor.peek(1).text)) {
    cursor.next()
    return rangeFrom(cursor, { kind: 'prefix', address: first, length: Number(cursor.next().text) })
  }
  if (first.kind === 'word' || first.kind === 'prefix') return rangeFrom(cursor, first)
  return first
}

function rangeFrom(cursor: Cursor, first: Expression): Expression {
  if (!cursor.is('-')) return first
  cursor.next()
  return { kind: 'range', first, last: parsePrimary(cursor) }
}

/** `KEY map { … }` and `KEY map @name`. */
function parseMap(cursor: Cursor, key: Expression): Expression {
  if (!cursor.take('map')) return key
  return { kind: 'map', key, data: parsePrimary(cursor) }
}

function parsePrimary(cursor: Cursor): Expression {
  const token = cursor.peek()
  if (token.kind === 'string') {
    cursor.next()
    return { kind: 'word', text: token.text }
  }
  if (cursor.is('{')) return parseSet(cursor)
  if (cursor.is('(')) return parseGroup(cursor)
  if (cursor.take('*')) return { kind: 'rest' }
  if (cursor.take('[')) {
    const inner = cursor.next()
    cursor.take(']')
    return { kind: 'word', text: inner.text }
  }
  if (cursor.is('$') && cursor.peek(1).kind === 'word') {
    cursor.next()
    const { text } = cursor.next()
    return cursor.definitions.get(text) ?? { kind: 'unread', text: `$${text}` }
  }
  const field = parseField(cursor, parseConcat)
  if (field !== undefined) return field
  if (cursor.is('@') && cursor.peek(1).kind === 'word') {
    cursor.next()
    return { kind: 'named', name: cursor.next().text }
  }
  if (token.kind === 'word') {
    cursor.next()
    return { kind: 'word', text: token.text }
  }
  // Whoever asked for a value sees that there is none, and goes on behind the rule.
  return { kind: 'unread', text: token.text }
}

function parseGroup(cursor: Cursor): Expression {
  cursor.next()
  if (!cursor.deeper()) return { kind: 'unread', text: '(' }
  const inner = parseConcat(cursor)
  cursor.shallower()
  return cursor.take(')') ? inner : { kind: 'unread', text: '(' }
}

/** `{ a, b : c timeout 1h, … }`; ends of lines count for nothing in it. */
export function parseSet(cursor: Cursor): Expression {
  cursor.next()
  if (!cursor.deeper()) return { kind: 'unread', text: '{' }
  const elements: Element[] = []
  cursor.skipNewlines()
  while (!cursor.is('}')) {
    const before = cursor.mark()
    elements.push(parseElement(cursor))
    cursor.skipNewlines()
    const goesOn = cursor.take(',')
    cursor.skipNewlines()
    if ((!goesOn && !cursor.is('}')) || cursor.mark() === before) {
      cursor.shallower()
      return { kind: 'unread', text: cursor.text(before) }
    }
  }
  cursor.next()
  cursor.shallower()
  return { kind: 'set', elements }
}

/** What may follow a key: how long it stays, what it counted. */
const options = new Set([
  'timeout',
  'expires',
  'counter',
  'packets',
  'bytes',
  'comment',
  'limit',
  'quota',
  'ct',
  'last',
  'used',
])

function parseElement(cursor: Cursor): Element {
  const key = parseConcat(cursor)
  const found = parseOptions(cursor)
  cursor.skipNewlines()
  if (!cursor.take(':')) return { key, ...found }
  cursor.skipNewlines()
  const data = parseVerdict(cursor) ?? parseConcat(cursor)
  return { key, data, ...found, ...parseOptions(cursor) }
}

function parseOptions(cursor: Cursor): Pick<Element, 'expires' | 'limited'> {
  let expires = false
  let limited = false
  while (cursor.peek().kind === 'word' && options.has(cursor.peek().text)) {
    const option = cursor.next().text
    if (option === 'timeout' || option === 'expires') expires = true
    if (option === 'limit' || option === 'quota' || option === 'ct') limited = true
    // Each takes words, numbers or a string: `limit rate over 10/second burst 5 packets`.
    while (isOptionValue(cursor)) cursor.next()
  }
  return { ...(expires && { expires }), ...(limited && { limited }) }
}

function isOptionValue(cursor: Cursor): boolean {
  const { kind, text } = cursor.peek()
  return kind === 'string' || text === '/' || (kind === 'word' && !options.has(text))
}
