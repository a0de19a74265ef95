import type { CauseCode, Confidence } from './cause.ts'
import type { VerdictKind } from './verdict.ts'

/**
 * How paper and wire stand to each other for one flow. `unknown-device`: allowed on paper, kept back on the wire.
 * `configuration-differs`: denied on paper, and it passes. `settled-open` and `settled-closed`: the paper leaves it open,
 * the wire shows it. `not-told`: the wire says nothing of what the configurations speak of.
 */
export const agreements = [
  'agrees',
  'unknown-device',
  'configuration-differs',
  'settled-open',
  'settled-closed',
  'not-told',
] as const
export type Agreement = (typeof agreements)[number]

/** What a check saw of a flow of an audit. */
export interface FlowOnWire {
  readonly agreement: Agreement
  readonly verdict: VerdictKind
  readonly cause?: CauseCode
  readonly confidence: Confidence
  /** In the words of the check. */
  readonly says: string
  /** The address that was dialled, canonical RFC 5952 text. */
  readonly address?: string
}

/** The check that an audit was held against, and how the two stand to each other. */
export interface AuditOnWire {
  /** The report, as the command line has it. */
  readonly file: string
  readonly site: string
  /** The host of the check: of flows that others open the wire says nothing. */
  readonly from: string
  /** When the check began, ISO 8601 UTC. */
  readonly startedAt: string
  /** Days from then to the audit, rounded down; negative where its clock is ahead. */
  readonly ageDays: number
  /** Older than a week: what it saw may be long past. */
  readonly isOld: boolean
  /** Flows that both have; the following are together as many. */
  readonly both: number
  readonly agree: number
  readonly unknownDevice: number
  readonly configurationDiffers: number
  readonly settled: number
  readonly notTold: number
  /** Of those that are settled, required flows that are open on the wire. */
  readonly settledRequired: number
  /** Flows of the audit that the check does not have, and of the check that were not judged. */
  readonly onlyOnPaper: number
  readonly onlyOnWire: number
}
