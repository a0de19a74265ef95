import { DatabaseSync } from 'node:sqlite'
import { privateFile } from './privateFile.ts'
import type { StoreFault } from './storeFault.ts'
import { faultOf } from './storeFault.ts'

/**
 * Makes this process the only gate of a database of sessions, until it releases it or ends, in whatever way: of two gates
 * each would ask Entra ID with a refresh token that the other has used up. Whoever lists or ends sessions does not hold it.
 *
 * An empty database beside it, `<file>.gate`, is held in SQLite's exclusive lock, which the system takes back by itself.
 */
export function holdSessions(file: string): { release(): void } | StoreFault {
  // Who may read it could lock it as well, and no gate would start.
  const made = privateFile(`${file}.gate`)
  if ('what' in made) return made
  let database: DatabaseSync | undefined
  try {
    const held = new DatabaseSync(`${file}.gate`, { timeout: 0 })
    database = held
    held.exec('PRAGMA journal_mode=MEMORY; PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE')
    return { release: () => held.close() }
  } catch (error) {
    database?.close()
    const { what, right } = faultOf(error)
    return /locked by another/.test(what)
      ? { what: 'another gate keeps its sessions in this database', right: 'end it, or name a file of its own' }
      : { what: `the sessions cannot be held: ${what}`, right }
  }
}
