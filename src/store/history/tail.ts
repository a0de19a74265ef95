import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { OctetReader, OctetWriter } from './octets.ts'
import type { Piece, Wanted } from './piece.ts'
import { append, decodePiece, newPiece, sizeOf, sorted, writePiece } from './piece.ts'
import { readRow } from './storeError.ts'

/** A piece of a series as it stands in a row of the journal. */
interface Entry {
  readonly number: number
  readonly octets: Uint8Array
}

/** A row of the journal: series and piece, one after the other. */
export function encodeJournal(pieces: ReadonlyMap<number, Piece>): Uint8Array {
  const [writer, whole, part] = [new OctetWriter(), new OctetWriter(), new OctetWriter()]
  for (const [series, piece] of pieces) {
    writer.varint(series)
    writePiece(whole, part, sorted(piece))
    writer.partOf(whole)
  }
  return writer.take()
}

/**
 * What was written and is not packed yet, by series, in the order in which it was written. A process that only reads follows
 * the journal of the one that writes.
 */
export class Tail {
  readonly #rows: StatementSync
  readonly #of = new Map<number, Entry[]>()
  #seen = 0
  #weight = 0

  constructor(database: DatabaseSync) {
    this.#rows = database.prepare('SELECT number, octets FROM journal WHERE number > ? ORDER BY number')
  }

  /** Octets in it: some ten for each look. */
  get weight(): number {
    return this.#weight
  }

  get series(): IterableIterator<number> {
    return this.#of.keys()
  }

  /** The last row of the journal that it has. */
  get seen(): number {
    return this.#seen
  }

  /** Takes the rows that were written since. */
  follow(): void {
    for (const { number, octets } of this.#rows.all(this.#seen)) {
      if (typeof number === 'number' && octets instanceof Uint8Array) this.add(number, octets)
    }
  }

  add(number: number, octets: Uint8Array): void {
    this.#seen = Math.max(this.#seen, number)
    readRow(() => {
      const reader = new OctetReader(octets)
      while (!reader.isAtEnd) {
        const series = reader.varint()
        const entry = { number, octets: reader.part() }
        const entries = this.#of.get(series)
        if (entries === undefined) this.#of.set(series, [entry])
        else entries.push(entry)
        this.#weight += weightOf(entry)
      }
    })
  }

  /** What a series has, in order of time. @param packed what came up to this number is elsewhere already */
  piece(series: number, packed: number, wanted: Wanted): Piece {
    const piece = this.written(series, packed, wanted)
    return sizeOf(piece) === 0 ? piece : sorted(piece)
  }

  /** The same in the order in which it was written. */
  written(series: number, packed: number, wanted: Wanted): Piece {
    const piece = newPiece()
    for (const { number, octets } of this.#of.get(series) ?? []) {
      if (number > packed)
        append(
          piece,
          readRow(() => decodePiece(octets, wanted)),
        )
    }
    return piece
  }

  drop(series: number, packed: number): void {
    const entries = this.#of.get(series) ?? []
    const left = entries.filter(({ number }) => number > packed)
    for (const entry of entries) if (entry.number <= packed) this.#weight -= weightOf(entry)
    if (left.length === 0) this.#of.delete(series)
    else this.#of.set(series, left)
  }

  /** Rows of the journal below this number are packed, all of them. */
  get first(): number {
    let first = this.#seen + 1
    for (const [entry] of this.#of.values()) first = Math.min(first, entry?.number ?? first)
    return first
  }

  /** The writer took rows below this number away. */
  forget(first: number): void {
    for (const series of [...this.#of.keys()]) this.drop(series, first - 1)
  }
}

function weightOf({ octets }: Entry): number {
  return octets.length
}
