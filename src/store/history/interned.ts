import type { DatabaseSync, StatementSync } from 'node:sqlite'

/**
 * Texts by small numbers. A new text has its number at once and is written with the next transaction that is kept, so that
 * one that failed leaves nothing behind but a number.
 */
export class Interned {
  readonly #insert: StatementSync
  readonly #byText: StatementSync
  readonly #byId: StatementSync
  readonly #ids = new Map<string, number>()
  readonly #texts = new Map<number, string>()
  #next: number
  #unwritten = new Map<number, string>()

  constructor(database: DatabaseSync, table: 'series' | 'name') {
    const column = table === 'series' ? 'key' : 'text'
    this.#insert = database.prepare(`INSERT INTO ${table} (id, ${column}) VALUES (?, ?)`)
    this.#byText = database.prepare(`SELECT id FROM ${table} WHERE ${column} = ?`)
    this.#byId = database.prepare(`SELECT ${column} AS text FROM ${table} WHERE id = ?`)
    const last = database.prepare(`SELECT max(id) AS n FROM ${table}`).get()?.['n']
    this.#next = typeof last === 'number' ? last + 1 : 1
  }

  /** Its number, which is made where there is none. */
  idOf(text: string): number {
    const known = this.known(text)
    if (known !== undefined) return known
    const whole = text.toWellFormed()
    const id = this.#next++
    this.#keep(id, whole)
    this.#unwritten.set(id, whole)
    return id
  }

  known(text: string): number | undefined {
    const cached = this.#ids.get(text)
    if (cached !== undefined) return cached
    // What is no Unicode would come back from the database as another text.
    const whole = text.toWellFormed()
    if (whole !== text) return this.known(whole)
    const id = this.#byText.get(whole)?.['id']
    if (typeof id !== 'number') return undefined
    this.#keep(id, whole)
    return id
  }

  textOf(id: number): string | undefined {
    const cached = this.#texts.get(id)
    if (cached !== undefined) return cached
    const text = this.#byId.get(id)?.['text']
    if (typeof text !== 'string') return undefined
    this.#keep(id, text)
    return text
  }

  /** Within a transaction. */
  write(): void {
    for (const [id, text] of this.#unwritten) this.#insert.run(id, text)
  }

  /** The transaction was kept. */
  written(): void {
    if (this.#unwritten.size > 0) this.#unwritten = new Map()
  }

  #keep(id: number, text: string): void {
    this.#ids.set(text, id)
    this.#texts.set(id, text)
  }
}
