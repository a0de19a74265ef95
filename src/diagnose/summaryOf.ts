import type { Flow } from '../model/flow.ts'
import type { CheckSummary, FlowReport } from '../model/report.ts'
import type { VerdictKind } from '../model/verdict.ts'

const proven: ReadonlySet<VerdictKind> = new Set(['open', 'degraded'])

/**
 * Counts verdicts. Flows that must be closed are counted apart: `closed` when they are, `forbiddenOpen` when not.
 *
 * @param elsewhere how many flows of the plan other machines open
 */
export function summaryOf(
  flows: readonly Pick<FlowReport, 'verdict' | 'expect' | 'necessity'>[],
  elsewhere: number,
): CheckSummary {
  const count = (kind: VerdictKind, ...expected: readonly Flow['expect'][]): number =>
    flows.filter(({ verdict, expect }) => verdict === kind && expected.includes(expect)).length
  return {
    open: count('open', 'open'),
    blocked: count('blocked', 'open'),
    degraded: count('degraded', 'open'),
    wrong: count('wrong', 'open'),
    unknown: count('unknown', 'open', 'closed'),
    notRun: count('not-run', 'open', 'closed'),
    notRequired: count('not-required', 'open', 'closed'),
    closed: count('blocked', 'closed'),
    forbiddenOpen: count('open', 'closed'),
    elsewhere,
    requiredNotProven: flows.filter(
      ({ necessity, expect, verdict }) => necessity === 'required' && expect === 'open' && !proven.has(verdict),
    ).length,
  }
}
