import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Spooled } from './historyStore.ts'
import { limitOf } from './limitOf.ts'
import { timeOf } from './sampleCodec.ts'
import { DamagedRow } from './storeError.ts'

/** What outlets have not taken yet. Numbers grow over all queues, so that one number means one text. */
export class SpoolTable {
  readonly #insert: StatementSync
  readonly #due: StatementSync
  readonly #count: StatementSync
  readonly #remove: StatementSync
  readonly #postpone: StatementSync

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      'INSERT INTO spool (outlet, due, alert, body) VALUES (?, ?, ?, ?) ON CONFLICT (outlet, alert) WHERE alert IS NOT NULL DO NOTHING',
    )
    this.#due = database.prepare(
      'SELECT number, outlet, tries, due, body FROM spool WHERE outlet = ? AND due <= ? ORDER BY number LIMIT ?',
    )
    this.#count = database.prepare('SELECT count(*) AS n FROM spool WHERE outlet = ?')
    this.#remove = database.prepare('DELETE FROM spool WHERE number = ?')
    this.#postpone = database.prepare('UPDATE spool SET due = ?, tries = tries + 1 WHERE number = ?')
  }

  /** @param alert its id: the same alert waits only once in a queue */
  add(outlet: string, body: string, dueAt: number, alert: string | null): void {
    this.#insert.run(outlet, timeOf(dueAt), alert, body)
  }

  due(outlet: string, now: number, most: number): Spooled[] {
    return this.#due.all(outlet, now, limitOf(most)).map(({ number, outlet: of, tries, due, body }) => {
      const isWhole =
        typeof number === 'number' && typeof of === 'string' && typeof tries === 'number' && typeof due === 'number'
      if (!isWhole || typeof body !== 'string') throw new DamagedRow('a row of the spool that is none')
      return { number, outlet: of, tries, dueAt: due, body }
    })
  }

  waiting(outlet: string): number {
    return Number(this.#count.get(outlet)?.['n'] ?? 0)
  }

  remove(numbers: readonly number[]): void {
    for (const number of numbers) this.#remove.run(number)
  }

  postpone(number: number, dueAt: number): void {
    this.#postpone.run(timeOf(dueAt), number)
  }
}
