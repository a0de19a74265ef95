import type { NamePattern } from '../namePattern.ts'
import type { Match, Place, Places } from '../ruleset.ts'

/** What a rule asks beside addresses, protocol, ports and types: what boxes do not say. */
export type Condition = Pick<
  Match,
  'states' | 'tcpFlags' | 'requestedNames' | 'requests' | 'tagged' | 'in' | 'out' | 'sameZone'
>

const conditionFields = [
  'states',
  'tcpFlags',
  'requestedNames',
  'requests',
  'tagged',
  'in',
  'out',
  'sameZone',
] as const satisfies (keyof Condition)[]

/** Whether a rule asks for nothing that boxes do not say. */
export function isUnconditional(match: Match): boolean {
  return conditionFields.every((field) => match[field] === undefined)
}

/** The conditions of a rule alone. */
export function conditionOf(match: Match): Condition {
  const condition: { -readonly [Field in keyof Condition]: Condition[Field] } = {}
  if (match.states !== undefined) condition.states = match.states
  if (match.tcpFlags !== undefined) condition.tcpFlags = match.tcpFlags
  if (match.requestedNames !== undefined) condition.requestedNames = match.requestedNames
  if (match.requests !== undefined) condition.requests = match.requests
  if (match.tagged !== undefined) condition.tagged = match.tagged
  if (match.in !== undefined) condition.in = match.in
  if (match.out !== undefined) condition.out = match.out
  if (match.sameZone !== undefined) condition.sameZone = match.sameZone
  return condition
}

/**
 * Whether all that fulfils the first conditions fulfils the second, as far as that can be seen field by field: true is
 * proven, false is not. Each list is of conditions that all have to hold: those of a rule and of the jumps to it.
 */
export function conditionsImply(some: readonly Condition[], others: readonly Condition[]): boolean {
  return others.every((other) =>
    conditionFields.every((field) => other[field] === undefined || some.some((one) => fieldImplies(field, one, other))),
  )
}

/** Whether nothing can fulfil both; true is proven, false is not. */
export function conditionsExclude(
  some: readonly Condition[],
  others: readonly Condition[],
  places: readonly Place[],
): boolean {
  return some.some((one) =>
    others.some(
      (other) =>
        haveNoneInCommon(one.states, other.states) ||
        haveNoneInCommon(one.requests, other.requests) ||
        placesExclude(one.in, other.in, places) ||
        placesExclude(one.out, other.out, places) ||
        (one.sameZone !== undefined && other.sameZone !== undefined && one.sameZone !== other.sameZone),
    ),
  )
}

function fieldImplies(field: keyof Condition, some: Condition, other: Condition): boolean {
  switch (field) {
    case 'states':
    case 'requests': {
      const allowed: readonly string[] = other[field] ?? []
      return some[field]?.every((value) => allowed.includes(value)) === true
    }
    case 'in':
    case 'out':
      return placesImply(some[field], other[field])
    case 'sameZone':
      return some.sameZone === other.sameZone
    case 'tcpFlags':
      return (
        some.tcpFlags?.every((a) =>
          other.tcpFlags?.some((b) => (a.mask & b.mask) === b.mask && (a.value & b.mask) === b.value),
        ) === true
      )
    case 'requestedNames':
      return some.requestedNames?.every((a) => other.requestedNames?.some((b) => isCoveredBy(a, b)) === true) === true
    case 'tagged':
      // Between two rules another may set the tag, so that the earlier one did not see it.
      return false
    default:
      return field satisfies never
  }
}

function placesImply(some: Places | undefined, other: Places | undefined): boolean {
  if (some === undefined || other === undefined) return other === undefined
  const isCovered = (name: string, by: readonly string[]): boolean =>
    by.some((pattern) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern))
  if (some.inverted === true) {
    return other.inverted === true && other.names.every((name) => isCovered(name, some.names))
  }
  if (other.inverted === true) return false
  return some.names.every((name) => isCovered(name, other.names))
}

/** Two interfaces are different places; two zones as long as no interface is in both. */
function placesExclude(some: Places | undefined, other: Places | undefined, places: readonly Place[]): boolean {
  if (some === undefined || other === undefined || some.inverted === true || other.inverted === true) return false
  const known = (name: string): Place | undefined => places.find((place) => place.name === name)
  return some.names.every((a) =>
    other.names.every((b) => {
      if (a === b || a.endsWith('*') || b.endsWith('*')) return false
      const [kindA, kindB] = [known(a)?.kind, known(b)?.kind]
      if (kindA === undefined || kindA !== kindB) return false
      return kindA === 'interface' || !places.some(({ zones }) => zones?.includes(a) === true && zones.includes(b))
    }),
  )
}

function haveNoneInCommon(some: readonly string[] | undefined, others: readonly string[] | undefined): boolean {
  return some !== undefined && others !== undefined && !some.some((value) => others.includes(value))
}

/** Whether every name of one pattern is one of another; false where that takes more than comparing endings. */
function isCoveredBy(a: NamePattern, b: NamePattern): boolean {
  if (b.covers === 'any' || (a.covers === b.covers && a.name === b.name && a.text === b.text)) return true
  if (a.covers === 'any' || a.covers === 'glob' || b.covers === 'glob') return false
  const isBelow = a.name.endsWith(`.${b.name}`)
  const isSame = a.name === b.name
  switch (b.covers) {
    case 'exactly':
      return isSame && a.covers === 'exactly'
    case 'at-or-below':
      return isSame || isBelow
    case 'below':
      return isBelow || (isSame && (a.covers === 'below' || a.covers === 'one-label-below'))
    case 'one-label-below':
      return isSame
        ? a.covers === 'one-label-below'
        : isBelow && a.covers === 'exactly' && !a.name.slice(0, -b.name.length - 1).includes('.')
    default:
      return b.covers satisfies never
  }
}
