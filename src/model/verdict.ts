import type { CauseCode, Confidence, Owner } from './cause.ts'

export const verdictKinds = ['open', 'blocked', 'degraded', 'wrong', 'unknown', 'not-run', 'not-required'] as const
export type VerdictKind = (typeof verdictKinds)[number]

/** What was found out about one flow, and what to do about it. */
export interface Verdict {
  readonly verdict: VerdictKind
  /** Absent when the flow is open, was not run, or is not required. */
  readonly cause?: CauseCode
  readonly confidence: Confidence
  /** One sentence: what is so, and by which comparison it is known. */
  readonly says: string
  readonly owner?: Owner
  /** What would mend it: the concrete rule, record or setting. */
  readonly fix?: string
  /** Causes that the evidence does not exclude. */
  readonly alternatives: readonly CauseCode[]
  /** What to run to exclude them. */
  readonly nextProbe?: string
  /** Ids of the observations that decided. */
  readonly decidedBy: readonly string[]
  /** Facts that the answers gave away: names, versions, clocks; keys in camelCase. */
  readonly learnt: Readonly<Record<string, string | number | boolean | readonly string[]>>
}
