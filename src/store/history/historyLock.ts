import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { privateFile } from '../sessions/privateFile.ts'
import type { StoreFault } from '../sessions/storeFault.ts'
import { StoreError, storeErrorOf } from './storeError.ts'

/**
 * Makes this process the only one that writes a history, until it releases it or ends, in whatever way: an empty database
 * beside it, `<file>.lock`, is held in SQLite's exclusive lock, which the system takes back by itself. Who holds it stands in
 * `<file>.writer`.
 */
export function holdHistory(
  file: string,
  who: { readonly pid: number; readonly since: string },
): { release(): void } | StoreFault {
  const place = `${file}.writer`
  const made = privateFile(`${file}.lock`)
  if ('what' in made) return { what: made.what, right: 'give the watcher the file and a folder of its own' }
  let database: DatabaseSync | undefined
  try {
    const held = new DatabaseSync(`${file}.lock`, { timeout: 0 })
    database = held
    held.exec('PRAGMA journal_mode=MEMORY; PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE')
    rmSync(place, { force: true })
    writeFileSync(place, `${JSON.stringify(who)}\n`, { mode: 0o600, flag: 'wx' })
    return {
      release() {
        rmSync(place, { force: true })
        held.close()
      },
    }
  } catch (error) {
    database?.close()
    const told = storeErrorOf(error, file)
    if (!(told instanceof StoreError)) {
      return { what: 'it cannot be held for one watcher', right: 'give the watcher the file and a folder of its own' }
    }
    return told.trouble === 'locked'
      ? { what: `another watcher writes it${whoIn(place)}`, right: 'end it, or name a file of its own' }
      : { what: `it cannot be held for one watcher: ${told.message}`, right: told.fault.right }
  }
}

function whoIn(place: string): string {
  try {
    const read: unknown = JSON.parse(readFileSync(place, 'utf8'))
    if (typeof read !== 'object' || read === null || !('pid' in read) || !('since' in read)) return ''
    const { pid, since } = read
    return Number.isSafeInteger(pid) && typeof since === 'string' && since.length < 40
      ? `: process ${String(pid)}, since ${since}`
      : ''
  } catch {
    return ''
  }
}
