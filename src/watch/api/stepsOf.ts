import type { Span } from '../../model/series.ts'
import type { Problem } from './problem.ts'
import { spanOf, spanRows } from './spanOf.ts'

/** The rows of a time line in steps. */
export const stepRows = {
  ...spanRows,
  step: {
    kind: 'step',
    usual: '5m',
    what: 'The length of a step. Looks are kept for days; beyond, hours and then days are what a step can be told from.',
  },
} as const

/** Steps of one answer. */
const mostSteps = 5000

/** The span and the step that are asked for: never more steps than an answer has room for. */
export function stepsOf(
  query: { readonly from: number | undefined; readonly to: number | undefined; readonly step: number },
  now: number,
): { readonly ok: { readonly span: Span; readonly stepMs: number } } | Problem {
  const span = spanOf(query, now)
  if ('problem' in span) return span
  const { step: stepMs } = query
  const steps = Math.ceil((span.ok.to - span.ok.from) / stepMs)
  if (steps <= mostSteps) return { ok: { span: span.ok, stepMs } }
  const least = Math.ceil((span.ok.to - span.ok.from) / mostSteps / 60_000)
  return {
    problem: 'bad-parameter',
    parameter: 'step',
    detail: `the span has ${steps} steps, and an answer has at most ${mostSteps}`,
    remedy: `ask for steps of ${least}m or more, or for a shorter span`,
  }
}
