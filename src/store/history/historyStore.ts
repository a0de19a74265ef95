import type { Alert, Incident } from '../../model/incident.ts'
import type { FlowReport } from '../../model/report.ts'
import type { Gap, Mark, Sample } from '../../model/sample.ts'
import type { Measure, Reading, Span } from '../../model/series.ts'

/** What is written in one transaction: all of it is kept, or nothing. */
export interface HistoryBatch {
  readonly samples?: readonly Sample[]
  readonly readings?: readonly Reading[]
  /** Whole reports of looks that failed, so that a later judgement can be made of them. */
  readonly failures?: readonly KeptFailure[]
  readonly marks?: readonly Mark[]
  readonly gaps?: readonly Gap[]
}

export interface KeptFailure {
  readonly key: string
  /** Milliseconds since 1970. */
  readonly at: number
  readonly report: FlowReport
  /** What the judgement knew besides: `context` of the report it stood in, without its time. */
  readonly context: Readonly<Record<string, unknown>>
}

/** What became of a measure in one step of a time line. */
export interface Quantiles {
  /** The begin of the step, milliseconds since 1970. */
  readonly at: number
  readonly count: number
  /** In the order of the quantiles that were asked for; within 1 % of the true values. */
  readonly values: readonly number[]
}

/** Looks of one step, counted. */
export interface Tally {
  readonly at: number
  readonly looks: number
  readonly notWell: number
}

/** An alert that an outlet has not taken yet. */
export interface Spooled {
  /** Grows from one to the next; no two of any outlets have the same. */
  readonly number: number
  readonly outlet: string
  readonly tries: number
  /** Not before then, milliseconds since 1970. */
  readonly dueAt: number
  /** The text that `take` of the spool was given, JSON. */
  readonly body: string
}

/**
 * What the watcher knows of the past, on the disk of its machine. One process writes; any may read. Every question throws
 * StoreError where the file is damaged.
 */
export interface HistoryStore {
  /**
   * Resolves when it would outlive this process (`kill -9`); a power cut may take the last moment.
   *
   * Times may be earlier than what was written before; two of the same flow and time are both kept. Parts of milliseconds
   * are cut off.
   *
   * @throws StoreError when the disk is full or the file is damaged: nothing of the batch is kept then
   * @throws RangeError for what is no time since 1970, or no finite number: nothing of the batch is kept then
   */
  write(batch: HistoryBatch): Promise<void>
  /**
   * The newest sample of each flow that was looked at within the days for which looks are kept. What was written while the
   * clock was ahead gives way to what is written when it is set back.
   */
  latest(): readonly Sample[]
  /** In order of time, those of one time in the order in which they were written; of more than `most` the newest. */
  samples(key: string, span: Span, most: number): readonly Sample[]
  /** As `samples`. */
  readings(subject: string, measure: Measure, span: Span, most: number): readonly Reading[]
  /**
   * From sketches, so that a year takes no longer than a day; steps without a reading are left out. Steps begin at
   * `span.from`. Where the readings themselves are not kept any more, an hour counts in the step in which it begins, and
   * after some months a day: begin `span` on a full hour (UTC) to have steps of hours as they are kept.
   */
  quantiles(
    subject: string,
    measure: Measure,
    span: Span,
    stepMs: number,
    asked: readonly number[],
  ): readonly Quantiles[]
  /** Steps as those of `quantiles`; those without a look are left out. */
  tallies(key: string, span: Span, stepMs: number): readonly Tally[]
  /** Oldest first. */
  failures(span: Span, key?: string): Iterable<KeptFailure>
  /** Oldest first. */
  marks(span: Span): readonly Mark[]
  /** Those of which some part is in the span, oldest first. */
  gaps(span: Span): readonly Gap[]

  /**
   * Keeps incidents as they are now, and hands alerts to the queues of outlets, in one transaction that is on the disk
   * (fsync) when it resolves: who was told of can be told again, and nobody twice.
   */
  keepIncidents(
    incidents: readonly Incident[],
    alerts: readonly { readonly outlet: string; readonly alert: Alert }[],
  ): Promise<void>
  incident(id: string): Incident | undefined
  /** Those of which some part is in the span, newest first. */
  incidents(span: Span, most: number): readonly Incident[]
  /** Those that are not closed. */
  openIncidents(): readonly Incident[]

  /** Puts a text into an outlet's queue, on the disk when it resolves. */
  spool(outlet: string, body: string, dueAt: number): Promise<void>
  /** Those whose time has come, in the order in which they were given; one that was postponed does not hold up the others. */
  due(outlet: string, now: number, most: number): readonly Spooled[]
  /** How many wait. */
  waiting(outlet: string): number
  sent(numbers: readonly number[]): Promise<void>
  /** Counts one try more. */
  postpone(number: number, dueAt: number): Promise<void>

  /** A word of state of some part, such as the phase of a schedule. */
  word(name: string): string | undefined
  keepWord(name: string, text: string): Promise<void>

  /**
   * Rolls sketches up, removes what is older than the settings say; in pieces, so that it never holds others up. Looks and
   * readings, oldest first, then failures go before their days where the database has more than it may. After a leap of
   * the clock nothing is removed for a day. Once the signal says so it ends with the piece at hand: what was done stands.
   *
   * @returns how many rows are gone, and the octets that the database has in use after it
   * @throws StoreError as `write`
   */
  tidy(now: number, signal: AbortSignal): Promise<{ readonly removed: number; readonly octets: number }>
  /**
   * A whole copy, as it is when this is called, while it is written to. The file is there whole or not at all.
   *
   * @param onProgress told now and then how many pages are copied, of how many
   * @throws StoreError where it cannot be written; the signal's reason
   */
  backUp(
    file: string,
    signal: AbortSignal,
    onProgress?: (progress: { readonly pages: number; readonly of: number }) => void,
  ): Promise<void>
  /** Writes what waits, and lets another watcher in. */
  close(): void
}
