export const severities = ['critical', 'high', 'medium', 'low', 'info'] as const
export type Severity = (typeof severities)[number]

/** Something that wants a person's attention: what, where, why and what next. */
export interface Finding {
  readonly code: string
  readonly severity: Severity
  readonly what: string
  readonly where: { readonly file?: string; readonly line?: number; readonly flow?: string; readonly target?: string }
  readonly why: string
  readonly next: string
  /** Ids of the flows concerned. */
  readonly flows: readonly string[]
}

/** What a code of a finding means and what to do, whatever the case: what `explain` tells of it. */
export interface FindingRow {
  /** The gravest that it is told with as a rule. */
  readonly severity: Severity
  readonly meaning: string
  readonly why: string
  readonly fix: string
}
