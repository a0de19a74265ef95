import { randomBytes } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { Sealer } from './sealer.ts'
import type { Ended, Ending, Session, Which } from './session.ts'
import type { Cached } from './sessionCache.ts'
import {
  cachedOf,
  conditionOf,
  endedOf,
  number,
  sessionColumns,
  text,
  textOfGroups,
  textOfIdentity,
} from './sessionRows.ts'

/** For how long it is kept who was ended, for other processes and for words to who comes back. In milliseconds. */
const endedKeptMs = 600_000

/** The rows of sessions and of those that ended. Every method throws the platform's error where the disk fails. */
export class SessionTable {
  readonly #database: DatabaseSync
  readonly #sealer: Sealer
  /** What this process ended, it has told already. */
  readonly #writer = randomBytes(8).toString('hex')
  #version: unknown
  #seen: number

  constructor(database: DatabaseSync, sealer: Sealer) {
    this.#database = database
    this.#sealer = sealer
    this.#seen = number(database.prepare('SELECT coalesce(max(seq), 0) AS n FROM ended').get() ?? {}, 'n')
    this.#version = this.#dataVersion()
  }

  /** @param key `id` is the hash of the session's id */
  load(key: 'id' | 'name', value: string): Cached | undefined {
    const row = this.#database.prepare(`SELECT ${sessionColumns} FROM session WHERE ${key} = ?`).get(value)
    return row === undefined ? undefined : cachedOf(row)
  }

  list(most: number): readonly Cached[] {
    const rows = this.#database.prepare(`SELECT ${sessionColumns} FROM session ORDER BY used DESC LIMIT ?`).all(most)
    return rows.map(cachedOf)
  }

  insert(id: string, session: Session, refreshToken: string | undefined): void {
    const { name, issuer, identity, groups, createdAt, usedAt, validatedAt } = session
    const { tenantId, objectId, sessionId } = identity
    const texts = [textOfIdentity(identity), textOfGroups(groups)]
    const sealed = refreshToken === undefined ? null : this.#sealer.seal(refreshToken, id)
    this.#database
      .prepare(`INSERT INTO session (${sessionColumns}, tenant, object, sid, refresh) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)`)
      .run(id, name, issuer, ...texts, createdAt, usedAt, validatedAt, tenantId, objectId, sessionId ?? null, sealed)
  }

  /** What is known of the person anew; the times of creation and use stay. False: there is no such session any more. */
  update(id: string, { identity, groups, validatedAt }: Session): boolean {
    const { changes } = this.#database
      .prepare('UPDATE session SET identity=?, groups=?, validated=?, sid=coalesce(?, sid) WHERE id=?')
      .run(textOfIdentity(identity), textOfGroups(groups), validatedAt, identity.sessionId ?? null, id)
    return Number(changes) > 0
  }

  setRefreshToken(name: string, token: string): void {
    const id = this.#database.prepare('SELECT id FROM session WHERE name = ?').get(name)?.['id']
    if (typeof id !== 'string') return
    this.#database.prepare('UPDATE session SET refresh=? WHERE id=?').run(this.#sealer.seal(token, id), id)
  }

  refreshToken(name: string): string | undefined {
    const row = this.#database.prepare('SELECT id, refresh FROM session WHERE name = ?').get(name)
    const sealed = row?.['refresh']
    return row !== undefined && sealed instanceof Uint8Array ? this.#sealer.open(sealed, text(row, 'id')) : undefined
  }

  /** @param used times of use by hash of the id */
  setUsed(used: ReadonlyMap<string, number>): void {
    const update = this.#database.prepare('UPDATE session SET used = ? WHERE id = ? AND used < ?')
    for (const [id, at] of used) update.run(at, id, at)
  }

  /** Those who are meant, as they would be ended; nothing is changed. */
  matching(which: Which, why: Ending): readonly (readonly [id: string, ended: Ended])[] {
    const [where, values] = conditionOf(which)
    const rows = this.#database.prepare(`SELECT id, name, tenant, object FROM session WHERE ${where}`).all(...values)
    return rows.map((row) => [text(row, 'id'), endedOf({ ...row, why })])
  }

  /** Takes them away; that they ended stands there for other processes. */
  remove(which: Which, why: Ending, at: number): readonly Ended[] {
    const [where, values] = conditionOf(which)
    const rows = this.#database
      .prepare(`DELETE FROM session WHERE ${where} RETURNING id, name, tenant, object`)
      .all(...values)
    if (rows.length === 0) return []
    const insert = this.#database.prepare(
      'INSERT INTO ended (id, name, why, tenant, object, at, writer) VALUES (?,?,?,?,?,?,?)',
    )
    for (const row of rows) {
      insert.run(text(row, 'id'), text(row, 'name'), why, text(row, 'tenant'), text(row, 'object'), at, this.#writer)
    }
    this.#database.prepare('DELETE FROM ended WHERE at < ?').run(at - endedKeptMs)
    return rows.map((row) => endedOf({ ...row, why }))
  }

  whyEnded(id: string): Ending | undefined {
    const row = this.#database.prepare('SELECT * FROM ended WHERE id = ? ORDER BY seq DESC').get(id)
    return row === undefined ? undefined : endedOf(row).why
  }

  /** What other processes ended since this was last asked. */
  endedElsewhere(): readonly Ended[] {
    const version = this.#dataVersion()
    if (version === this.#version) return []
    this.#version = version
    const rows = this.#database.prepare('SELECT * FROM ended WHERE seq > ? ORDER BY seq').all(this.#seen)
    for (const row of rows) this.#seen = Math.max(this.#seen, number(row, 'seq'))
    return rows.filter(({ writer }) => writer !== this.#writer).map(endedOf)
  }

  /** Changes with what other connections write. */
  #dataVersion(): unknown {
    return this.#database.prepare('PRAGMA data_version').get()?.['data_version']
  }
}
