import type { Passage } from '../judged.ts'
import type { NotPermitted, Permit } from '../permit.ts'
import type { Platform, RuleToWrite } from './rulesToWrite.ts'
import { rulesToWrite } from './rulesToWrite.ts'
import { uncontested } from './uncontested.ts'

/** A rule of a list of which the first that fits decides. */
export interface OrderedRule extends RuleToWrite {
  readonly denies: boolean
}

export interface OrderedRules {
  /** Denials first: whatever is allowed, they hold. */
  readonly rules: readonly OrderedRule[]
  readonly notSaid: readonly NotPermitted[]
}

/**
 * Permits and denials as one list. A denial that would take something from a permit, or that cannot be said, is left out:
 * what no rule allows is closed without it, and the proof tells what is not.
 */
export function orderedRules(
  permits: readonly Permit[],
  denials: readonly Permit[],
  passage: Passage,
  platform: Platform,
): OrderedRules {
  const allowed = rulesToWrite(permits, passage, platform)
  const closed = uncontested(rulesToWrite(denials, passage, platform).rules, allowed.rules)
  return {
    rules: [
      ...closed.denials.map((rule): OrderedRule => ({ ...rule, denies: true })),
      ...allowed.rules.map((rule): OrderedRule => ({ ...rule, denies: false })),
    ],
    notSaid: allowed.notSaid,
  }
}
