import type { DatabaseSync } from 'node:sqlite'
import type { StoreFault } from '../sessions/storeFault.ts'
import { damaged } from './storeError.ts'

/** Of a page of the database. */
export const pageOctets = 4096

/** Counted up with each change of the tables. */
export const historyVersion = 1
/** "PSTH": by it a database of another program is told from one of ours. */
const applicationId = 0x50535448

/**
 * What is written comes into `journal` as it is, and is packed from there by series and hour into `raw`; `hour` and `day`
 * have what is told of them when they are over. A `place` is a series, a time and a part in one number: see places.ts.
 */
const tables = `
CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE, -- of a flow, or a name with its kind in front
  packed INTEGER NOT NULL DEFAULT 0, -- what the journal has of it up to this number is in raw
  hours INTEGER NOT NULL DEFAULT 0, -- hours since 1970 below this are summed up
  days INTEGER NOT NULL DEFAULT 0,
  newest BLOB -- a piece of one look
) STRICT;
CREATE TABLE name (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE journal (number INTEGER PRIMARY KEY AUTOINCREMENT, octets BLOB NOT NULL) STRICT;
CREATE TABLE raw (place INTEGER PRIMARY KEY, octets BLOB NOT NULL) STRICT;
CREATE TABLE hour (place INTEGER PRIMARY KEY, octets BLOB NOT NULL) STRICT;
CREATE TABLE day (place INTEGER PRIMARY KEY, octets BLOB NOT NULL) STRICT;
CREATE TABLE context (id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, octets BLOB NOT NULL) STRICT;
CREATE TABLE failure (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  series INTEGER NOT NULL,
  context INTEGER NOT NULL,
  octets BLOB NOT NULL -- JSON, deflated (RFC 1951)
) STRICT;
CREATE INDEX failure_at ON failure (at, id);
CREATE INDEX failure_series ON failure (series, at, id);
CREATE INDEX failure_context ON failure (context);
CREATE TABLE mark (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL) STRICT;
CREATE INDEX mark_at ON mark (at);
CREATE TABLE gap (id INTEGER PRIMARY KEY, since INTEGER NOT NULL, until INTEGER NOT NULL, why TEXT NOT NULL) STRICT;
CREATE INDEX gap_since ON gap (since);
CREATE TABLE incident (
  id TEXT PRIMARY KEY,
  since INTEGER NOT NULL,
  until INTEGER,
  state TEXT NOT NULL,
  body TEXT NOT NULL -- JSON
) STRICT;
CREATE INDEX incident_since ON incident (since, id);
CREATE INDEX incident_open ON incident (state) WHERE state <> 'closed';
CREATE TABLE spool (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  outlet TEXT NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0,
  due INTEGER NOT NULL,
  alert TEXT, -- id of the alert
  body TEXT NOT NULL
) STRICT;
CREATE INDEX spool_outlet ON spool (outlet, number);
CREATE UNIQUE INDEX spool_alert ON spool (outlet, alert) WHERE alert IS NOT NULL;
CREATE TABLE word (name TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE bound (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`

/** Larger ones are looked through only where they are read: it would take minutes at each start. */
const mostCheckedOctets = 64 * 1_048_576

/**
 * Makes the tables in an empty database, and looks whether those of another one are ours, whole and of this version.
 *
 * @throws the platform's error where it cannot be read or written
 */
export function prepareHistory(database: DatabaseSync, isReader: boolean): StoreFault | undefined {
  const version = numberOf(database, 'user_version')
  const tableCount = database.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n']
  if (version === 0 && tableCount === 0) {
    if (isReader) return { what: 'there is no history in it yet', right: 'start the watcher first' }
    // Before the first table is there, or it is not taken.
    database.exec(`PRAGMA page_size=${pageOctets}; PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL`)
    database.exec(
      `BEGIN IMMEDIATE;${tables}PRAGMA application_id=${applicationId};PRAGMA user_version=${historyVersion};COMMIT`,
    )
    return undefined
  }
  if (numberOf(database, 'application_id') !== applicationId) {
    return { what: 'it is a database of another program', right: 'name another file' }
  }
  if (version > historyVersion) {
    return {
      what: `a newer version wrote it (tables ${version}, known ${historyVersion})`,
      right: 'run that version, or name another file: this one is left as it is',
    }
  }
  const octets = numberOf(database, 'page_count') * numberOf(database, 'page_size')
  const check = octets <= mostCheckedOctets ? 'quick_check(1)' : 'schema_version'
  const said = Object.values(database.prepare(`PRAGMA ${check}`).get() ?? {})[0]
  return said === 'ok' || typeof said === 'number' ? undefined : damaged
}

/** What a pragma says in one number; 0 where it says none. */
export function numberOf(database: DatabaseSync, pragma: string): number {
  const value = database.prepare(`PRAGMA ${pragma}`).get()?.[pragma]
  return typeof value === 'number' ? value : 0
}
