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
  /** Of this outlet's queue; grows. */
  readonly number: number
  readonly outlet: string
  readonly tries: number
  /** Not before then, milliseconds since 1970. */
  readonly dueAt: number
  /** The text that `take` of the spool was given, JSON. */
  readonly body: string
}

/** What the watcher knows of the past, on the disk of its machine. One process writes; any may read. */
export interface HistoryStore {
  /**
   * Resolves when it would outlive this process (`kill -9`); a power cut may take the last moment.
   *
   * @throws StoreError when the disk is full or the file is damaged: nothing of the batch is kept then
   */
  write(batch: HistoryBatch): Promise<void>
  /** The newest sample of each flow. */
  latest(): readonly Sample[]
  samples(key: string, span: Span, most: number): readonly Sample[]
  readings(subject: string, measure: Measure, span: Span, most: number): readonly Reading[]
  /** From sketches, so that a year takes no longer than a day; steps without a reading are left out. */
  quantiles(
    subject: string,
    measure: Measure,
    span: Span,
    stepMs: number,
    asked: readonly number[],
  ): readonly Quantiles[]
  tallies(key: string, span: Span, stepMs: number): readonly Tally[]
  /** Oldest first. */
  failures(span: Span, key?: string): Iterable<KeptFailure>
  marks(span: Span): readonly Mark[]
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
  /** Newest first. */
  incidents(span: Span, most: number): readonly Incident[]
  /** Those that are not closed. */
  openIncidents(): readonly Incident[]

  /** Puts a text into an outlet's queue, on the disk when it resolves. */
  spool(outlet: string, body: string, dueAt: number): Promise<void>
  due(outlet: string, now: number, most: number): readonly Spooled[]
  /** How many wait. */
  waiting(outlet: string): number
  sent(numbers: readonly number[]): Promise<void>
  postpone(number: number, dueAt: number): Promise<void>

  /** A word of state of some part, such as the phase of a schedule. */
  word(name: string): string | undefined
  keepWord(name: string, text: string): Promise<void>

  /** Rolls sketches up, removes what is older than the settings say; in pieces, so that it never holds others up. */
  tidy(now: number, signal: AbortSignal): Promise<{ readonly removed: number; readonly octets: number }>
  /** A whole copy, while it is written to. */
  backUp(file: string, signal: AbortSignal): Promise<void>
  close(): void
}
