import type { Addresses } from '../../addresses.ts'
import { intersectionOf, outsideOf } from '../../addresses.ts'
import { commonNumbers, everyPort, numbersWithout } from '../../numberRanges.ts'
import type { Action, Match, Rule } from '../../ruleset.ts'
import type { Span } from '../../source.ts'
import type { Unknown } from '../../unknown.ts'

/** What an access line asks, as squid composes it: values of an acl are alternatives, acls of a line must all hold. */
export type Condition =
  | { readonly kind: 'test'; readonly match: Match; readonly unknowns: readonly Unknown[] }
  | { readonly kind: 'not' | 'and' | 'or'; readonly of: readonly Condition[] }

export function testOf(match: Match, ...unknowns: readonly Unknown[]): Condition {
  return { kind: 'test', match, unknowns }
}

export function not(condition: Condition): Condition {
  return { kind: 'not', of: [condition] }
}

/** Chains that conditions are made of, collected beside those that the access lines are in. */
export interface ChainStore {
  /** Adds a chain under a name of its own and gives that name. */
  add(rules: readonly Rule[]): string
  /** Counts a rule that was made. */
  wrote(): void
  /** True when no more are added: lines of thousands of nested acls would otherwise fill the memory. */
  isFull(): boolean
}

interface Line {
  readonly name: string
  readonly span: Span
}

/**
 * Rules that do something where a condition holds, and go on to the next rule where it does not. What one rule cannot
 * ask takes further chains: the rest of an `and`, and what is left when a negated test returns.
 */
export function rulesOf(condition: Condition, action: Action, line: Line, chains: ChainStore): readonly Rule[] {
  // Thousands of lines that each name thousands of values are not even turned round.
  return chains.isFull()
    ? [unfollowed(action, line)]
    : written(pushed(condition, false, { asIs: new Map(), negated: new Map() }), action, line, chains)
}

function unfollowed(action: Action, line: Line): Rule {
  const because: Unknown = { kind: 'other', what: 'conditions that are too many or nested too often to be followed' }
  return { ...line, match: {}, action, unknowns: [because] }
}

/** What became of conditions that were turned round already, as they stand and negated: acls of acls name one often. */
interface Turned {
  readonly asIs: Map<Condition, Condition>
  readonly negated: Map<Condition, Condition>
}

/** Negations go down to the tests (De Morgan), where each is said by itself. */
function pushed(condition: Condition, isNegated: boolean, turned: Turned): Condition {
  if (condition.kind === 'test') return isNegated ? negatedTest(condition) : condition
  if (condition.kind === 'not') return pushed(condition.of[0] ?? testOf({}), !isNegated, turned)
  const known = isNegated ? turned.negated : turned.asIs
  const before = known.get(condition)
  if (before !== undefined) return before
  const kind = isNegated ? (condition.kind === 'and' ? 'or' : 'and') : condition.kind
  const made: Condition = { kind, of: condition.of.map((part) => pushed(part, isNegated, turned)) }
  known.set(condition, made)
  return made
}

/** What one field asks can be asked the other way round; of what nobody knows nobody knows the opposite either. */
function negatedTest(test: Extract<Condition, { kind: 'test' }>): Condition {
  const { match, unknowns } = test
  const fields = Object.keys(match)
  if (fields.length === 0 && unknowns.length > 0) return test
  if (fields.length === 1 && unknowns.length === 0) {
    const { source, destination, destinationPorts, requests } = match
    if (source !== undefined) return testOf({ source: outsideOf(source) })
    if (destination !== undefined) return testOf({ destination: outsideOf(destination) })
    if (destinationPorts !== undefined) {
      return testOf({ destinationPorts: numbersWithout(everyPort, destinationPorts) })
    }
    if (requests?.length === 1) return testOf({ requests: requests.includes('connect') ? ['plain'] : ['connect'] })
  }
  return { kind: 'not', of: [test] }
}

function written(condition: Condition, action: Action, line: Line, chains: ChainStore): readonly Rule[] {
  const rule = (match: Match, unknowns: readonly Unknown[], does: Action): Rule => {
    chains.wrote()
    return { ...line, match, action: does, unknowns }
  }
  if (chains.isFull()) return [unfollowed(action, line)]
  switch (condition.kind) {
    case 'test':
      return [rule(condition.match, condition.unknowns, action)]
    case 'not': {
      const [test] = condition.of
      if (test?.kind !== 'test') return []
      const chain = chains.add([rule(test.match, test.unknowns, { kind: 'return' }), rule({}, [], action)])
      return [rule({}, [], { kind: 'jump', chain })]
    }
    case 'or':
      return condition.of.flatMap((part) => written(part, action, line, chains))
    case 'and': {
      const [first, ...rest] = joined(condition.of)
      if (first === undefined) return [rule({}, [], action)]
      if (rest.length === 0) return written(first, action, line, chains)
      const chain = chains.add(written({ kind: 'and', of: rest }, action, line, chains))
      return written(first, { kind: 'jump', chain }, line, chains)
    }
    default:
      return condition satisfies never
  }
}

/** Tests that one rule can ask together become one; what cannot stays beside it. */
function joined(parts: readonly Condition[]): readonly Condition[] {
  let match: Match = {}
  let unknowns: readonly Unknown[] = []
  const others: Condition[] = []
  for (const part of parts) {
    const both = part.kind === 'test' ? together(match, part.match) : undefined
    if (part.kind !== 'test' || both === undefined) others.push(part)
    else {
      match = both
      unknowns = [...unknowns, ...part.unknowns]
    }
  }
  const isAsked = Object.keys(match).length > 0 || unknowns.length > 0
  return isAsked || others.length === 0 ? [testOf(match, ...unknowns), ...others] : others
}

/** Both matches as one; undefined where a field of both has no common form. */
function together(a: Match, b: Match): Match | undefined {
  const { source, destination, destinationPorts, requests, ...others } = b
  if (Object.keys(others).some((field) => field in a)) return undefined
  return {
    ...a,
    ...others,
    ...(source !== undefined && { source: bothOf(a.source, source) }),
    ...(destination !== undefined && { destination: bothOf(a.destination, destination) }),
    ...(destinationPorts !== undefined && {
      destinationPorts: commonNumbers(a.destinationPorts ?? everyPort, destinationPorts),
    }),
    ...(requests !== undefined && { requests: requests.filter((way) => a.requests?.includes(way) ?? true) }),
  }
}

/** The set of one acl stays the one that it is, in thousands of lines too. */
function bothOf(before: Addresses | undefined, set: Addresses): Addresses {
  return before === undefined ? set : intersectionOf(before, set)
}
