import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Incident } from '../../model/incident.ts'
import type { Span } from '../../model/series.ts'
import { isIncident } from './incidentShape.ts'
import { limitOf } from './limitOf.ts'
import { timeOf } from './sampleCodec.ts'
import { readRow } from './storeError.ts'

/** Incidents as they are now, each by its id. */
export class IncidentTable {
  readonly #put: StatementSync
  readonly #get: StatementSync
  readonly #within: StatementSync
  readonly #open: StatementSync
  readonly #remove: StatementSync

  constructor(database: DatabaseSync) {
    this.#put = database.prepare(`INSERT INTO incident (id, since, until, state, body) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET since = excluded.since, until = excluded.until, state = excluded.state, body = excluded.body`)
    this.#get = database.prepare('SELECT body FROM incident WHERE id = ?')
    this.#within = database.prepare(`SELECT body FROM incident
      WHERE since < ?2 AND (until IS NULL OR until > ?1 OR since >= ?1) ORDER BY since DESC, id LIMIT ?3`)
    this.#open = database.prepare("SELECT body FROM incident WHERE state <> 'closed' ORDER BY since, id")
    this.#remove = database.prepare("DELETE FROM incident WHERE state = 'closed' AND coalesce(until, since) < ?")
  }

  /** @returns what keeps it as it is now, within a transaction */
  prepared(incident: Incident): () => void {
    const { id, state } = incident
    const since = timeOf(incident.since)
    const until = incident.until === undefined ? null : timeOf(incident.until)
    const body = JSON.stringify(incident)
    return () => void this.#put.run(id, since, until, state, body)
  }

  get(id: string): Incident | undefined {
    const row = this.#get.get(id)
    return row === undefined ? undefined : incidentIn(row['body'])
  }

  /** Those of which some part is in the span, the newest first. */
  within({ from, to }: Span, most: number): Incident[] {
    return this.#within.all(from, to, limitOf(most)).map(({ body }) => incidentIn(body))
  }

  open(): Incident[] {
    return this.#open.all().map(({ body }) => incidentIn(body))
  }

  /** Those that were over before a time; within a transaction. */
  removeBefore(at: number): number {
    return Number(this.#remove.run(at).changes)
  }
}

function incidentIn(body: unknown): Incident {
  return readRow(() => {
    const read: unknown = typeof body === 'string' ? JSON.parse(body) : undefined
    if (!isIncident(read)) throw new TypeError('an incident that is none')
    return read
  })
}
