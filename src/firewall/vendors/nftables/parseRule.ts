import type { Cursor } from './cursor.ts'
import { parseConcat, parseSet, parseValue } from './parseExpression.ts'
import { parseVerdict } from './parseVerdict.ts'
import type { Comparison, Expression, RuleNode, Statement, Verdict } from './syntax.ts'

/**
 * Reads a rule up to the end of its line, its `;`, or the bracket that ends its chain. What is not understood of it
 * stands as an unread statement at its place, and takes the rest of the rule along.
 */
export function parseRule(cursor: Cursor): RuleNode {
  const mark = cursor.mark()
  const statements: Statement[] = []
  let comment: string | undefined
  let handle: number | undefined
  while (!endsRule(cursor)) {
    if (cursor.peek().kind === 'handle') {
      handle = Number(cursor.next().text)
      continue
    }
    if (cursor.is('comment') && (cursor.peek(1).kind === 'string' || cursor.peek(1).kind === 'word')) {
      cursor.next()
      comment = cursor.next().text
      continue
    }
    const before = cursor.mark()
    const statement = parseStatement(cursor)
    if (cursor.mark() > before && !isUnread(statement)) {
      statements.push(statement)
      continue
    }
    if (cursor.mark() === before) cursor.next()
    skipRule(cursor)
    statements.push({ kind: 'unread', text: cursor.text(before) })
  }
  return {
    span: cursor.span(mark),
    statements,
    ...(comment !== undefined && { comment }),
    ...(handle !== undefined && { handle }),
  }
}

function endsRule(cursor: Cursor): boolean {
  return cursor.atEnd() || cursor.peek().kind === 'newline' || cursor.is(';') || cursor.is('}')
}

/** What a rule does; what stands before it is a condition, be it understood or not. */
const ends = new Set(['accept', 'drop', 'return', 'jump', 'goto', 'reject', 'comment'])

/** Goes on behind what is not understood: brackets in pairs, up to where a rule ends or says what it does. */
export function skipRule(cursor: Cursor): void {
  let depth = 0
  while (!cursor.atEnd()) {
    if (depth === 0 && (endsRule(cursor) || (cursor.peek().kind === 'word' && ends.has(cursor.peek().text)))) return
    if (cursor.is('{')) depth += 1
    if (cursor.is('}')) depth -= 1
    cursor.next()
  }
}

/** A comparison with a part that is not known is not known as a whole; what comes after it may still be its value. */
function isUnread(statement: Statement): boolean {
  switch (statement.kind) {
    case 'unread':
      // `# xt_…` is a whole statement, and what follows it is known again.
      return !statement.text.startsWith('xt')
    case 'match':
      return hasUnread(statement.left) || hasUnread(statement.right)
    case 'vmap':
      return hasUnread(statement.key) || hasUnread(statement.data)
    case 'nat':
      return [statement.address, statement.port].some((part) => part !== undefined && hasUnread(part))
    case 'assign':
      return hasUnread(statement.field) || hasUnread(statement.value)
    default:
      return false
  }
}

export function hasUnread(expression: Expression): boolean {
  switch (expression.kind) {
    case 'unread':
      return true
    case 'range':
      return hasUnread(expression.first) || hasUnread(expression.last)
    case 'prefix':
      return hasUnread(expression.address)
    case 'list':
      return expression.items.some(hasUnread)
    case 'concat':
      return expression.parts.some(hasUnread)
    case 'bits':
      return hasUnread(expression.left) || hasUnread(expression.right)
    case 'map':
      return hasUnread(expression.key) || hasUnread(expression.data)
    case 'set':
      return expression.elements.some(
        ({ key, data }) => hasUnread(key) || (data !== undefined && isExpression(data) && hasUnread(data)),
      )
    default:
      return false
  }
}

const verdicts = new Set(['accept', 'drop', 'continue', 'return', 'jump', 'goto', 'queue'])

export function isExpression(data: Expression | Verdict): data is Expression {
  return !verdicts.has(data.kind)
}

function parseStatement(cursor: Cursor): Statement {
  const token = cursor.peek()
  if (token.kind === 'foreign') {
    cursor.next()
    return { kind: 'unread', text: `xt ${token.text}` }
  }
  const verdict = parseVerdict(cursor)
  if (verdict !== undefined) return { kind: 'verdict', verdict }
  const parse = token.kind === 'word' ? parsers.get(token.text) : undefined
  if (parse !== undefined) {
    const mark = cursor.mark()
    const statement = parse(cursor)
    if (statement !== undefined) return statement
    cursor.back(mark)
  }
  return parseComparison(cursor)
}

type Parse = (cursor: Cursor) => Statement | undefined
const note: Statement = { kind: 'note' }

/** Statements by the word that they begin with; undefined: it is a comparison after all. */
const parsers: ReadonlyMap<string, Parse> = new Map<string, Parse>([
  ['counter', parseCounter],
  ['log', parseLog],
  ['limit', (cursor) => parseLimit(cursor, 'a limit on the rate')],
  ['quota', (cursor) => parseLimit(cursor, 'a quota of octets')],
  ['last', parseLast],
  ['ct', parseCtStatement],
  ['reject', parseReject],
  ['dnat', (cursor) => parseNat(cursor, 'dnat')],
  ['snat', (cursor) => parseNat(cursor, 'snat')],
  ['masquerade', (cursor) => parseNat(cursor, 'masquerade')],
  ['redirect', (cursor) => parseNat(cursor, 'redirect')],
  ['tproxy', (cursor) => handed(cursor, 'what a transparent proxy of the machine does with it')],
  ['queue', (cursor) => handed(cursor, 'what the program that reads the queue decides')],
  ['synproxy', (cursor) => handed(cursor, 'what the SYN proxy makes of it')],
  ['fwd', (cursor) => handed(cursor, 'what becomes of it behind the device that it is forwarded to')],
  ['notrack', parseNotrack],
  ['flow', (cursor) => (cursor.is('table', 1) ? dynamic(cursor) : noteTo(cursor))],
  ['dup', noteTo],
  ['meter', dynamic],
  ['add', dynamic],
  ['update', dynamic],
  ['delete', dynamic],
  ['set', dynamic],
  [
    'xt',
    (cursor) => ({ kind: 'unread', text: [cursor.next().text, cursor.next().text, cursor.next().text].join(' ') }),
  ],
])

/** `counter packets 5 bytes 9`, `counter name "in"`, `counter name tcp dport map { … }`. */
function parseCounter(cursor: Cursor): Statement {
  cursor.next()
  while (cursor.is('packets') || cursor.is('bytes') || cursor.is('name')) {
    const isName = cursor.next().text === 'name'
    if (isName) parseConcat(cursor)
    else cursor.next()
  }
  return note
}

function parseLast(cursor: Cursor): Statement {
  cursor.next()
  if (cursor.take('used')) cursor.next()
  return note
}

function parseNotrack(cursor: Cursor): Statement {
  cursor.next()
  return { kind: 'notrack' }
}

/** `log prefix "x" level info group 2 flags tcp sequence,options snaplen 0 queue-threshold 1`. */
function parseLog(cursor: Cursor): Statement {
  cursor.next()
  for (;;) {
    if (cursor.is('flags')) {
      cursor.next()
      while (/^(all|skuid|ether|ip|tcp|options|sequence|,)$/.test(cursor.peek().text)) cursor.next()
    } else if (/^(prefix|level|group|snaplen|queue-threshold)$/.test(cursor.peek().text)) {
      cursor.next()
      cursor.next()
    } else return note
  }
}

/** `limit rate over 10/second burst 5 packets`, `limit name "x"`, `quota over 10 mbytes used 0 bytes`. */
function parseLimit(cursor: Cursor, what: string): Statement {
  cursor.next()
  while (
    /^(rate|over|until|burst|packets|used|name|\/|bytes|kbytes|mbytes|gbytes|second|minute|hour|day|week|\d[\w-]*)$/.test(
      cursor.peek().text,
    ) ||
    cursor.peek().kind === 'string'
  ) {
    const { text } = cursor.next()
    if (text === 'name') cursor.next()
  }
  return { kind: 'limited', what }
}

/** `ct count over 10`, `ct mark set …`, `ct helper set "ftp"`; a comparison otherwise. */
function parseCtStatement(cursor: Cursor): Statement | undefined {
  if (!cursor.is('count', 1)) return undefined
  cursor.next()
  cursor.next()
  cursor.take('over')
  cursor.next()
  return { kind: 'limited', what: 'a limit on connections' }
}

function parseReject(cursor: Cursor): Statement {
  cursor.next()
  if (!cursor.take('with')) return { kind: 'reject' }
  const form = cursor.next().text
  if (form === 'tcp') {
    cursor.take('reset')
    return { kind: 'reject', with: 'tcp' }
  }
  cursor.take('type')
  cursor.next()
  const isKnown = form === 'icmp' || form === 'icmpv6' || form === 'icmpx'
  return isKnown ? { kind: 'reject', with: form } : { kind: 'unread', text: form }
}

type NatType = Extract<Statement, { kind: 'nat' }>['type']

/** `dnat ip to 10.0.0.1-10.0.0.9:80-90 persistent`, `masquerade to :1024-2047`, `redirect to :80`. */
function parseNat(cursor: Cursor, type: NatType): Statement {
  cursor.next()
  const words = new Set<string>()
  while (/^(ip|ip6|prefix|interval|addr|port)$/.test(cursor.peek().text) && !cursor.is('to')) {
    // `snat ip prefix to …`; but in `dnat ip daddr map` the family is a field's.
    words.add(cursor.next().text)
  }
  const family = words.has('ip') ? 4 : words.has('ip6') ? 6 : undefined
  const target = cursor.take('to') ? parseTarget(cursor, type) : {}
  while (/^(random|fully-random|persistent|,)$/.test(cursor.peek().text)) cursor.next()
  return {
    kind: 'nat',
    type,
    ...(family !== undefined && { family }),
    ...target,
    ...(words.has('prefix') && { isPrefix: true as const }),
  }
}

function parseTarget(cursor: Cursor, type: NatType): { address?: Expression; port?: Expression } {
  if (cursor.take(':')) return { port: parseConcat(cursor) }
  const address = parseConcat(cursor)
  const port = cursor.take(':') ? parseConcat(cursor) : undefined
  // Where nothing but a port can be meant it may stand without the colon.
  if (port === undefined && (type === 'redirect' || type === 'masquerade')) return { port: address }
  return port === undefined ? { address } : { address, port }
}

/** What takes the whole rest of the rule for its own words. */
function handed(cursor: Cursor, what: string): Statement {
  while (!endsRule(cursor) && !cursor.is('comment') && cursor.peek().kind !== 'handle') {
    if (cursor.is('accept')) break
    cursor.next()
  }
  return { kind: 'handed', what }
}

/** `flow add @f`, `flow offload @f`, `dup to 10.0.0.1 device "eth0"`. */
function noteTo(cursor: Cursor): Statement {
  cursor.next()
  while (/^(add|offload|to|device|@)$/.test(cursor.peek().text)) {
    const { text } = cursor.next()
    if (text !== 'add' && text !== 'offload') cursor.next()
  }
  return note
}

/** `add @s { ip saddr timeout 1m limit rate over 5/minute }`, `meter m { … }`, `set update ip saddr @s`. */
function dynamic(cursor: Cursor): Statement | undefined {
  const verb = cursor.next().text
  let fills: string | undefined
  if (verb === 'meter' || verb === 'flow') {
    if (verb === 'flow' && !cursor.take('table')) return undefined
    cursor.next()
    if (cursor.take('size')) cursor.next()
  } else if (verb === 'set') {
    cursor.next()
    parseConcat(cursor)
    while (!endsRule(cursor) && !cursor.is('@')) cursor.next()
    cursor.next()
    return { kind: 'note', fills: cursor.next().text }
  } else {
    if (!cursor.take('@')) return undefined
    fills = cursor.next().text
  }
  if (!cursor.is('{')) return undefined
  const mark = cursor.mark()
  // What its element asks for is read for its end alone.
  skipBraces(cursor)
  const inner = cursor.text(mark)
  const more = fills === undefined ? {} : { fills }
  if (!/\b(limit|quota|ct count)\b/.test(inner)) return { kind: 'note', ...more }
  return { kind: 'limited', what: 'a limit for each element of a set', ...more }
}

export function skipBraces(cursor: Cursor): void {
  let depth = 0
  while (!cursor.atEnd()) {
    if (cursor.is('{')) depth += 1
    if (cursor.is('}')) depth -= 1
    cursor.next()
    if (depth <= 0) return
  }
}

const signs = ['==', '!=', '<=', '>=', '<', '>', '!'] as const
const signWords: Readonly<Record<string, Comparison>> = { eq: '==', ne: '!=', lt: '<', gt: '>', le: '<=', ge: '>=' }

/** `FIELD [op] VALUE`, `FIELD vmap { … }`, `FIELD set VALUE`. */
function parseComparison(cursor: Cursor): Statement {
  const left = parseConcat(cursor)
  if (cursor.take('vmap')) {
    const data = cursor.is('{') ? parseSet(cursor) : parseConcat(cursor)
    return { kind: 'vmap', key: left, data }
  }
  if (cursor.take('set')) return { kind: 'assign', field: left, value: parseValue(cursor) }
  const sign = signs.find((one) => cursor.is(one))
  const word =
    sign === undefined && cursor.peek().kind === 'word' ? Object.hasOwn(signWords, cursor.peek().text) : false
  const op: Comparison = sign !== undefined ? sign : word ? (signWords[cursor.peek().text] ?? '==') : 'in'
  if (sign !== undefined || word) cursor.next()
  if (endsRule(cursor)) return { kind: 'unread', text: 'a field without a value' }
  const right = parseValue(cursor)
  // `tcp flags syn / syn,ack` and `tcp flags != syn / syn,ack`: the bits that are looked at stand behind the value.
  if (!cursor.take('/')) return { kind: 'match', left, op, right }
  const mask = parseValue(cursor)
  return { kind: 'match', left: { kind: 'bits', op: '&', left, right: mask }, op: op === 'in' ? '==' : op, right }
}
