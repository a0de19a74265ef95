import type { Table } from '../audit/knowledgeOf.ts'
import { formatConfigErrors } from '../config/index.ts'
import type { LoadedTable } from '../config/readTable.ts'
import type { AuditTable } from '../model/auditReport.ts'
import type { Shell } from './shell.ts'
import { UsageError } from './shell.ts'

/** Tables of addresses as the judge wants them, as the report tells them, and what of them could not be read. */
export interface AuditTables {
  readonly tables: readonly Table[]
  readonly told: readonly AuditTable[]
  readonly doubts: readonly string[]
}

/**
 * Reads what `--tags` and `--names` name.
 *
 * @throws UsageError for a file that cannot be read, or is no such table
 */
export async function auditTables(
  tags: readonly string[],
  names: readonly string[],
  shell: Shell,
): Promise<AuditTables> {
  if (tags.length + names.length === 0) return { tables: [], told: [], doubts: [] }
  const { readNamesFile, readPublishedTable } = await import('../config/readTable.ts')
  const loaded: { readonly file: string; readonly read: LoadedTable }[] = []
  for (const [files, read, option] of [
    [tags, readPublishedTable, '--tags'],
    [names, readNamesFile, '--names'],
  ] as const) {
    for (const file of files) {
      const found = await read(file, shell.cwd, shell.signal)
      if ('what' in found) {
        const remedy = { what: `${option}: ${found.what}`, right: found.right }
        throw new UsageError(...formatConfigErrors([{ file, line: 1, column: 1, ...remedy }]))
      }
      loaded.push({ file, read: found.ok })
    }
  }
  return {
    tables: loaded.map(({ read }) => read.table),
    told: loaded.map(({ file, read: { table, entries } }) => ({ file, kind: table.kind, asOf: table.asOf, entries })),
    doubts: loaded.flatMap(({ file, read: { doubt } }) => (doubt === undefined ? [] : [`${file}: ${doubt}`])),
  }
}
