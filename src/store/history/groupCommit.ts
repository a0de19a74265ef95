import type { DatabaseSync } from 'node:sqlite'
import { pageOctets } from './historySchema.ts'

/**
 * `bounded` outlives this process, and is refused where the database has as much as it may have; `durable` outlives the
 * power as well, and is refused by a full disk only.
 */
export type Keeping = 'bounded' | 'durable'

interface Waiting {
  /** Runs within the transaction; what it returns runs when all is kept. */
  readonly run: () => (() => void) | undefined
  readonly how: Keeping
  readonly kept: () => void
  readonly failed: (error: unknown) => void
}

export interface GroupCommitOptions {
  /** Milliseconds that a write waits for others to share its transaction. */
  readonly groupMs: number
  /** What the database may have before what is bounded is refused. */
  readonly mostOctets: number
  /** Runs first in each transaction, and must be ready to run again where one failed. */
  readonly first: () => void
  /** Runs once that is on its way to the disk. */
  readonly committed: () => void
  /** What an error is told as. */
  readonly errorOf: (error: unknown) => unknown
}

/** Of SQLite itself. https://www.sqlite.org/limits.html */
const mostPages = 0xfffffffe

/**
 * Lets writes share transactions. What outlives this process is written with `synchronous=NORMAL`, what has to outlive
 * the power as well with `FULL`: then the whole group is flushed to the disk before anybody is told.
 */
export class GroupCommit {
  readonly #database: DatabaseSync
  readonly #options: GroupCommitOptions
  #waiting: Waiting[] = []
  #timer: NodeJS.Timeout | undefined
  #soon: NodeJS.Immediate | undefined

  constructor(database: DatabaseSync, options: GroupCommitOptions) {
    this.#database = database
    this.#options = options
  }

  add(how: Keeping, run: Waiting['run']): Promise<void> {
    return new Promise((kept, failed) => {
      this.#waiting.push({ run, how, kept, failed })
      if (how === 'durable' || this.#options.groupMs === 0) this.#soon ??= setImmediate(() => this.flush())
      else this.#timer ??= setTimeout(() => this.flush(), this.#options.groupMs)
    })
  }

  /** Writes what waits, now. Who waits is told; this never throws. */
  flush(): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#soon)
    this.#timer = this.#soon = undefined
    const group = this.#waiting
    this.#waiting = []
    if (group.length === 0) return
    const error = this.#commit(group)
    if (error === undefined) return
    // One that cannot be kept must not take the others with it.
    if (group.length === 1) group[0]?.failed(this.#options.errorOf(error.error))
    else for (const one of group) this.#alone(one)
  }

  /**
   * One transaction at once, of which nobody waits: for work in pieces, which makes room. It is not bounded.
   *
   * @throws the platform's error; nothing is kept then
   */
  now(run: () => void): void {
    this.flush()
    this.#transaction('NORMAL', mostPages, () => {
      this.#options.first()
      run()
    })
    this.#options.committed()
  }

  #alone(one: Waiting): void {
    const error = this.#commit([one])
    if (error !== undefined) one.failed(this.#options.errorOf(error.error))
  }

  #commit(group: readonly Waiting[]): { readonly error: unknown } | undefined {
    const then: (() => void)[] = []
    const isDurable = group.some(({ how }) => how === 'durable')
    const most = isDurable ? mostPages : this.#options.mostOctets / pageOctets
    try {
      this.#transaction(isDurable ? 'FULL' : 'NORMAL', most, () => {
        this.#options.first()
        for (const { run } of group) {
          const after = run()
          if (after !== undefined) then.push(after)
        }
      })
    } catch (error) {
      return { error }
    }
    this.#options.committed()
    for (const after of then) after()
    for (const { kept } of group) kept()
    return undefined
  }

  #transaction(synchronous: 'FULL' | 'NORMAL', pages: number, run: () => void): void {
    const database = this.#database
    database.exec(`PRAGMA synchronous=${synchronous}; PRAGMA max_page_count=${Math.floor(pages)}; BEGIN IMMEDIATE`)
    try {
      run()
      database.exec('COMMIT')
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK')
      throw error
    }
  }
}
