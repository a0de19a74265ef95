import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Alert, Incident } from '../../model/incident.ts'
import type { Gap, Mark, Sample } from '../../model/sample.ts'
import type { Measure, Reading, Span } from '../../model/series.ts'
import type { StoreFault } from '../sessions/storeFault.ts'
import type { BackUpProgress } from './backUp.ts'
import { backUp } from './backUp.ts'
import { Bounds } from './bounds.ts'
import { FailureTable } from './failureTable.ts'
import { GroupCommit } from './groupCommit.ts'
import type { HistoryBatch, HistoryStore, KeptFailure, Quantiles, Spooled, Tally } from './historyStore.ts'
import { IncidentTable } from './incidentTable.ts'
import { Interned } from './interned.ts'
import { MomentTable } from './momentTable.ts'
import { NewestLooks } from './newestLooks.ts'
import { Packer } from './packer.ts'
import type { PackingTables } from './packing.ts'
import type { Look, Piece } from './piece.ts'
import { hourMs } from './places.ts'
import { prepareBatch } from './preparedBatch.ts'
import { RowTable } from './rowTable.ts'
import { samplesOf } from './sampleCodec.ts'
import { SeriesTable } from './seriesTable.ts'
import { SpoolTable } from './spoolTable.ts'
import { StoreError, storeErrorOf } from './storeError.ts'
import { encodeJournal, Tail } from './tail.ts'
import type { HistorySettings } from './tidying.ts'
import { Tidying } from './tidying.ts'
import { TimeLines } from './timeLines.ts'
import { WordTable } from './wordTable.ts'

export interface HistoryParts {
  readonly database: DatabaseSync
  readonly file: string
  readonly settings: HistorySettings
  readonly isReader: boolean
  readonly now: () => number
  readonly groupMs: number
  readonly onFault: (fault: StoreFault) => void
  /** Gives the lock of the writer back. */
  readonly release: () => void
}

/** The history in one database of SQLite: see 0028 of the decisions for what lies where. */
export class SqliteHistory implements HistoryStore {
  readonly #parts: HistoryParts
  readonly #series: Interned
  readonly #names: Interned
  readonly #tables: PackingTables
  readonly #tail: Tail
  readonly #newest: NewestLooks
  /** Newest looks as they were told: most of them are asked for more than once. */
  readonly #told = new WeakMap<Look, readonly Sample[]>()
  readonly #lines: TimeLines
  readonly #failures: FailureTable
  readonly #moments: MomentTable
  readonly #incidents: IncidentTable
  readonly #spool: SpoolTable
  readonly #words: WordTable
  readonly #commit: GroupCommit
  readonly #packer: Packer
  readonly #tidying: Tidying
  readonly #insert: StatementSync
  readonly #firstRow: StatementSync
  #packedHour = 0
  readonly #closing = new AbortController()

  constructor(parts: HistoryParts) {
    const { database, file, now, groupMs, settings } = parts
    this.#parts = parts
    this.#series = new Interned(database, 'series')
    this.#names = new Interned(database, 'name')
    const [raw, hour, day] = (['raw', 'hour', 'day'] as const).map((name) => new RowTable(database, name))
    if (raw === undefined || hour === undefined || day === undefined) throw new TypeError('three tables')
    this.#tables = { series: new SeriesTable(database), bounds: new Bounds(database), raw, hour, day }
    this.#tail = new Tail(database)
    this.#newest = new NewestLooks(this.#tables.series, now)
    this.#lines = new TimeLines(this.#tables, this.#tail)
    this.#failures = new FailureTable(database, this.#series)
    this.#moments = new MomentTable(database)
    this.#incidents = new IncidentTable(database)
    this.#spool = new SpoolTable(database)
    this.#words = new WordTable(database)
    this.#insert = database.prepare('INSERT INTO journal (octets) VALUES (?)')
    this.#firstRow = database.prepare('SELECT min(number) AS first FROM journal')
    this.#commit = new GroupCommit(database, {
      groupMs,
      // Incidents and their alerts have room beyond the bound, as has what makes room.
      mostOctets: 2 * settings.mostMib * 1_048_576,
      first: () => {
        this.#series.write()
        this.#names.write()
      },
      committed: () => {
        this.#series.written()
        this.#names.written()
      },
      errorOf: (error) => storeErrorOf(error, file),
    })
    this.#packer = new Packer({
      ...{ database, commit: this.#commit, tables: this.#tables, tail: this.#tail, newest: this.#newest },
      closing: this.#closing.signal,
      failed: (error) => {
        const told = storeErrorOf(error, file)
        if (!(told instanceof StoreError)) throw told
        parts.onFault(told.fault)
      },
    })
    this.#tidying = new Tidying({
      ...{ database, commit: this.#commit, tables: this.#tables, settings },
      ...{ failures: this.#failures, moments: this.#moments, incidents: this.#incidents },
      forgetNewest: (before) => this.#newest.forget(before),
    })
    this.#tail.follow()
    this.#newest.load(this.#tail)
  }

  async write(batch: HistoryBatch): Promise<void> {
    this.#mustWrite()
    const { marks = [], gaps = [] } = batch
    const { pieces, failures } = prepareBatch(batch, this.#series, this.#names)
    await this.#commit.add('bounded', () => {
      for (const failure of failures) this.#failures.add(failure)
      for (const mark of marks) this.#moments.addMark(mark)
      for (const gap of gaps) this.#moments.addGap(gap)
      return pieces.size === 0 ? undefined : this.#journal(pieces)
    })
  }

  latest(): readonly Sample[] {
    return this.#asked(() => {
      if (this.#parts.isReader) this.#newest.load(this.#tail)
      return this.#newest.all().flatMap(([series, look]) => {
        const told = this.#told.get(look)
        if (told !== undefined) return told
        const key = this.#series.textOf(series)
        const samples = key === undefined ? [] : samplesOf(key, [look], this.#names)
        this.#told.set(look, samples)
        return samples
      })
    })
  }

  samples(key: string, span: Span, most: number): readonly Sample[] {
    return this.#asked(() => {
      const series = this.#series.known(key)
      return series === undefined ? [] : samplesOf(key, this.#lines.looks(series, span, most), this.#names)
    })
  }

  readings(subject: string, measure: Measure, span: Span, most: number): readonly Reading[] {
    return this.#asked(() => {
      const [series, number] = [this.#series.known(subject), this.#names.known(measure)]
      if (series === undefined || number === undefined) return []
      return this.#lines.readings(series, number, span, most).map((each) => ({ subject, measure, ...each }))
    })
  }

  quantiles(
    subject: string,
    measure: Measure,
    span: Span,
    stepMs: number,
    asked: readonly number[],
  ): readonly Quantiles[] {
    checkStep(stepMs)
    return this.#asked(() => {
      const [series, number] = [this.#series.known(subject), this.#names.known(measure)]
      if (series === undefined || number === undefined) return []
      return this.#lines.quantiles(series, number, span, stepMs, asked)
    })
  }

  tallies(key: string, span: Span, stepMs: number): readonly Tally[] {
    checkStep(stepMs)
    return this.#asked(() => {
      const series = this.#series.known(key)
      return series === undefined ? [] : this.#lines.tallies(series, span, stepMs)
    })
  }

  *failures(span: Span, key?: string): Generator<KeptFailure> {
    try {
      const series = key === undefined ? undefined : this.#series.known(key)
      if (key === undefined || series !== undefined) yield* this.#failures.read(span, series)
    } catch (error) {
      throw storeErrorOf(error, this.#parts.file)
    }
  }

  marks(span: Span): readonly Mark[] {
    return this.#asked(() => this.#moments.marks(span))
  }

  gaps(span: Span): readonly Gap[] {
    return this.#asked(() => this.#moments.gaps(span))
  }

  async keepIncidents(
    incidents: readonly Incident[],
    alerts: readonly { readonly outlet: string; readonly alert: Alert }[],
  ): Promise<void> {
    this.#mustWrite()
    // As they are now: who gave them may go on with them before they are written.
    const puts = incidents.map((incident) => this.#incidents.prepared(incident))
    const bodies = alerts.map(({ outlet, alert }) => ({ outlet, alert, body: JSON.stringify(alert) }))
    await this.#commit.add('durable', () => {
      for (const put of puts) put()
      for (const { outlet, alert, body } of bodies) this.#spool.add(outlet, body, alert.at, alert.id)
      return undefined
    })
  }

  incident(id: string): Incident | undefined {
    return this.#asked(() => this.#incidents.get(id))
  }

  incidents(span: Span, most: number): readonly Incident[] {
    return this.#asked(() => this.#incidents.within(span, most))
  }

  openIncidents(): readonly Incident[] {
    return this.#asked(() => this.#incidents.open())
  }

  spool(outlet: string, body: string, dueAt: number): Promise<void> {
    return this.#durably(() => this.#spool.add(outlet, body, dueAt, null))
  }

  due(outlet: string, now: number, most: number): readonly Spooled[] {
    return this.#asked(() => this.#spool.due(outlet, now, most))
  }

  waiting(outlet: string): number {
    return this.#asked(() => this.#spool.waiting(outlet))
  }

  sent(numbers: readonly number[]): Promise<void> {
    return this.#durably(() => this.#spool.remove(numbers))
  }

  postpone(number: number, dueAt: number): Promise<void> {
    return this.#durably(() => this.#spool.postpone(number, dueAt))
  }

  word(name: string): string | undefined {
    return this.#asked(() => this.#words.get(name))
  }

  keepWord(name: string, text: string): Promise<void> {
    return this.#durably(() => this.#words.put(name, text))
  }

  async tidy(now: number, signal: AbortSignal): Promise<{ readonly removed: number; readonly octets: number }> {
    this.#mustWrite()
    const until = AbortSignal.any([signal, this.#closing.signal])
    try {
      const hour = Math.floor(now / hourMs)
      // Each packing writes the rows of all series anew: what is over is to be packed, and what has become much.
      if (hour !== this.#packedHour || this.#packer.isDue) await this.#packer.run(until)
      if (!until.aborted) this.#packedHour = hour
      const removed = until.aborted ? 0 : await this.#tidying.run(now, until)
      return { removed, octets: this.#closing.signal.aborted ? 0 : this.#tidying.octets }
    } catch (error) {
      throw storeErrorOf(error, this.#parts.file)
    }
  }

  async backUp(file: string, signal: AbortSignal, onProgress?: (progress: BackUpProgress) => void): Promise<void> {
    this.#commit.flush()
    await backUp(this.#parts.file, file, signal, onProgress ?? (() => {}))
  }

  close(): void {
    if (this.#closing.signal.aborted) return
    this.#commit.flush()
    this.#closing.abort()
    try {
      this.#parts.database.close()
    } finally {
      this.#parts.release()
    }
  }

  /** Within a transaction; what it returns is to be done when that is kept. */
  #journal(pieces: ReadonlyMap<number, Piece>): () => void {
    const octets = encodeJournal(pieces)
    const number = Number(this.#insert.run(octets).lastInsertRowid)
    return () => {
      this.#tail.add(number, octets)
      for (const [series, { looks }] of pieces) this.#newest.add(series, looks)
      this.#packer.relieve()
    }
  }

  #durably(run: () => void): Promise<void> {
    try {
      this.#mustWrite()
    } catch (error) {
      return Promise.reject(error)
    }
    return this.#commit.add('durable', () => {
      run()
      return undefined
    })
  }

  /** One snapshot of the database for a question; a reader sees what was written by then. */
  #asked<T>(question: () => T): T {
    const { database, isReader, file } = this.#parts
    try {
      if (!isReader) return question()
      database.exec('BEGIN')
      try {
        this.#tail.follow()
        const first = this.#firstRow.get()?.['first']
        this.#tail.forget(typeof first === 'number' ? first : this.#tail.seen + 1)
        return question()
      } finally {
        if (database.isTransaction) database.exec('COMMIT')
      }
    } catch (error) {
      throw storeErrorOf(error, file)
    }
  }

  #mustWrite(): void {
    if (this.#closing.signal.aborted) throw new Error('the history is closed')
    if (!this.#parts.isReader) return
    const fault = { what: 'it is open for reading only', right: 'write where the watcher runs' }
    throw new StoreError('reader', this.#parts.file, fault)
  }
}

function checkStep(stepMs: number): void {
  if (!(stepMs >= 1 && Number.isFinite(stepMs))) {
    throw new RangeError(`stepMs: must be 1 millisecond or more: it is ${stepMs}`)
  }
}
