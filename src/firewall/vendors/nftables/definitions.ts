import { isExpression } from './parseRule.ts'
import type { Expression } from './syntax.ts'

/** What a script has defined: `define NAME = value`. */
export interface Definitions {
  get(name: string): Expression | undefined
  /** @returns false where the value is not kept, because written out it would be too long or too deep */
  set(name: string, value: Expression): boolean
  delete(name: string): void
}

/** Values that one definition stands for, when those that it uses are written out. */
const mostValues = 1_000_000
/** Definitions within each other. */
const deepest = 64

interface Size {
  readonly values: number
  readonly depth: number
}

export function noDefinitions(): Definitions {
  const known = new Map<string, Expression>()
  /** A value stands in each that uses it, and is counted once. */
  const sizes = new WeakMap<Expression, Size>()
  const sizeOf = (expression: Expression): Size => {
    const before = sizes.get(expression)
    if (before !== undefined) return before
    let values = 1
    let depth = 0
    for (const part of partsOf(expression)) {
      const size = sizeOf(part)
      values += size.values
      depth = Math.max(depth, size.depth + 1)
    }
    const size = { values, depth }
    sizes.set(expression, size)
    return size
  }
  return {
    get: (name) => known.get(name),
    set(name, value) {
      const { values, depth } = sizeOf(value)
      const isKept = values <= mostValues && depth <= deepest
      known.set(name, isKept ? value : { kind: 'unread', text: `$${name}` })
      return isKept
    },
    delete(name) {
      known.delete(name)
    },
  }
}

function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'range':
      return [expression.first, expression.last]
    case 'prefix':
      return [expression.address]
    case 'list':
      return expression.items
    case 'concat':
      return expression.parts
    case 'bits':
      return [expression.left, expression.right]
    case 'map':
      return [expression.key, expression.data]
    case 'set':
      return expression.elements.flatMap(({ key, data }) =>
        data !== undefined && isExpression(data) ? [key, data] : [key],
      )
    default:
      return []
  }
}
