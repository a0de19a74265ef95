import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { privateFile } from '../sessions/privateFile.ts'
import type { StoreFault } from '../sessions/storeFault.ts'
import { holdHistory } from './historyLock.ts'
import { prepareHistory } from './historySchema.ts'
import type { HistoryStore } from './historyStore.ts'
import { SqliteHistory } from './sqliteHistory.ts'
import { StoreError, storeErrorOf } from './storeError.ts'
import type { HistorySettings } from './tidying.ts'

export interface HistoryOptions {
  /** Path of the database; beside it are `<file>-wal` and `<file>-shm` of SQLite, `<file>.lock` and `<file>.writer`. */
  readonly file: string
  readonly settings: HistorySettings
  /** Wall clock, milliseconds since 1970. */
  readonly now: () => number
  readonly pid: number
  /** Opens what a watcher writes, or has written, for questions and back-ups; default false. */
  readonly isReader?: boolean
  /** Milliseconds that a write waits for others to share its transaction, 0 to 1,000; default 20. */
  readonly groupMs?: number
  /** Told what goes wrong while nobody waits for it: sentences without an end. */
  readonly onFault?: (fault: StoreFault) => void
}

/** How long a write waits for who looks at the file with another program. */
const lockMs = 2000

/**
 * Opens the history of a watcher, and makes it where there is none: a file of mode 0600 in a folder that others may not
 * write to. One process writes it, any may read it meanwhile.
 *
 * @returns the store, or why there is none: damaged, newer than this version, held by another watcher, not to be written
 */
export function openHistory(options: HistoryOptions): HistoryStore | StoreFault {
  const { file, isReader = false } = options
  const told = ({ what, right }: StoreFault): StoreFault => ({ what: `${file}: ${what}`, right })
  if (isReader) {
    if (!existsSync(file)) return told({ what: 'there is no such file', right: 'start the watcher first' })
    return opened(options, () => {})
  }
  const made = privateFile(file)
  if ('what' in made)
    return told({ what: made.what, right: 'give the watcher the file and a folder of its own: chmod 700' })
  const held = holdHistory(file, { pid: options.pid, since: new Date(options.now()).toISOString() })
  if ('what' in held) return told(held)
  const store = opened(options, () => held.release())
  if ('what' in store) held.release()
  return store
}

function opened(options: HistoryOptions, release: () => void): HistoryStore | StoreFault {
  const { file, settings, now, isReader = false, groupMs = 20, onFault = () => {} } = options
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file, { timeout: lockMs, readOnly: isReader, defensive: true })
    const fault = prepareHistory(database, isReader)
    if (fault !== undefined) {
      database.close()
      return { what: `${file}: ${fault.what}`, right: fault.right }
    }
    database.exec('PRAGMA trusted_schema=OFF; PRAGMA cache_size=-16384')
    if (!isReader) {
      // A log that has grown in a rush is given back to the disk when it begins anew.
      database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA journal_size_limit=67108864')
    }
    return new SqliteHistory({ database, file, settings, isReader, now, groupMs, onFault, release })
  } catch (error) {
    if (database?.isOpen === true) database.close()
    const told = storeErrorOf(error, file)
    if (told instanceof StoreError) return told.fault
    throw error
  }
}
