import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { StoreFault } from '../sessions/storeFault.ts'
import { fileNames } from './recordFiles.ts'
import { errorCode } from './recordKey.ts'

/** Milliseconds that a writer waits for whoever only looks whether there is one. */
const patienceMs = 1000

export interface WriterLock {
  release(): void
}

/**
 * Makes this process the only writer of a folder, until it releases it or ends, in whatever way: an empty database is held
 * in SQLite's exclusive lock, which the system takes back by itself. Nothing is ever written into it.
 */
export function lockWriter(
  folder: string,
  at: { readonly pid: number; readonly since: string },
): WriterLock | StoreFault {
  const place = join(folder, fileNames.writer)
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(join(folder, fileNames.lock), { timeout: patienceMs })
    database.exec('PRAGMA journal_mode=MEMORY; PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE')
    writeFileSync(place, `${JSON.stringify(at)}\n`, { mode: 0o600 })
    const held = database
    return {
      release() {
        rmSync(place, { force: true })
        held.close()
      },
    }
  } catch (error) {
    database?.close()
    return isBusy(error)
      ? { what: `another process writes this record${whoIn(place)}`, right: 'end it, or name a folder of its own' }
      : { what: `the record cannot be locked (${errorCode(error)})`, right: 'give the gate the folder' }
  }
}

/** Whether somebody writes a folder now. Never throws; where that cannot be told, nobody does. */
export function hasWriter(folder: string): boolean {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(join(folder, fileNames.lock), { readOnly: true, timeout: 0 })
    database.prepare('SELECT count(*) FROM sqlite_schema').get()
    return false
  } catch (error) {
    return isBusy(error)
  } finally {
    database?.close()
  }
}

/** SQLITE_BUSY, whatever its extended code. https://www.sqlite.org/rescode.html#busy */
function isBusy(error: unknown): boolean {
  return (
    error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' && (error.errcode & 0xff) === 5
  )
}

function whoIn(place: string): string {
  try {
    const { pid, since } = JSON.parse(readFileSync(place, 'utf8')) as {
      readonly pid?: unknown
      readonly since?: unknown
    }
    return Number.isSafeInteger(pid) && typeof since === 'string' && since.length < 40
      ? `: process ${String(pid)}, since ${since}`
      : ''
  } catch {
    return ''
  }
}
