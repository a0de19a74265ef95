import type { CauseCode, Confidence, Owner } from '../model/cause.ts'
import type { ByKind } from './byKind.ts'
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
  /** What must have been seen for the rule to find anything; without it, it is not asked. Absent: it is always asked. */
  readonly needs?: Need
  match(seen: Seen): Match | undefined
}

/**
 * `failure`: the flow's own question ended without an answer; `service-answer`: it was answered in the service's own
 * protocol. Else an observation of that kind, whosever it is.
 */
export type Need = 'failure' | 'service-answer' | keyof ByKind

/** Whether there is anything that a rule could find something in: most rules speak of what most flows do not meet. */
export function isToBeAsked({ needs }: Rule, { stop, kinds, services, datagrams, exchanges }: Seen): boolean {
  if (needs === undefined) return true
  if (needs === 'service-answer') {
    return services.worked.length > 0 || datagrams.worked.some(isService) || exchanges.worked.some(isService)
  }
  return needs === 'failure' ? stop !== undefined : kinds[needs].length > 0
}

function isService({ answer }: { readonly answer?: unknown }): boolean {
  return answer !== undefined
}

/** A layer's table whose rows all need the same. */
export function needing(needs: Need, rules: readonly Rule[]): readonly Rule[] {
  return rules.map((rule) => ({ ...rule, needs }))
}

/** Ids of observations, each once, in the order given. */
export function idsOf(...groups: readonly (readonly { readonly id: string }[])[]): readonly string[] {
  const ids = new Set<string>()
  for (const group of groups) for (const { id } of group) ids.add(id)
  return [...ids]
}
