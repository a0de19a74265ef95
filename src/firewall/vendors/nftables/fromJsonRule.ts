import type { JsonValue } from '../../text/jsonTree.ts'
import { rawField } from './parseField.ts'
import type { BitOperator, Comparison, Element, Expression, Statement, Verdict } from './syntax.ts'

/** Strings of an array, or the one string. */
export function wordsOf(value: JsonValue | undefined): readonly string[] {
  if (value === undefined) return []
  const one = value.text()
  return one !== undefined ? [one] : value.elements().flatMap((element) => element.text() ?? [])
}

const unreadText = (value: JsonValue): { readonly kind: 'unread'; readonly text: string } => ({
  kind: 'unread',
  text: value.span().text,
})

const bitOperators = ['&', '|', '^', '<<', '>>'] as const

/** A value or field, as {@link Expression} has it. */
export function expressionFrom(value: JsonValue): Expression {
  const { scalar } = value
  if (typeof scalar === 'string') {
    if (scalar.startsWith('@')) return { kind: 'named', name: scalar.slice(1) }
    return scalar === '*' ? { kind: 'rest' } : { kind: 'word', text: scalar }
  }
  if (typeof scalar === 'number') return { kind: 'word', text: String(scalar) }
  if (typeof scalar === 'boolean') return { kind: 'word', text: scalar ? 'exists' : 'missing' }
  if (value.kind === 'array') return { kind: 'list', items: value.elements().map(expressionFrom) }
  const [key = ''] = value.names()
  const inner = value.member(key)
  return inner === undefined ? unreadText(value) : (composed(key, inner) ?? fieldFrom(key, inner) ?? unreadText(value))
}

function composed(key: string, inner: JsonValue): Expression | undefined {
  switch (key) {
    case 'prefix': {
      const address = inner.member('addr')
      const length = inner.member('len')?.number()
      return address === undefined || length === undefined
        ? undefined
        : { kind: 'prefix', address: expressionFrom(address), length }
    }
    case 'range': {
      const [first, last] = inner.elements()
      return first === undefined || last === undefined
        ? undefined
        : { kind: 'range', first: expressionFrom(first), last: expressionFrom(last) }
    }
    case 'set': {
      const elements = inner.kind === 'array' ? inner.elements() : [inner]
      return { kind: 'set', elements: elements.map((element) => elementFrom(element, element.kind === 'array')) }
    }
    case 'concat':
      return { kind: 'concat', parts: inner.elements().map(expressionFrom) }
    case 'map': {
      const [from, data] = [inner.member('key') ?? inner.member('left'), inner.member('data') ?? inner.member('right')]
      return from === undefined || data === undefined
        ? undefined
        : { kind: 'map', key: expressionFrom(from), data: mapDataFrom(data) }
    }
    case 'elem': {
      const of = inner.member('val')
      return of === undefined ? undefined : expressionFrom(of)
    }
    case 'numgen':
    case 'jhash':
    case 'symhash':
      return { kind: 'made', text: key }
    default: {
      const op: BitOperator | undefined = bitOperators.find((sign) => sign === key)
      const [first, ...rest] = inner.elements()
      if (op === undefined || first === undefined) return undefined
      return rest.reduce<Expression>(
        (left, right) => ({ kind: 'bits', op, left, right: expressionFrom(right) }),
        expressionFrom(first),
      )
    }
  }
}

/** Elements of a map are pairs, also where a list of flags would look the same. */
function mapDataFrom(data: JsonValue): Expression {
  const set = data.member('set')
  if (set === undefined) return expressionFrom(data)
  return { kind: 'set', elements: set.elements().map((element) => elementFrom(element, true)) }
}

function fieldFrom(key: string, inner: JsonValue): Expression | undefined {
  const word = (name: string): string => inner.member(name)?.text() ?? ''
  const field = (name: string): Expression => ({ kind: 'field', name })
  switch (key) {
    case 'payload': {
      const [base, protocol] = [word('base'), word('protocol')]
      if (base === '') return field(`${protocol} ${word('field')}`)
      return field(rawField(base, String(inner.member('offset')?.number()), String(inner.member('len')?.number())))
    }
    case 'meta':
      return field(`meta ${word('key')}`)
    case 'ct': {
      const direction = word('dir')
      const family = word('family')
      return field(['ct', direction, family, word('key')].filter((part) => part !== '').join(' '))
    }
    case 'fib':
      return field(`fib ${wordsOf(inner.member('flags')).join(' . ')} ${word('result')}`)
    case 'rt':
      return field(`rt ${word('key')}`)
    case 'socket':
      return field(`socket ${word('key')}`)
    case 'osf':
      return field(`osf ${word('key')}`)
    case 'ipsec':
      return field(`ipsec ${word('dir')} ${word('key')}`)
    case 'exthdr': {
      const part = word('field')
      return field(part === '' ? `exthdr ${word('name')}` : `${word('name')} ${part}`)
    }
    case 'tcp option':
    case 'ip option':
    case 'sctp chunk':
    case 'dccp option':
      return field(`${key} ${word('name')}`)
    default:
      return undefined
  }
}

/** An element of a set or map: a value, a pair, or one with what is kept about it. */
export function elementFrom(value: JsonValue, isPair: boolean): Element {
  if (isPair && value.kind === 'array') {
    const [key, data] = value.elements()
    if (key === undefined || data === undefined) return { key: unreadText(value) }
    return { ...elementFrom(key, false), data: verdictFrom(data) ?? expressionFrom(data) }
  }
  const inner = value.member('elem')
  const of = inner?.member('val')
  if (inner === undefined || of === undefined) return { key: expressionFrom(value) }
  return {
    key: expressionFrom(of),
    ...((inner.member('timeout') !== undefined || inner.member('expires') !== undefined) && { expires: true as const }),
    ...((inner.member('limit') !== undefined || inner.member('quota') !== undefined) && { limited: true as const }),
  }
}

function verdictFrom(value: JsonValue): Verdict | undefined {
  const [key = ''] = value.kind === 'object' ? value.names() : []
  switch (key) {
    case 'accept':
    case 'drop':
    case 'continue':
    case 'return':
    case 'queue':
      return { kind: key }
    case 'jump':
    case 'goto':
      return { kind: key, chain: value.member(key)?.member('target')?.text() ?? '' }
    default:
      return undefined
  }
}

const comparisons: readonly Comparison[] = ['in', '!', '==', '!=', '<', '>', '<=', '>=']
const notes = new Set([
  'counter',
  'log',
  'last',
  'flow',
  'dup',
  'comment',
  'ct helper',
  'ct timeout',
  'ct expectation',
  'secmark',
])

/** One part of a rule. */
export function statementFrom(value: JsonValue): Statement {
  const [key = ''] = value.names()
  const inner = value.member(key)
  const verdict = verdictFrom(value)
  if (verdict?.kind === 'queue') return { kind: 'handed', what: 'what the program that reads the queue decides' }
  if (verdict !== undefined) return { kind: 'verdict', verdict }
  if (notes.has(key)) return { kind: 'note' }
  const statement = inner === undefined ? undefined : statementOf(key, inner)
  return statement ?? unreadText(value)
}

function statementOf(key: string, inner: JsonValue): Statement | undefined {
  const part = (name: string): Expression | undefined => {
    const value = inner.member(name)
    return value === undefined ? undefined : expressionFrom(value)
  }
  switch (key) {
    case 'match': {
      const [left, right] = [part('left'), part('right')]
      const op = comparisons.find((sign) => sign === (inner.member('op')?.text() ?? '=='))
      return left === undefined || right === undefined || op === undefined
        ? undefined
        : { kind: 'match', left, op, right }
    }
    case 'vmap': {
      const from = part('key') ?? part('left')
      const data = inner.member('data') ?? inner.member('right')
      return from === undefined || data === undefined ? undefined : { kind: 'vmap', key: from, data: mapDataFrom(data) }
    }
    case 'mangle': {
      const [field, to] = [part('key'), part('value')]
      return field === undefined || to === undefined ? undefined : { kind: 'assign', field, value: to }
    }
    case 'reject': {
      const type = inner.member('type')?.text()
      if (type === undefined) return { kind: 'reject' }
      if (type === 'tcp reset') return { kind: 'reject', with: 'tcp' }
      return type === 'icmp' || type === 'icmpv6' || type === 'icmpx' ? { kind: 'reject', with: type } : undefined
    }
    case 'dnat':
    case 'snat':
    case 'masquerade':
    case 'redirect':
      return natFrom(key, inner)
    case 'limit':
      return { kind: 'limited', what: 'a limit on the rate' }
    case 'quota':
      return { kind: 'limited', what: 'a quota of octets' }
    case 'ct count':
      return { kind: 'limited', what: 'a limit on connections' }
    case 'set':
    case 'map': {
      const isLimited = (inner.member('stmt')?.elements() ?? []).some((one) =>
        one.names().some((name) => name === 'limit' || name === 'quota' || name === 'ct count'),
      )
      const fills = (inner.member('set') ?? inner.member('map'))?.text()?.replace(/^@/, '')
      const more = fills === undefined ? {} : { fills }
      return isLimited
        ? { kind: 'limited', what: 'a limit for each element of a set', ...more }
        : { kind: 'note', ...more }
    }
    case 'meter':
      return { kind: 'limited', what: 'a limit for each element of a set' }
    case 'notrack':
      return { kind: 'notrack' }
    case 'tproxy':
      return { kind: 'handed', what: 'what a transparent proxy of the machine does with it' }
    case 'synproxy':
      return { kind: 'handed', what: 'what the SYN proxy makes of it' }
    case 'fwd':
      return { kind: 'handed', what: 'what becomes of it behind the device that it is forwarded to' }
    case 'xt':
      return {
        kind: 'unread',
        text: `xt ${inner.member('type')?.text() ?? ''} ${inner.member('name')?.text() ?? ''}`.trim(),
      }
    default:
      return undefined
  }
}

function natFrom(type: 'dnat' | 'snat' | 'masquerade' | 'redirect', inner: JsonValue): Statement {
  const family = inner.member('family')?.text()
  const [address, port] = [inner.member('addr'), inner.member('port')]
  const isPrefix = [inner.member('flags'), inner.member('type_flags')].some((flags) =>
    wordsOf(flags).includes('prefix'),
  )
  return {
    kind: 'nat',
    type,
    ...(family === 'ip' && { family: 4 as const }),
    ...(family === 'ip6' && { family: 6 as const }),
    ...(address !== undefined && { address: expressionFrom(address) }),
    ...(port !== undefined && { port: expressionFrom(port) }),
    ...(isPrefix && { isPrefix: true as const }),
  }
}
