import { isStrayPage } from '../diagnose/index.ts'
import type { CauseCode } from '../model/cause.ts'
import type { Flow } from '../model/flow.ts'
import type { Observation } from '../model/observation.ts'
import type { Verdict } from '../model/verdict.ts'

/**
 * What a verdict is still to be held against: nothing, what other flows have shown already, or questions of its own as
 * well.
 */
export type Comparison = 'none' | 'context' | 'controls'

/**
 * Questions are for failures of what ought to be open, never after success. What must be closed, and a page that may not
 * be the name's own, are held against what is known anyway.
 */
export function comparisonFor(
  { expect }: Pick<Flow, 'expect'>,
  { verdict, cause }: Pick<Verdict, 'verdict' | 'cause'>,
  observations: readonly Observation[],
): Comparison {
  const failed = verdict === 'blocked' || verdict === 'wrong' || verdict === 'unknown'
  if (expect === 'closed') return failed ? 'context' : 'none'
  // What a host says of itself is held against what it says elsewhere, and needs no question of its own: of two clocks
  // that differ a third tells which is wrong, and the domain of one port is that of the others.
  if (cause !== undefined && saidByHost.has(cause) && observations.some(speaksForHost)) return 'context'
  if (failed) return 'controls'
  return observations.some((seen) => seen.kind === 'http-exchange' && isStrayPage(seen)) ? 'context' : 'none'
}

const saidByHost: ReadonlySet<CauseCode> = new Set([
  'clock-skew',
  'wrong-domain',
  'stale-record',
  'dc-not-ready',
  'wrong-site',
])

function speaksForHost(seen: Observation): boolean {
  if (seen.kind === 'udp-exchange') return seen.answer !== undefined || seen.time !== undefined
  return seen.kind === 'service-exchange' && seen.answer !== undefined
}
