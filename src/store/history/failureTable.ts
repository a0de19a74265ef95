import { hash } from 'node:crypto'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { FlowReport } from '../../model/report.ts'
import type { Span } from '../../model/series.ts'
import type { KeptFailure } from './historyStore.ts'
import type { Interned } from './interned.ts'
import { readRow } from './storeError.ts'

/** A failure as it is kept. */
export interface FailureRow {
  readonly at: number
  readonly series: number
  readonly report: Uint8Array
  readonly context: { readonly hash: Uint8Array; readonly octets: Uint8Array }
}

/** Rows that are read at once: a year of failures is walked through without holding it. */
const pageRows = 100
/** A report is some 10 KiB; what claims to be larger is not one of ours. */
const mostReportOctets = 64 * 1_048_576

/** Reports of looks that failed; the context, which most of them share, is kept once. */
export class FailureTable {
  readonly #series: Interned
  readonly #insert: StatementSync
  readonly #insertContext: StatementSync
  readonly #contextOf: StatementSync
  readonly #of: Readonly<Record<'all' | 'series', StatementSync>>
  readonly #before: StatementSync
  readonly #oldest: StatementSync
  readonly #orphans: StatementSync

  constructor(database: DatabaseSync, series: Interned) {
    this.#series = series
    this.#insert = database.prepare('INSERT INTO failure (at, series, context, octets) VALUES (?, ?, ?, ?)')
    this.#insertContext = database.prepare('INSERT INTO context (hash, octets) VALUES (?, ?) ON CONFLICT DO NOTHING')
    this.#contextOf = database.prepare('SELECT id FROM context WHERE hash = ?')
    const page = (which: string): StatementSync =>
      database.prepare(`SELECT failure.id, at, series, failure.octets, context.octets AS context
        FROM failure JOIN context ON context.id = failure.context
        WHERE ${which} (at, failure.id) > (?1, ?2) AND at < ?3 ORDER BY at, failure.id LIMIT ${pageRows}`)
    this.#of = { all: page(''), series: page('series = ?4 AND') }
    this.#before = database.prepare(
      'DELETE FROM failure WHERE id IN (SELECT id FROM failure WHERE at < ? ORDER BY at, id LIMIT ?)',
    )
    this.#oldest = database.prepare('SELECT at FROM failure ORDER BY at, id LIMIT 1 OFFSET ?')
    this.#orphans = database.prepare(
      'DELETE FROM context WHERE NOT EXISTS (SELECT 1 FROM failure WHERE failure.context = context.id)',
    )
  }

  /** Within a transaction. */
  add({ at, series, report, context }: FailureRow): void {
    this.#insertContext.run(context.hash, context.octets)
    const id = this.#contextOf.get(context.hash)?.['id']
    this.#insert.run(at, series, typeof id === 'number' ? id : 0, report)
  }

  *read(span: Span, series: number | undefined): Generator<KeptFailure> {
    const [from, to] = [clamp(span.from), clamp(span.to)]
    let [at, id] = [from, 0]
    for (;;) {
      const rows = series === undefined ? this.#of.all.all(at, id, to) : this.#of.series.all(at, id, to, series)
      for (const row of rows) yield this.#failure(row)
      const last = rows.at(-1)
      if (last === undefined || rows.length < pageRows) return
      at = Number(last['at'])
      id = Number(last['id'])
    }
  }

  /** Removes the oldest before a time, no more than `most`; within a transaction. */
  removeBefore(at: number, most: number): number {
    return Number(this.#before.run(clamp(at), most).changes)
  }

  /** The time before which there are so many, or fewer where there are not. */
  timeOfOldest(count: number): number | undefined {
    const at = this.#oldest.get(count)?.['at']
    return typeof at === 'number' ? at : undefined
  }

  /** Contexts of no failure any more; within a transaction. */
  removeOrphans(): void {
    this.#orphans.run()
  }

  #failure(row: Readonly<Record<string, unknown>>): KeptFailure {
    return readRow(() => ({
      key: this.#series.textOf(Number(row['series'])) ?? '',
      at: Number(row['at']),
      report: reportIn(inflated(row['octets'])),
      context: recordIn(inflated(row['context'])),
    }))
  }
}

/** What is to be kept of one; the costly part, before any transaction. */
export function failureRow({ report, context }: KeptFailure, at: number, series: number): FailureRow {
  const text = JSON.stringify(context)
  return {
    at,
    series,
    report: deflateRawSync(JSON.stringify(report)),
    context: { hash: hash('sha256', text, 'buffer'), octets: deflateRawSync(text) },
  }
}

/** SQLite has no infinite integers. */
function clamp(at: number): number {
  return Math.min(Math.max(at, 0), Number.MAX_SAFE_INTEGER)
}

function inflated(octets: unknown): unknown {
  if (!(octets instanceof Uint8Array)) throw new TypeError('a row of no octets')
  try {
    return JSON.parse(inflateRawSync(octets, { maxOutputLength: mostReportOctets }).toString('utf8'))
  } catch {
    throw new TypeError('a row of other octets')
  }
}

function recordIn(read: unknown): Readonly<Record<string, unknown>> {
  if (typeof read !== 'object' || read === null || Array.isArray(read)) throw new TypeError('a context that is none')
  return { ...read }
}

function reportIn(read: unknown): FlowReport {
  if (!isReport(read)) throw new TypeError('a report that is none')
  return read
}

/** By what tells it from anything else; the rest was made by the same program. */
function isReport(read: unknown): read is FlowReport {
  return (
    typeof read === 'object' &&
    read !== null &&
    'flow' in read &&
    typeof read.flow === 'string' &&
    'verdict' in read &&
    typeof read.verdict === 'string' &&
    'target' in read &&
    typeof read.target === 'object' &&
    'evidence' in read &&
    Array.isArray(read.evidence)
  )
}
