import type { DatabaseSync } from 'node:sqlite'
import type { StoreFault } from './storeFault.ts'

/** Counted up with each change of the tables. */
export const schemaVersion = 1
/** "PSTN": by it a database of another program is told from one of ours. */
const applicationId = 0x5053544e

const tables = `
CREATE TABLE session (
  id TEXT PRIMARY KEY, -- SHA-256 of what the cookie holds, base64url
  name TEXT NOT NULL UNIQUE,
  tenant TEXT NOT NULL,
  object TEXT NOT NULL,
  issuer TEXT NOT NULL,
  sid TEXT,
  identity TEXT NOT NULL,
  groups TEXT NOT NULL,
  created INTEGER NOT NULL,
  used INTEGER NOT NULL,
  validated INTEGER NOT NULL,
  refresh BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX session_person ON session (tenant, object);
CREATE INDEX session_sid ON session (issuer, sid) WHERE sid IS NOT NULL;
CREATE TABLE ended (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  why TEXT NOT NULL,
  tenant TEXT NOT NULL,
  object TEXT NOT NULL,
  at INTEGER NOT NULL,
  writer TEXT NOT NULL
) STRICT;
CREATE INDEX ended_id ON ended (id);
CREATE TABLE pending (
  state TEXT PRIMARY KEY, -- SHA-256, as all that a browser holds
  browser TEXT NOT NULL,
  nonce TEXT NOT NULL,
  verifier BLOB NOT NULL,
  return_to TEXT NOT NULL,
  context TEXT,
  begun INTEGER NOT NULL
) STRICT;
CREATE INDEX pending_browser ON pending (browser);
CREATE INDEX pending_begun ON pending (begun);
CREATE TABLE seal (one INTEGER PRIMARY KEY CHECK (one = 1), sealed BLOB NOT NULL) STRICT;
`

/**
 * Makes the tables in an empty database, and looks whether those of another one are ours, whole and of this version.
 *
 * @throws the platform's error where it cannot be read or written
 */
export function prepareSchema(database: DatabaseSync): StoreFault | undefined {
  const version = numberOf(database, 'user_version')
  const tableCount = database.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n']
  if (version === 0 && tableCount === 0) {
    database.exec(
      `BEGIN IMMEDIATE;${tables}PRAGMA application_id=${applicationId};PRAGMA user_version=${schemaVersion};COMMIT`,
    )
    return undefined
  }
  if (numberOf(database, 'application_id') !== applicationId) {
    return { what: 'it is a database of another program', right: 'name another file' }
  }
  if (version > schemaVersion) {
    return {
      what: `a newer version wrote it (tables ${version}, known ${schemaVersion})`,
      right: 'run that version, or move the file away: people sign in anew',
    }
  }
  const said = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check']
  return said === 'ok'
    ? undefined
    : { what: 'it is damaged', right: 'move it away and start again: people sign in anew' }
}

function numberOf(database: DatabaseSync, pragma: string): number {
  const value = database.prepare(`PRAGMA ${pragma}`).get()?.[pragma]
  return typeof value === 'number' ? value : 0
}
