import { DatabaseSync } from 'node:sqlite'
import { keyFile } from './keyFile.ts'
import { PendingSignIns } from './pendingSignIns.ts'
import { privateFile } from './privateFile.ts'
import { prepareSchema } from './schema.ts'
import type { Sealer } from './sealer.ts'
import { createSealer } from './sealer.ts'
import { SessionStore } from './sessionStore.ts'
import type { StoreFault } from './storeFault.ts'
import { faultOf } from './storeFault.ts'

export interface SessionsOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** 32 octets that refresh tokens are sealed with; default: those in the file beside, which is made at the first start. */
  readonly key?: Uint8Array
  /** Sessions of one person, 1 to 100; default 10. */
  readonly perPerson?: number
  /** Begun sign-ins of one browser, 1 to 20; default 5. */
  readonly pending?: number
  /** Minutes that a begun sign-in may take, 1 to 60; default 10. */
  readonly withinMinutes?: number
  /** Begun sign-ins of all browsers, 100 or more; default 50,000, some 25 MB. */
  readonly mostPending?: number
  /** Sessions that are kept in memory, 1 or more; default 10,000. */
  readonly mostCached?: number
  /** MiB that the database may have, 1 or more; default 2,048. A full one lets nobody new in. */
  readonly mostMiB?: number
  /** Told what goes wrong while it is open: sentences without an end. */
  readonly onFault?: (fault: StoreFault) => void
}

/** How long a write waits for that of another process, which takes milliseconds: the gate waits with it. */
const lockMs = 500
/** Pages of SQLite, in octets. */
const pageOctets = 4096

/**
 * Opens the database of sessions, and makes it where there is none: a file of mode 0600 in a folder that others may not
 * write to. One process holds the gate; others may open it at the same time to list and to end sessions.
 *
 * @param file path of the database; its key is in `<file>.key` unless one is given
 * @returns the store, or why there is none: damaged, newer than this version, of another key, not to be written
 */
export function openSessions(
  file: string,
  options: SessionsOptions,
): { readonly ok: true; readonly store: SessionStore } | { readonly ok: false; readonly fault: StoreFault } {
  const no = (fault: StoreFault, place = file) =>
    ({ ok: false, fault: { what: `${place}: ${fault.what}`, right: fault.right } }) as const
  const made = privateFile(file)
  if ('what' in made) return no(made)
  const read = options.key === undefined ? keyFile(`${file}.key`) : { key: options.key }
  if ('what' in read) return no(read, `${file}.key`)
  const sealer = createSealer(read.key)
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file, { timeout: lockMs, defensive: true })
    // Before the tables are there, or it is not taken.
    database.exec(`PRAGMA page_size=${pageOctets}`)
    database.exec(
      'PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA trusted_schema=OFF',
    )
    database.exec(`PRAGMA max_page_count=${Math.floor(((options.mostMiB ?? 2048) * 1_048_576) / pageOctets)}`)
    const fault = prepareSchema(database) ?? otherKey(database, sealer)
    if (fault !== undefined) {
      database.close()
      return no(fault)
    }
    return { ok: true, store: storeOf(database, sealer, options) }
  } catch (error) {
    if (database?.isOpen === true) database.close()
    return no(faultOf(error))
  }
}

function storeOf(database: DatabaseSync, sealer: Sealer, options: SessionsOptions): SessionStore {
  const { now, perPerson = 10, pending = 5, withinMinutes = 10, mostPending = 50_000, mostCached = 10_000 } = options
  const bounds = { perBrowser: pending, most: mostPending, withinMs: withinMinutes * 60_000 }
  return new SessionStore({
    database,
    sealer,
    now,
    perPerson,
    mostCached,
    pending: new PendingSignIns(database, sealer, bounds),
    onFault: options.onFault ?? (() => {}),
  })
}

const sealed = 'postern sessions'

/** By another key no refresh token opens, and every session would end when it is first looked at anew. */
function otherKey(database: DatabaseSync, sealer: Sealer): StoreFault | undefined {
  const kept = database.prepare('SELECT sealed FROM seal').get()?.['sealed']
  if (kept === undefined) {
    database.prepare('INSERT OR IGNORE INTO seal (one, sealed) VALUES (1, ?)').run(sealer.seal(sealed, 'seal'))
    return undefined
  }
  return kept instanceof Uint8Array && sealer.open(kept, 'seal') === sealed
    ? undefined
    : {
        what: 'it was written with another key',
        right: 'give it its own key, or move it away: people sign in anew',
      }
}
