/** Why a store cannot be used, and what makes it right: sentences without an end, and nothing of what is stored. */
export interface StoreFault {
  readonly what: string
  readonly right: string
}

/** Primary result codes of SQLite that somebody can do something about. https://www.sqlite.org/rescode.html */
const faults: Readonly<Record<number, StoreFault>> = {
  5: { what: 'it is locked by another program', right: 'end the other program' },
  8: { what: 'it may not be written', right: 'give the gate the file and its folder' },
  10: { what: 'the disk does not read or write', right: 'look at the disk' },
  11: { what: 'it is damaged', right: 'move it away and start again: people sign in anew' },
  13: { what: 'there is no room for it', right: 'make room on the disk' },
  14: { what: 'it cannot be opened', right: 'give the gate the file and its folder' },
  26: { what: 'it is no database', right: 'move it away, or name another file' },
}

/** What an error of the database says; its own text is left out, which may quote what was to be stored. */
export function faultOf(error: unknown): StoreFault {
  const code = error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : 0
  return faults[code & 0xff] ?? { what: `it cannot be used (SQLite ${code})`, right: 'look at the file and the disk' }
}
