import type { DatabaseSync } from 'node:sqlite'
import type { Sealer } from './sealer.ts'
import type { PendingSignIn } from './session.ts'
import { number, text } from './sessionRows.ts'

export interface PendingBounds {
  /** Of one browser. */
  readonly perBrowser: number
  /** Of all browsers: whoever begins many pushes out the oldest, and fills no disk. */
  readonly most: number
  /** Milliseconds that a begun sign-in may take. */
  readonly withinMs: number
}

/** The sign-ins that browsers have begun and not ended. Each is taken once. */
export class PendingSignIns {
  readonly #database: DatabaseSync
  readonly #sealer: Sealer
  readonly #bounds: PendingBounds

  constructor(database: DatabaseSync, sealer: Sealer, bounds: PendingBounds) {
    this.#database = database
    this.#sealer = sealer
    this.#bounds = bounds
  }

  /**
   * @param state hash of what the authorization request carries
   * @param browser hash of what the browser's cookie holds
   * @throws the platform's error where it cannot be written
   */
  begin(state: string, browser: string, { nonce, verifier, returnTo, context, begunAt }: PendingSignIn): void {
    const { perBrowser, most, withinMs } = this.#bounds
    const database = this.#database
    database.prepare('DELETE FROM pending WHERE begun <= ? OR begun > ?').run(begunAt - withinMs, begunAt + withinMs)
    database
      .prepare(
        'DELETE FROM pending WHERE state IN (SELECT state FROM pending WHERE browser = ? ORDER BY rowid DESC LIMIT -1 OFFSET ?)',
      )
      .run(browser, perBrowser - 1)
    // Rows are numbered as they come: to count them would take the longer the more there are, which is when it matters.
    database.prepare('DELETE FROM pending WHERE rowid <= (SELECT max(rowid) FROM pending) - ?').run(most - 1)
    database
      .prepare(
        'INSERT INTO pending (state, browser, nonce, verifier, return_to, context, begun) VALUES (?,?,?,?,?,?,?)',
      )
      .run(state, browser, nonce, this.#sealer.seal(verifier, state), returnTo, context ?? null, begunAt)
  }

  /**
   * Takes the sign-in of a state away, for the browser that began it alone.
   *
   * @returns `other-browser`, which takes nothing away, with where the other one would have gone
   */
  take(
    state: string,
    browser: string | undefined,
    now: number,
  ): PendingSignIn | { readonly otherBrowser: string } | 'unknown' | 'too-late' {
    const row = this.#database.prepare('SELECT * FROM pending WHERE state = ?').get(state)
    if (row === undefined) return 'unknown'
    const returnTo = text(row, 'return_to')
    if (browser === undefined || text(row, 'browser') !== browser) return { otherBrowser: returnTo }
    this.#database.prepare('DELETE FROM pending WHERE state = ?').run(state)
    const begunAt = number(row, 'begun')
    if (Math.abs(now - begunAt) >= this.#bounds.withinMs) return 'too-late'
    const sealed = row['verifier']
    const verifier = sealed instanceof Uint8Array ? this.#sealer.open(sealed, state) : undefined
    if (verifier === undefined) return 'unknown'
    const { context } = row
    return {
      nonce: text(row, 'nonce'),
      verifier,
      returnTo,
      begunAt,
      ...(typeof context === 'string' && { context }),
    }
  }

  countOf(browser: string): number {
    return number(this.#database.prepare('SELECT count(*) AS n FROM pending WHERE browser = ?').get(browser) ?? {}, 'n')
  }
}
