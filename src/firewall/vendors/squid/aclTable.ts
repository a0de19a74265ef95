import type { ConfigurationFile } from '../../source.ts'
import type { Statements } from '../../text/statements.ts'
import { lookUp } from '../lookUp.ts'
import { aclTypes, builtInAcls, valuesElsewhere } from './acl.ts'
import { alternativesOf } from './alternatives.ts'
import type { Condition } from './condition.ts'
import { not, testOf } from './condition.ts'
import type { Directive } from './logicalLines.ts'
import { logicalLines } from './logicalLines.ts'

/** Acls by name, as far as the lines before say them: squid reads its configuration once, from the top. */
export interface AclTable {
  define(directive: Directive): void
  /** What the acls of an access line ask together. */
  lineCondition(words: readonly string[]): Condition
  /** The step of `ssl_bump` that an acl asks for, where it is one of `at_step`. */
  stepsOf(word: string): readonly number[] | undefined
}

/** `any-of` and `all-of` name each other at most so often: deeper is a circle, or meant to be one. */
const deepest = 32
const flags = /^(-i|\+i|-n|-m(=.*)?|--)$/

/** @param others files of the same device, in which quoted values are looked up by the end of their path */
export function createAclTable(statements: Statements, others: readonly ConfigurationFile[]): AclTable {
  const known = new Map<string, Condition>()
  const types = new Map<string, string>()
  /** What names of several lines stand for, line by line. */
  const alternatives = new Map<string, Condition[]>()
  const steps = new Map<string, readonly number[]>()
  const depths = new WeakMap<Condition, number>()
  /** What names stand for in as few tests as it takes, until another line says more of them. */
  const drawn = new Map<string, Condition>()
  const drawnOf = (key: string, condition: Condition): Condition => {
    if (condition.kind !== 'or') return condition
    const made = drawn.get(key) ?? alternativesOf(condition.of)
    drawn.set(key, made)
    return made
  }

  const named = (word: string): Condition => {
    const isNegated = word.startsWith('!')
    const name = word.slice(isNegated ? 1 : 0)
    const key = name.toLowerCase()
    const own = known.get(key)
    const found = own === undefined ? lookUp(builtInAcls, key) : drawnOf(key, own)
    const condition = found ?? testOf({}, { kind: 'reference', what: `the acl ${name}, which no line before defines` })
    return isNegated ? not(condition) : condition
  }

  /** Values of an acl, with those of quoted files; the condition for each file that is not at hand. */
  const valuesOf = (type: string, name: string, words: readonly string[]) => {
    const values: string[] = []
    const elsewhere: Condition[] = []
    for (const word of words) {
      if (flags.test(word)) continue
      const path = /^"(.*)"$/.exec(word)?.[1]
      if (path === undefined) values.push(word)
      else {
        const base = path.split('/').at(-1) ?? path
        const file = others.find((one) => one.name === path || one.name.split(/[\\/]/).at(-1) === base)
        if (file === undefined) elsewhere.push(valuesElsewhere(type, name, path))
        else for (const line of logicalLines(file)) values.push(line.span.text.split(/\s+#/, 1)[0]?.trim() ?? '')
      }
    }
    return { values, elsewhere }
  }

  const conditionOf = (type: string, name: string, words: readonly string[]): Condition | string => {
    if (isGroup(type)) {
      const of = words.filter((word) => !flags.test(word)).map(named)
      if (depthOf({ kind: 'or', of }, depths) > deepest) return `acls are nested more than ${deepest} deep`
      return { kind: type === 'any-of' ? 'or' : 'and', of }
    }
    const make = Object.hasOwn(aclTypes, type) ? aclTypes[type] : undefined
    if (make === undefined) return `the acl type ${type} is not known`
    const { values, elsewhere } = valuesOf(type, name, words)
    if (values.length === 0 && elsewhere.length > 0) return { kind: 'or', of: elsewhere }
    const condition = make(values, name)
    if (condition === undefined) return `a value of the acl is none that ${type} has`
    return elsewhere.length === 0 ? condition : { kind: 'or', of: [condition, ...elsewhere] }
  }

  return {
    define({ words: [name, typeWord, ...words], span }) {
      const type = typeWord?.toLowerCase()
      if (name === undefined || type === undefined) {
        statements.unread(span, 'an acl needs a name and a type')
        return
      }
      const key = name.toLowerCase()
      if (type === 'at_step') {
        steps.set(key, words.flatMap((word) => /^sslbump([123])$/i.exec(word)?.[1] ?? []).map(Number))
        statements.understood()
        return
      }
      const before = types.get(key)
      const made =
        before !== undefined && before !== type
          ? `the acl ${name} is of type ${before} in a line before`
          : conditionOf(type, name, words)
      types.set(key, before ?? type)
      const condition = typeof made === 'string' ? testOf({}, { kind: 'unread', what: `${made} (${name})` }) : made
      drawn.delete(key)
      // A name that stands in several lines has the values of all: of thousands, none within another.
      const earlier = known.get(key)
      const all = alternatives.get(key)
      if (earlier === undefined) known.set(key, condition)
      else if (all !== undefined && !isGroup(type)) all.push(condition)
      else {
        // A group may name itself: what it named before stays as it was.
        const of = all === undefined ? [earlier, condition] : [...all, condition]
        alternatives.set(key, of)
        known.set(key, { kind: 'or', of })
      }
      if (typeof made === 'string') statements.unread(span, made)
      else statements.understood()
    },
    lineCondition: (words) => ({ kind: 'and', of: words.map(named) }),
    stepsOf: (word) => steps.get(word.replace(/^!/, '').toLowerCase()),
  }
}

function isGroup(type: string): boolean {
  return type === 'any-of' || type === 'all-of'
}

/** How deep a condition is, when it is known of those that it is made of. */
function depthOf(condition: Condition, known: WeakMap<Condition, number>): number {
  if (condition.kind === 'test') return 0
  const before = known.get(condition)
  if (before !== undefined) return before
  const depth = 1 + condition.of.reduce((most, part) => Math.max(most, depthOf(part, known)), 0)
  known.set(condition, depth)
  return depth
}
