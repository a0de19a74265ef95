import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** Words of state by name. */
export class WordTable {
  readonly #get: StatementSync
  readonly #put: StatementSync

  constructor(database: DatabaseSync) {
    this.#get = database.prepare('SELECT text FROM word WHERE name = ?')
    this.#put = database.prepare(
      'INSERT INTO word (name, text) VALUES (?, ?) ON CONFLICT DO UPDATE SET text = excluded.text',
    )
  }

  get(name: string): string | undefined {
    const text = this.#get.get(name)?.['text']
    return typeof text === 'string' ? text : undefined
  }

  put(name: string, text: string): void {
    this.#put.run(name, text)
  }
}
