import type { Look } from './piece.ts'
import { decodePiece } from './piece.ts'
import type { SeriesTable } from './seriesTable.ts'
import { readRow } from './storeError.ts'
import type { Tail } from './tail.ts'

/** The newest look of each series, in memory. */
export class NewestLooks {
  readonly #table: SeriesTable
  readonly #now: () => number
  #of = new Map<number, Look>()

  constructor(table: SeriesTable, now: () => number) {
    this.#table = table
    this.#now = now
  }

  /** As the database and the journal have them. */
  load(tail: Tail): void {
    this.#of = new Map()
    for (const [series, octets] of this.#table.newest()) {
      this.add(series, readRow(() => decodePiece(octets, 'looks')).looks)
    }
    for (const series of tail.series)
      this.add(series, tail.written(series, this.#table.state(series).packed, 'looks').looks)
  }

  /** What was written while the clock was ahead of what it is now gives way to whatever comes. */
  add(series: number, looks: readonly Look[]): void {
    for (const look of looks) {
      const known = this.#of.get(series)
      if (known === undefined || look.at >= known.at || known.at > this.#now()) this.#of.set(series, look)
    }
  }

  of(series: number): Look | undefined {
    return this.#of.get(series)
  }

  all(): (readonly [series: number, look: Look])[] {
    return [...this.#of]
  }

  /** Those that are older; within a transaction. */
  forget(before: number): void {
    for (const [series, { at }] of this.#of) {
      if (at >= before) continue
      this.#of.delete(series)
      this.#table.forgetNewest(series)
    }
  }
}
