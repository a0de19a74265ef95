import type { CauseCode, Confidence, Owner } from '../model/cause.ts'
import type { ByKind } from './byKind.ts'
import { coversNamedPorts } from './endpointPorts.ts'
import type { Seen } from './seen.ts'

/** What a rule found: everything that a verdict says beyond what its cause settles. */
export interface Match {
  readonly confidence: Confidence
  readonly says: string
  readonly fix?: string
  /** Causes that the evidence does not exclude; the rule's own cause is never among them. */
  readonly alternatives: readonly CauseCode[]
  /** The command that traces the path: it comes before `nextProbe`, unless it was done. */
  readonly trace?: string
  readonly nextProbe?: string
  /** Ids of the observations that decided, in the order in which they were made. */
  readonly decidedBy: readonly string[]
  /** Only where the flow is proven all the same, and the cause that blocks others takes something from it alone. */
  readonly verdict?: 'degraded'
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
 * `failure`: the flow's own question ended without an answer; `wavering`: it did so at times; `service-answer`: it was
 * answered in the service's own protocol; `host-answer`: that, or another flow was; `dynamic-range`: the verdict covers
 * the ports that the endpoint mapper hands out. Else an observation of that kind, whosever it is.
 */
export type Need = 'failure' | 'wavering' | 'service-answer' | 'host-answer' | 'dynamic-range' | keyof ByKind

/** Rules that follow each other and need the same: whether it is there is looked up once for all of them. */
interface Stretch {
  readonly needs?: Need | undefined
  readonly rules: readonly Rule[]
}

/** Where a flow's own question was answered to its end, what shows besides takes something from it, and does not block it. */
export function lessened({ stop, unfinished }: Seen): Pick<Match, 'verdict'> {
  return stop === undefined && unfinished === undefined ? { verdict: 'degraded' } : {}
}

/** Cuts a list of rules where the next one needs something else; their order stays. */
export function stretchesOf(rules: readonly Rule[]): readonly Stretch[] {
  const cuts = rules.flatMap(({ needs }, at) => (at === 0 || needs !== rules[at - 1]?.needs ? [at] : []))
  return cuts.map((from, at) => ({ needs: rules[from]?.needs, rules: rules.slice(from, cuts[at + 1]) }))
}

/** The first of the rules that finds something, with what it found. Rules that nothing was seen for are not asked. */
export function firstMatch(
  stretches: readonly Stretch[],
  seen: Seen,
): { readonly rule: Rule; readonly match: Match } | undefined {
  for (const stretch of stretches) {
    if (!isToBeAsked(stretch, seen)) continue
    for (const rule of stretch.rules) {
      const match = rule.match(seen)
      if (match !== undefined) return { rule, match }
    }
  }
  return undefined
}

/** Whether there is anything that a rule could find something in: most rules speak of what most flows do not meet. */
export function isToBeAsked({ needs }: Pick<Stretch, 'needs'>, seen: Seen): boolean {
  const { kinds } = seen
  switch (needs) {
    case undefined:
      return true
    case 'failure':
      return seen.stop !== undefined
    case 'wavering':
      return seen.wavering !== undefined
    case 'service-answer':
      return (
        seen.services.worked.length > 0 ||
        seen.datagrams.worked.some(isService) ||
        seen.exchanges.worked.some(isService)
      )
    case 'host-answer':
      return kinds['service-exchange'].length + kinds['udp-exchange'].length > 0
    case 'dynamic-range':
      return coversNamedPorts(seen.flow)
    default:
      return kinds[needs].length > 0
  }
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
