import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { GroupCommit } from './groupCommit.ts'
import type { NewestLooks } from './newestLooks.ts'
import type { PackingTables } from './packing.ts'
import { packSeries } from './packing.ts'
import type { Tail } from './tail.ts'

export interface PackerParts {
  readonly database: DatabaseSync
  readonly commit: GroupCommit
  readonly tables: PackingTables
  readonly tail: Tail
  readonly newest: NewestLooks
  /** When the history is closed. */
  readonly closing: AbortSignal
  /** Told why it could not be packed while nobody waited for it. */
  readonly failed: (error: unknown) => void
}

/** Octets of looks that wait in the journal, and in memory, before they are packed: those of 40,000 looks. */
const mostTail = 4 * 1_048_576
/** Series that are packed in one transaction: some milliseconds. */
const packedAtOnce = 24

/** Packs what the journal has, a few series at a time. */
export class Packer {
  readonly #parts: PackerParts
  readonly #trim: StatementSync
  #running: Promise<void> | undefined

  constructor(parts: PackerParts) {
    this.#parts = parts
    this.#trim = parts.database.prepare('DELETE FROM journal WHERE number < ?')
  }

  /** Whether so much waits that packing is worth writing the rows of all series anew. */
  get isDue(): boolean {
    return 2 * this.#parts.tail.weight > mostTail
  }

  /** Begins to pack where too much waits; nobody waits for it. */
  relieve(): void {
    if (this.#parts.tail.weight > mostTail) this.run(this.#parts.closing).catch(this.#parts.failed)
  }

  /** One at a time: who asks while it runs waits for it. */
  run(signal: AbortSignal): Promise<void> {
    this.#running ??= this.#packAll(AbortSignal.any([signal, this.#parts.closing])).finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #packAll(signal: AbortSignal): Promise<void> {
    const { commit, tables, tail, newest } = this.#parts
    const waiting = [...tail.series]
    for (let at = 0; at < waiting.length; at += packedAtOnce) {
      await nextTurn()
      if (signal.aborted) return
      const some = waiting.slice(at, at + packedAtOnce)
      let packed = 0
      commit.now(() => {
        packed = tail.seen
        for (const series of some) packSeries(tables, tail, series, newest.of(series))
      })
      for (const series of some) tail.drop(series, packed)
    }
    commit.now(() => this.#trim.run(tail.first))
  }
}
