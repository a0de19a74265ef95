import type { Unknown } from '../../unknown.ts'
import type { Way } from '../netfilter/way.ts'
import { always, bothOf, mostWays } from '../netfilter/way.ts'
import type { Ways } from './condition.ts'
import { conditionOf } from './condition.ts'
import { doubtsOf, membersOf } from './members.ts'
import type { Scope } from './scope.ts'
import type { Comparison, Element, Expression } from './syntax.ts'

/** A comparison of one field or of several together, with one value or with a set. */
export function comparisonOf(left: Expression, op: Comparison, right: Expression, scope: Scope): Ways {
  if (left.kind !== 'concat') return conditionOf(left, op, right, scope)
  const { elements, unknowns } = membersOf(right, scope)
  const isNot = op === '!='
  if (!isNot && op !== '==' && op !== 'in') return undefined
  const found: Way[] = []
  for (const element of elements) {
    const ways = elementWays(left.parts, element, scope)
    if (ways === undefined) return undefined
    for (const way of ways) found.push(way)
    if (found.length > mostWays) return undefined
  }
  // What the fields themselves ask of a packet (a protocol, a family) holds of every element, and of what is not in the set too.
  const asked = fieldsHold(left.parts, scope)
  if (asked === undefined) return undefined
  if (isNot) return asked.map((way) => ({ ...way, unknowns: [...way.unknowns, ...unknowns], except: found }))
  return unknowns.length === 0 ? found : [...found, ...asked.map((way) => withUnknowns(way, unknowns))]
}

/** Ways in which the parts of a key have the values of an element. */
export function elementWays(parts: readonly Expression[], element: Element, scope: Scope): Ways {
  if (element.key.kind === 'rest') return fieldsHold(parts, scope)
  const values = element.key.kind === 'concat' ? element.key.parts : [element.key]
  if (values.length !== parts.length) return undefined
  let ways: Ways = always
  for (const [at, part] of parts.entries()) {
    const value = values[at]
    const one = value === undefined ? undefined : conditionOf(part, '==', value, scope)
    if (one === undefined || ways === undefined) return undefined
    ways = bothOf(ways, one)
  }
  const doubts = doubtsOf(element)
  return doubts.length === 0 ? ways : ways?.map((way) => withUnknowns(way, doubts))
}

function withUnknowns(way: Way, unknowns: readonly Unknown[]): Way {
  return { ...way, unknowns: [...way.unknowns, ...unknowns] }
}

/** Ways in which a packet has the fields at all: `tcp dport` is of TCP, `ip saddr` of IPv4. */
export function fieldsHold(parts: readonly Expression[], scope: Scope): Ways {
  let ways: Ways = always
  for (const part of parts) {
    const one = conditionOf(part, '==', { kind: 'set', elements: [{ key: { kind: 'rest' } }] }, scope)
    if (one === undefined) {
      // A field of words has no "every value": it is there on each packet.
      continue
    }
    if (ways === undefined) return undefined
    ways = bothOf(ways, one)
  }
  return ways
}
