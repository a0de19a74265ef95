import type { Span } from '../../model/series.ts'
import { isoOf } from './isoTime.ts'
import type { Problem } from './problem.ts'

/** The rows of a span, which most resources of the past have. */
export const spanRows = {
  from: { kind: 'time', what: 'The begin of the span; absent: a day before its end.' },
  to: { kind: 'time', what: 'The end of the span, which is not part of it; absent: now.' },
} as const

const dayMs = 86_400_000

/** The span that is asked for. */
export function spanOf(
  { from, to }: { readonly from: number | undefined; readonly to: number | undefined },
  now: number,
  usualMs = dayMs,
): { readonly ok: Span } | Problem {
  // What was seen in this millisecond is part of what is known now.
  const end = to ?? now + 1
  const begin = from ?? Math.max(0, end - usualMs)
  if (begin < end) return { ok: { from: begin, to: end } }
  return {
    problem: 'bad-parameter',
    parameter: from === undefined ? 'to' : 'from',
    detail: `the span begins at ${isoOf(begin)} and ends at ${isoOf(end)}`,
    remedy: 'let from be before to',
  }
}
