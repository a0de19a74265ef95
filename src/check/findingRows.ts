import type { Severity } from '../model/finding.ts'

/** A finding that is no cause: what it means and what to do. Findings that carry a cause's code are told by the cause. */
export interface FindingRow {
  readonly severity: Severity
  readonly meaning: string
  readonly why: string
  readonly fix: string
}

/** Findings of a check besides the causes; the key is the code. */
export const findingRows: Readonly<Record<'forbidden-flow-open', FindingRow>> = Object.freeze({
  'forbidden-flow-open': {
    severity: 'high',
    meaning: 'A flow that must be closed is open: a negative row of the catalog, or one that the site file forbids.',
    why: 'Nothing needs the opening, so whatever passes there is unwanted; 8443 towards Entra ID is the usual one.',
    fix: 'Remove the rule that opens it, then run the check again.',
  },
})

export type FindingCode = keyof typeof findingRows
