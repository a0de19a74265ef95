import { duration } from '../diagnose/wording.ts'
import type { Observation, ToolLimit, Unfiled } from '../model/observation.ts'
import type { Ledger } from './ledger.ts'

/** What a check says of itself: why something was not asked, or not to its end. */
export interface Sayings {
  /** One limit, filed. */
  limited(limit: ToolLimit['limit'], detail: string): readonly Observation[]
  /** Why there is nothing, when the check ended before anything was seen; nothing otherwise. */
  endedBefore(observations: readonly Observation[]): readonly Observation[]
  /** That the check ended before the question was put, not filed yet. */
  stopped(): Unfiled
  /** That the time for one question was over, not filed yet. */
  budgetSpent(): Unfiled
  /** What its author did not foresee, not filed yet. */
  fault(what: string, error: unknown): Unfiled
}

interface Told {
  readonly ledger: Ledger
  now(): number
  /** Aborted when the check is to end, whatever for. */
  readonly ended: AbortSignal
  /** Aborted when a person, or the program, stopped it. */
  readonly stoppedBy: AbortSignal
  readonly questionBudgetMs: number
}

export function createSayings({ ledger, now, ended, stoppedBy, questionBudgetMs }: Told): Sayings {
  const toolLimit = (limit: ToolLimit['limit'], detail: string): Unfiled => ({
    kind: 'tool-limit',
    at: new Date(now()).toISOString(),
    ms: 0,
    limit,
    detail,
  })
  const filed = (seen: Unfiled): readonly Observation[] => {
    const limits: Observation[] = []
    ledger.page(limits, 'probe')(seen)
    return limits
  }
  const stopped = (): Unfiled =>
    stoppedBy.aborted
      ? toolLimit('aborted', 'the check was stopped before this was asked')
      : toolLimit('budget', 'the time for the whole check was over before this was asked')
  return {
    limited: (limit, detail) => filed(toolLimit(limit, detail)),
    endedBefore: (observations) => (observations.length > 0 || !ended.aborted ? [] : filed(stopped())),
    stopped,
    budgetSpent: () =>
      toolLimit('question-budget', `the time for one question (${duration(questionBudgetMs)}) was over`),
    fault: (what, error) =>
      toolLimit('fault', `the ${what} of Postern failed: ${error instanceof Error ? error.message : String(error)}`),
  }
}
