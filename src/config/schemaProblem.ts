import type { z } from 'zod'

/** The first thing in which a value does not fit its schema. */
export interface SchemaProblem {
  readonly path: readonly PropertyKey[]
  /** What belongs there, in words that follow "must be". */
  readonly expected: string
  /** What is there; undefined when nothing is. */
  readonly found: unknown
}

/**
 * Turns what zod found into one problem in words.
 *
 * @param issues as `safeParse` gives them, one or more
 * @param value the value that was parsed
 * @param base the path that leads to that value
 */
export function problemOf(
  issues: readonly z.core.$ZodIssue[],
  value: unknown,
  base: readonly PropertyKey[],
): SchemaProblem {
  const [issue] = issues
  if (issue === undefined) return { path: base, expected: 'as documented', found: value }
  return { path: [...base, ...issue.path], expected: expectedBy(issue), found: valueAt(value, issue.path) }
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'text in double quotes',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
}

const mostChoices = 12

function expectedBy(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return typeWords[issue.expected] ?? issue.expected
    case 'invalid_value': {
      const choices = issue.values.slice(0, mostChoices).map((value) => JSON.stringify(value))
      const more = issue.values.length - choices.length
      return `${choices.length > 1 ? 'one of ' : ''}${choices.join(', ')}${more > 0 ? ` or ${more} more` : ''}`
    }
    case 'too_small':
      return `${issue.minimum} or more`
    case 'too_big':
      return `${issue.maximum} or less`
    case 'invalid_union': {
      if (issue.discriminator !== undefined) return 'one of the documented kinds'
      const words = issue.errors.flatMap(([first]) => (first === undefined ? [] : [expectedBy(first)]))
      return [...new Set(words)].join(' or ')
    }
    case 'custom':
      return issue.message
    default:
      return `other than it is (${issue.message})`
  }
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value
  for (const step of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined
    at = Reflect.get(at, step)
  }
  return at
}
