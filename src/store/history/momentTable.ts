import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Gap, Mark } from '../../model/sample.ts'
import type { Span } from '../../model/series.ts'
import { timeOf } from './sampleCodec.ts'
import { DamagedRow } from './storeError.ts'

const markKinds = {
  'change-start': true,
  'change-end': true,
  'site-reloaded': true,
  'site-refused': true,
  'maintenance-start': true,
  'maintenance-end': true,
} satisfies Record<Mark['kind'], true>
const gapReasons = { 'not-running': true, suspended: true, 'clock-moved': true } satisfies Record<Gap['why'], true>

const isKind = (text: unknown): text is Mark['kind'] => typeof text === 'string' && Object.hasOwn(markKinds, text)
const isReason = (text: unknown): text is Gap['why'] => typeof text === 'string' && Object.hasOwn(gapReasons, text)

/** Marks and gaps in the time line. */
export class MomentTable {
  readonly #insertMark: StatementSync
  readonly #insertGap: StatementSync
  readonly #marks: StatementSync
  readonly #gaps: StatementSync
  readonly #remove: readonly StatementSync[]

  constructor(database: DatabaseSync) {
    this.#insertMark = database.prepare('INSERT INTO mark (at, kind, name) VALUES (?, ?, ?)')
    this.#insertGap = database.prepare('INSERT INTO gap (since, until, why) VALUES (?, ?, ?)')
    this.#marks = database.prepare('SELECT at, kind, name FROM mark WHERE at >= ? AND at < ? ORDER BY at, id')
    this.#gaps = database.prepare(
      'SELECT since, until, why FROM gap WHERE since < ?2 AND (until > ?1 OR since >= ?1) ORDER BY since, id',
    )
    this.#remove = [
      database.prepare('DELETE FROM mark WHERE at < ?'),
      database.prepare('DELETE FROM gap WHERE until < ?'),
    ]
  }

  addMark({ at, kind, name }: Mark): void {
    this.#insertMark.run(timeOf(at), kind, name)
  }

  addGap({ from, to, why }: Gap): void {
    this.#insertGap.run(timeOf(from), timeOf(to), why)
  }

  marks({ from, to }: Span): Mark[] {
    return this.#marks.all(from, to).map(({ at, kind, name }) => {
      if (typeof at !== 'number' || !isKind(kind) || typeof name !== 'string')
        throw new DamagedRow('a mark that is none')
      return { at, kind, name }
    })
  }

  /** Those of which some part is in the span. */
  gaps({ from, to }: Span): Gap[] {
    return this.#gaps.all(from, to).map(({ since, until, why }) => {
      if (typeof since !== 'number' || typeof until !== 'number' || !isReason(why)) {
        throw new DamagedRow('a gap that is none')
      }
      return { from: since, to: until, why }
    })
  }

  /** Within a transaction. */
  removeBefore(at: number): number {
    return this.#remove.reduce((sum, statement) => sum + Number(statement.run(at).changes), 0)
  }
}
