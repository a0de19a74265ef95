import type { CauseCode, Confidence } from './cause.ts'
import type { VerdictKind } from './verdict.ts'

/** What a judgement said of a look. */
export interface ToldVerdict {
  readonly verdict: VerdictKind
  readonly cause?: CauseCode
  readonly confidence: Confidence
  readonly says: string
}

/** A look that failed, and of which today's rules say something else. */
export interface RejudgedLook {
  /** {@link import('./flow.ts').flowKey} of the flow as it was planned. */
  readonly key: string
  /** `t1-ldaps connect01 -> dc01:636/tcp`. */
  readonly title: string
  /** ISO 8601 UTC. */
  readonly at: string
  readonly before: ToldVerdict
  readonly after: ToldVerdict
}

/** The documented answer of `postern watch --rejudge`. */
export interface RejudgeReport {
  readonly postern: string
  readonly kind: 'rejudge'
  readonly site: string
  /** ISO 8601 UTC. */
  readonly since: string
  /** Looks that were judged again, and of how many another verdict or cause is told. */
  readonly summary: { readonly looks: number; readonly changed: number }
  /** The oldest first, at most 10,000. */
  readonly changes: readonly RejudgedLook[]
}
