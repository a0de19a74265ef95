import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { placeOf, slotOf } from './places.ts'
import { DamagedRow } from './storeError.ts'

export interface PlacedRow {
  readonly place: number
  readonly octets: Uint8Array
}

/** Rows of octets by series and hour, or day. Slots from `from` on and below `to` are meant. */
export class RowTable {
  readonly #between: StatementSync
  readonly #put: StatementSync
  readonly #remove: StatementSync
  readonly #ends: StatementSync

  constructor(database: DatabaseSync, table: 'raw' | 'hour' | 'day') {
    this.#between = database.prepare(`SELECT place, octets FROM ${table} WHERE place >= ? AND place < ? ORDER BY place`)
    this.#put = database.prepare(
      `INSERT INTO ${table} (place, octets) VALUES (?, ?) ON CONFLICT DO UPDATE SET octets = excluded.octets`,
    )
    this.#remove = database.prepare(`DELETE FROM ${table} WHERE place >= ? AND place < ?`)
    // Each of them is one seek; min and max in one statement would read all rows between.
    const end = (which: string): string => `(SELECT ${which}(place) FROM ${table} WHERE place >= ?1 AND place < ?2)`
    this.#ends = database.prepare(`SELECT ${end('min')} AS first, ${end('max')} AS last`)
  }

  rows(series: number, from: number, to: number): PlacedRow[] {
    return this.#between.all(placeOf(series, from), placeOf(series, to)).map(({ place, octets }) => {
      if (typeof place !== 'number' || !(octets instanceof Uint8Array)) throw new DamagedRow('a row of no octets')
      return { place, octets }
    })
  }

  put(place: number, octets: Uint8Array): void {
    this.#put.run(place, octets)
  }

  remove(series: number, from: number, to: number): number {
    return Number(this.#remove.run(placeOf(series, from), placeOf(series, to)).changes)
  }

  /** The first and the last hour, or day, of which a series has rows. */
  ends(series: number): { readonly first: number; readonly last: number } | undefined {
    const { first, last } = this.#ends.get(placeOf(series, 0), placeOf(series + 1, 0)) ?? {}
    return typeof first === 'number' && typeof last === 'number'
      ? { first: slotOf(first), last: slotOf(last) }
      : undefined
  }
}
