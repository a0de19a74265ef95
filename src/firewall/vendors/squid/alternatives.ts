import type { Addresses } from '../../addresses.ts'
import { unionOf } from '../../addresses.ts'
import type { NamePattern } from '../../namePattern.ts'
import { mergedNumbers } from '../../numberRanges.ts'
import type { Match, NumberRange } from '../../ruleset.ts'
import type { Condition } from './condition.ts'
import { testOf } from './condition.ts'

/** What tests of one field ask together. */
interface Fields {
  readonly source: Addresses[]
  readonly destination: Addresses[]
  readonly destinationPorts: (readonly NumberRange[])[]
  readonly requestedNames: (readonly NamePattern[])[]
}

/**
 * A condition that holds where one of several does, in as few tests as that takes: values of one field stand in one
 * test, and what asks the same stands once. An acl may have its values in thousands of lines, and each access line that
 * names two such acls asks each value of the one with each of the other.
 */
export function alternativesOf(conditions: readonly Condition[]): Condition {
  const fields: Fields = { source: [], destination: [], destinationPorts: [], requestedNames: [] }
  const others = new Map<unknown, Condition>()
  for (const condition of flattened(conditions))
    if (!isTaken(condition, fields)) others.set(keyOf(condition), condition)
  const of = [...testsOf(fields), ...others.values()]
  const [only] = of
  return of.length === 1 && only !== undefined ? only : { kind: 'or', of }
}

/** Alternatives of alternatives as one list, each once: acls of acls name one another often. */
function flattened(conditions: readonly Condition[]): ReadonlySet<Condition> {
  const seen = new Set<Condition>()
  const found = new Set<Condition>()
  const left = conditions.toReversed()
  for (let one = left.pop(); one !== undefined; one = left.pop()) {
    if (one.kind !== 'or') found.add(one)
    else if (!seen.has(one)) {
      seen.add(one)
      for (const part of one.of.toReversed()) left.push(part)
    }
  }
  return found
}

/** Keeps what a test asks of its one field. */
function isTaken(condition: Condition, fields: Fields): boolean {
  if (condition.kind !== 'test' || condition.unknowns.length > 0) return false
  if (Object.keys(condition.match).length !== 1) return false
  const { source, destination, destinationPorts, requestedNames } = condition.match
  if (source !== undefined) fields.source.push(source)
  else if (destination !== undefined) fields.destination.push(destination)
  else if (destinationPorts !== undefined) fields.destinationPorts.push(destinationPorts)
  else if (requestedNames !== undefined) fields.requestedNames.push(requestedNames)
  else return false
  return true
}

function testsOf({ source, destination, destinationPorts, requestedNames }: Fields): readonly Condition[] {
  const names = new Map(requestedNames.flat().map((name) => [JSON.stringify(name), name]))
  const matches: readonly Match[] = [
    ...(source.length > 0 ? [{ source: unionOf(source) }] : []),
    ...(destination.length > 0 ? [{ destination: unionOf(destination) }] : []),
    ...(destinationPorts.length > 0 ? [{ destinationPorts: mergedNumbers(destinationPorts.flat()) }] : []),
    ...(requestedNames.length > 0 ? [{ requestedNames: [...names.values()] }] : []),
  ]
  return matches.map((match) => testOf(match))
}

/** Equal of tests that ask the same. */
function keyOf(condition: Condition): unknown {
  if (condition.kind !== 'test') return condition
  const { match, unknowns } = condition
  // What a set of addresses holds is no text; such a test stands for itself.
  if (match.source !== undefined || match.destination !== undefined) return condition
  return JSON.stringify([match, unknowns])
}
