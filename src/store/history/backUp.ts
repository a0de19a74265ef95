import { chmodSync, closeSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { StoreError, storeErrorOf } from './storeError.ts'

/** Pages that are copied between two looks at the signal: a megabyte. */
const pagesAtOnce = 256

/** How far a copy is. */
export interface BackUpProgress {
  readonly pages: number
  readonly of: number
}

/**
 * Copies a database while it is written to, as it is when the copy begins: a reader's snapshot is held meanwhile, since
 * a copy that follows what is written begins anew with each write. The file is there whole or not at all.
 *
 * @param from the database
 * @param to what is there is replaced, unless it is the database itself
 * @throws StoreError where it cannot be read or written, or is the database; the signal's reason
 */
export async function backUp(
  from: string,
  to: string,
  signal: AbortSignal,
  onProgress: (progress: BackUpProgress) => void,
): Promise<void> {
  signal.throwIfAborted()
  // Whoever has it open would go on with a file that has no name any more, and its log would be gone.
  if (isSameFile(from, to)) {
    throw new StoreError('other', to, { what: 'it is the history itself', right: 'name another file' })
  }
  const part = `${to}.part`
  const reader = new DatabaseSync(from, { readOnly: true })
  try {
    rmSync(part, { force: true })
    // Made by nobody else, and for nobody else to read.
    closeSync(openSync(part, 'wx', 0o600))
    reader.exec('BEGIN')
    reader.prepare('SELECT count(*) FROM bound').get()
    await backup(reader, part, {
      rate: pagesAtOnce,
      progress: ({ totalPages, remainingPages }) => {
        signal.throwIfAborted()
        onProgress({ pages: totalPages - remainingPages, of: totalPages })
      },
    })
    signal.throwIfAborted()
    chmodSync(part, 0o600)
    sync(part)
    // A log that is left of an older copy would be taken for one of this.
    for (const rest of ['-wal', '-shm']) rmSync(`${to}${rest}`, { force: true })
    renameSync(part, to)
    syncFolder(dirname(to))
  } catch (error) {
    rmSync(part, { force: true })
    if (signal.aborted) throw signal.reason
    throw storeErrorOf(error, to)
  } finally {
    reader.close()
    rmSync(`${part}-journal`, { force: true })
  }
}

/** Whether both names lead to one file. */
function isSameFile(one: string, other: string): boolean {
  const [first, second] = [one, other].map((path) => statSync(path, { bigint: true, throwIfNoEntry: false }))
  return first !== undefined && first.dev === second?.dev && first.ino === second.ino
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r+')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** The new name, too; where a folder cannot be opened (Windows) the system sees to it. */
function syncFolder(folder: string): void {
  try {
    const descriptor = openSync(folder, 'r')
    try {
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
  } catch {
    // The file itself is on the disk.
  }
}
