import type { DatabaseSync } from 'node:sqlite'

/** All of what is written or nothing; on the disk when it returns (`synchronous=FULL`: each commit flushes the log). */
export function durably<T>(database: DatabaseSync, write: () => T): T {
  database.exec('BEGIN IMMEDIATE')
  try {
    const done = write()
    database.exec('COMMIT')
    return done
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

/** The same, but flushed with the next that is written durably: it outlives this process, and not the power. */
export function lazily<T>(database: DatabaseSync, write: () => T): T {
  database.exec('PRAGMA synchronous=NORMAL')
  try {
    return durably(database, write)
  } finally {
    database.exec('PRAGMA synchronous=FULL')
  }
}
