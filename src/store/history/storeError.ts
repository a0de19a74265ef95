import type { StoreFault } from '../sessions/storeFault.ts'

/** Which trouble it is, for who does something about it by itself. */
export type StoreTrouble = 'full' | 'damaged' | 'locked' | 'not-writable' | 'disk' | 'reader' | 'other'

interface Known extends StoreFault {
  readonly trouble: StoreTrouble
}

export const damaged: StoreFault = {
  what: 'it is damaged',
  right: 'put a back-up (postern watch --backup) in its place, without the -wal and -shm beside it, or move it away',
}
const notWritable: Known = {
  trouble: 'not-writable',
  what: 'it may not be written',
  right: 'give the watcher the file and its folder',
}
const full: Known = {
  trouble: 'full',
  what: 'there is no room for it',
  right: 'make room on the disk, or raise watch.history.most-mib if the database has reached it',
}

/** Primary result codes of SQLite that somebody can do something about. https://www.sqlite.org/rescode.html */
const byCode: Readonly<Record<number, Known>> = {
  5: { trouble: 'locked', what: 'it is locked by another program', right: 'end the other program' },
  8: notWritable,
  10: { trouble: 'disk', what: 'the disk does not read or write', right: 'look at the disk' },
  11: { trouble: 'damaged', ...damaged },
  13: full,
  14: { trouble: 'not-writable', what: 'it cannot be opened', right: 'give the watcher the file and its folder' },
  26: { trouble: 'damaged', what: 'it is no database', right: 'move it away, or name another file' },
}

/** The disk, or the file on it, did not do what it was told; what was to be written is not kept. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly trouble: StoreTrouble
  /** Sentences without an end; what is stored is never quoted. */
  readonly fault: StoreFault

  constructor(trouble: StoreTrouble, file: string, { what, right }: StoreFault) {
    super(`${file}: ${what}: ${right}`)
    this.trouble = trouble
    this.fault = { what: `${file}: ${what}`, right }
  }
}

/** An error of the database as one of the store, which names the file; other errors are bugs, and stay what they are. */
export function storeErrorOf(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || error instanceof StoreError) return error
  // Octets that another hand has changed are told by their readers.
  if (error instanceof DamagedRow) return new StoreError('damaged', file, damaged)
  const code = 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined
  if (code === undefined) return error
  const { trouble, ...fault } = byCode[code & 0xff] ?? {
    trouble: 'other' as const,
    what: `it cannot be used (SQLite ${code})`,
    right: 'look at the file and the disk',
  }
  return new StoreError(trouble, file, fault)
}

/** A row cannot be what this program wrote. */
export class DamagedRow extends Error {
  override readonly name = 'DamagedRow'
}

/** What a reader of octets or texts gives; what it throws says that the row is damaged. */
export function readRow<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError || error instanceof TypeError) {
      throw new DamagedRow(error.message)
    }
    throw error
  }
}
