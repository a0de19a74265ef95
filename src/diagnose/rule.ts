import type { CauseCode, Confidence, Owner } from '../model/cause.ts'
import type { Seen } from './seen.ts'

/** What a rule found: everything that a verdict says beyond what its cause settles. */
export interface Match {
  readonly confidence: Confidence
  readonly says: string
  readonly fix?: string
  /** Causes that the evidence does not exclude; the rule's own cause is never among them. */
  readonly alternatives: readonly CauseCode[]
  readonly nextProbe?: string
  /** Ids of the observations that decided, in the order in which they were made. */
  readonly decidedBy: readonly string[]
  /** Only where the evidence names another owner than the cause usually has. */
  readonly owner?: Owner
}

/** One row of a layer's table: a cause, and the observations that together name it. */
export interface Rule {
  readonly cause: CauseCode
  match(seen: Seen): Match | undefined
}

/** Ids of observations, each once, in the order given. */
export function idsOf(...groups: readonly (readonly { readonly id: string }[])[]): readonly string[] {
  return [...new Set(groups.flat().map(({ id }) => id))]
}
