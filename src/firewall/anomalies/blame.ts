import type { Rule } from '../ruleset.ts'

/** A rule at its place. */
export interface RuleAt {
  readonly stage: string
  readonly chain: string
  /** Counted from 0. */
  readonly index: number
  readonly rule: Rule
}

/** Rules that are to blame, the largest first, five at most, and how many there are besides. */
export interface Blame {
  readonly rules: readonly RuleAt[]
  readonly more: number
}

const mostBlamed = 5

/** @param always one that is named whatever its size */
export function blameOf(rules: readonly RuleAt[], always?: RuleAt): Blame {
  const all = always === undefined || rules.includes(always) ? rules : [...rules, always]
  const named = all.slice(0, mostBlamed)
  if (always !== undefined && !named.includes(always)) named[mostBlamed - 1] = always
  return { rules: named, more: all.length - named.length }
}
