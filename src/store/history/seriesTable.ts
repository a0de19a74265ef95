import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** How far what was written of a series is packed and summed up. */
export interface SeriesState {
  /** What the journal has of it up to this number stands in the table of looks. */
  readonly packed: number
  /** Hours since 1970 below this are summed up: looks of them that come late are added there as well. */
  readonly hours: number
  readonly days: number
}

export class SeriesTable {
  readonly #state: StatementSync
  readonly #setPacked: StatementSync
  readonly #setHours: StatementSync
  readonly #setDays: StatementSync
  readonly #ids: StatementSync
  readonly #newest: StatementSync
  readonly #forget: StatementSync

  constructor(database: DatabaseSync) {
    this.#state = database.prepare('SELECT packed, hours, days FROM series WHERE id = ?')
    this.#setPacked = database.prepare('UPDATE series SET packed = ?, newest = ? WHERE id = ?')
    this.#setHours = database.prepare('UPDATE series SET hours = ? WHERE id = ?')
    this.#setDays = database.prepare('UPDATE series SET days = ? WHERE id = ?')
    this.#ids = database.prepare('SELECT id FROM series ORDER BY id')
    this.#newest = database.prepare('SELECT id, newest FROM series WHERE newest IS NOT NULL')
    this.#forget = database.prepare('UPDATE series SET newest = NULL WHERE id = ?')
  }

  state(id: number): SeriesState {
    const row = this.#state.get(id) ?? {}
    const number = (value: unknown): number => (typeof value === 'number' ? value : 0)
    return { packed: number(row['packed']), hours: number(row['hours']), days: number(row['days']) }
  }

  ids(): number[] {
    return this.#ids.all().flatMap(({ id }) => (typeof id === 'number' ? [id] : []))
  }

  setPacked(id: number, packed: number, newest: Uint8Array | null): void {
    this.#setPacked.run(packed, newest, id)
  }

  setHours(id: number, hours: number): void {
    this.#setHours.run(hours, id)
  }

  setDays(id: number, days: number): void {
    this.#setDays.run(days, id)
  }

  /** The newest look of each series that has one, as a piece. */
  newest(): (readonly [id: number, octets: Uint8Array])[] {
    return this.#newest
      .all()
      .flatMap(({ id, newest }) =>
        typeof id === 'number' && newest instanceof Uint8Array ? [[id, newest] as const] : [],
      )
  }

  forgetNewest(id: number): void {
    this.#forget.run(id)
  }
}
