import type { Unknown } from '../../unknown.ts'
import type { Scope } from './scope.ts'
import type { Element, Expression } from './syntax.ts'

/** What stands on the right of a comparison: values, and what else may be among them. */
export interface Members {
  readonly elements: readonly Element[]
  /** Further values that nobody knows. */
  readonly unknowns: readonly Unknown[]
  readonly isSet: boolean
}

/** Elements of a set by name or in braces, or the one value; sets that are values of sets are laid open. */
export function membersOf(right: Expression, scope: Scope): Members {
  if (right.kind === 'set') {
    const unknowns: Unknown[] = []
    const elements = right.elements.flatMap((element): readonly Element[] => {
      if (element.key.kind !== 'set' && element.key.kind !== 'named') return [element]
      const inner = membersOf(element.key, scope)
      unknowns.push(...inner.unknowns)
      return inner.elements
    })
    return { elements, unknowns, isSet: true }
  }
  if (right.kind !== 'named') return { elements: [{ key: right }], unknowns: [], isSet: false }
  const set = scope.table.sets.get(right.name)
  if (set === undefined) {
    return {
      elements: [],
      unknowns: [{ kind: 'reference', what: `the set ${right.name}, which is not defined` }],
      isSet: true,
    }
  }
  const isFilled =
    set.timeout ||
    set.flags.some((flag) => flag === 'dynamic' || flag === 'timeout') ||
    scope.filled.has(right.name) ||
    // A script that declares a set and puts nothing in it leaves that to somebody.
    (scope.isScript && set.elements.length === 0)
  const unknowns: readonly Unknown[] = isFilled
    ? [{ kind: 'dynamic-set', what: `what the set ${right.name} has in it, which is filled while it runs` }]
    : []
  return { elements: set.elements, unknowns, isSet: true }
}

/** Why nobody knows whether an element is there. */
export function doubtsOf(element: Element): readonly Unknown[] {
  return [
    ...(element.expires === true ? [{ kind: 'time' as const, what: 'whether an element of a set has expired' }] : []),
    ...(element.limited === true ? [{ kind: 'limit' as const, what: 'a limit of an element' }] : []),
  ]
}
