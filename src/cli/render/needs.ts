import type { Flow, Necessity } from '../../model/flow.ts'
import type { inks } from './checkStyle.ts'

/** How much a planned flow is needed, as the reader meets it: a flow that must be closed is not needed at all. */
export type Need = Necessity | 'closed'

/** Needs in the order in which they are told. */
export const needs: Readonly<
  Record<Need, { readonly label: string; readonly means: string; readonly ink: keyof typeof inks }>
> = {
  required: { label: 'required', means: 'open it', ink: 'link' },
  conditional: {
    label: 'not settled',
    means: 'needed if a fact holds that the site file does not tell',
    ink: 'doubtful',
  },
  recommended: { label: 'recommended', means: 'better open', ink: 'link' },
  optional: { label: 'optional', means: 'needed by what the site may do without', ink: 'quiet' },
  legacy: { label: 'legacy', means: 'for old versions only', ink: 'quiet' },
  'local-only': { label: 'on the host', means: 'open no rule', ink: 'quiet' },
  'not-required': { label: 'not required', means: 'nothing needs it here', ink: 'quiet' },
  closed: { label: 'must stay closed', means: 'no rule may open it', ink: 'failed' },
}

export const needOrder = Object.keys(needs) as readonly Need[]

export function needOf({ expect, necessity }: Pick<Flow, 'expect' | 'necessity'>): Need {
  return expect === 'closed' ? 'closed' : necessity
}
