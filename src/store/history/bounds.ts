import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** From when on something is kept, and what the clock of the last tidying said. */
export interface BoundValues {
  /** The first hour since 1970 of which looks are kept. */
  readonly rawFrom: number
  /** The first hour of which sums of hours are kept; a whole day. */
  readonly hoursFrom: number
  /** The first day of which sums of days are kept. */
  readonly daysFrom: number
}

export type BoundName = keyof BoundValues | 'tidiedAt' | 'believedAt' | 'doubtedAt'

/** Few numbers on which all tables depend. */
export class Bounds {
  readonly #all: StatementSync
  readonly #set: StatementSync

  constructor(database: DatabaseSync) {
    this.#all = database.prepare('SELECT name, value FROM bound')
    this.#set = database.prepare(
      'INSERT INTO bound (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
    )
  }

  read(): BoundValues & Readonly<Partial<Record<BoundName, number>>> {
    const found: Partial<Record<BoundName, number>> = {}
    for (const { name, value } of this.#all.all()) {
      const known = names.find((each) => each === name)
      if (known !== undefined && typeof value === 'number') found[known] = value
    }
    return { rawFrom: 0, hoursFrom: 0, daysFrom: 0, ...found }
  }

  /** Within a transaction. */
  set(name: BoundName, value: number): void {
    this.#set.run(name, value)
  }
}

const names: readonly BoundName[] = ['rawFrom', 'hoursFrom', 'daysFrom', 'tidiedAt', 'believedAt', 'doubtedAt']
