import type { Necessity } from '../../model/flow.ts'
import type { FlowReport } from '../../model/report.ts'
import type { VerdictKind } from '../../model/verdict.ts'

/**
 * A verdict as the reader meets it. A flow that must be closed turns the sense round: `closed` is one that is, as it
 * must be; `forbidden` is one that is open all the same.
 */
export type Look = VerdictKind | 'closed' | 'forbidden'

/** What a look means for the reader: something to mend, something not settled, or nothing to do. */
export type Standing = 'failed' | 'doubtful' | 'well' | 'not-run' | 'not-required'

/** Looks in the order in which they are told: the worst first. */
export const looks: Readonly<
  Record<Look, { readonly label: string; readonly standing: Standing; readonly means: string }>
> = {
  forbidden: { label: 'forbidden', standing: 'failed', means: 'open, and must be closed' },
  wrong: { label: 'wrong', standing: 'failed', means: 'something else answered' },
  blocked: { label: 'blocked', standing: 'failed', means: 'does not get through' },
  degraded: { label: 'degraded', standing: 'doubtful', means: 'works, and will hurt' },
  unknown: { label: 'unknown', standing: 'doubtful', means: 'asked, and not to be told from here' },
  open: { label: 'open', standing: 'well', means: 'proven' },
  closed: { label: 'closed', standing: 'well', means: 'closed, as it must be' },
  'not-run': { label: 'not run', standing: 'not-run', means: 'not asked' },
  'not-required': { label: 'not required', standing: 'not-required', means: 'nothing needs it here' },
}

export const lookOrder = Object.keys(looks) as readonly Look[]

export function lookOf({ verdict, expect }: Pick<FlowReport, 'verdict' | 'expect'>): Look {
  if (expect === 'open') return verdict
  switch (verdict) {
    case 'blocked':
      return 'closed'
    case 'open':
    case 'degraded':
      return 'forbidden'
    case 'wrong':
    case 'unknown':
    case 'not-run':
    case 'not-required':
      return verdict
    default:
      return verdict satisfies never
  }
}

export function standingOf(flow: Pick<FlowReport, 'verdict' | 'expect'>): Standing {
  return looks[lookOf(flow)].standing
}

/** Needs in the order in which a failure of theirs is told. */
export const needOrder: Readonly<Record<Necessity, number>> = {
  required: 0,
  'not-required': 0,
  conditional: 1,
  recommended: 2,
  optional: 3,
  legacy: 4,
  'local-only': 5,
}

/**
 * The worst first: required flows before others, then by look, then alike causes side by side. Flows that are equal in
 * all of these keep their order.
 */
export function worstFirst(flows: readonly FlowReport[]): readonly FlowReport[] {
  return flows.toSorted(
    (one, other) =>
      needOrder[one.necessity] - needOrder[other.necessity] ||
      lookOrder.indexOf(lookOf(one)) - lookOrder.indexOf(lookOf(other)) ||
      compareText(one.cause ?? '', other.cause ?? ''),
  )
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
