import { basename } from 'node:path'
import type { Table } from '../audit/knowledgeOf.ts'
import { readEndpoints } from '../audit/readEndpoints.ts'
import { readNameTable } from '../audit/readNameTable.ts'
import { ServiceTags } from '../catalog/serviceTags.ts'
import type { Remedy } from './configError.ts'
import { readConfiguration } from './readConfiguration.ts'

/** A table of addresses that was read, with what the report tells of it. */
export interface LoadedTable {
  readonly table: Table
  readonly entries: number
  /** What of it could not be read, in words. */
  readonly doubt?: string
}

type Loaded = { readonly ok: LoadedTable } | Remedy

/** Reads a file of Microsoft's: service tags as they are published each week, or the list of Microsoft 365 endpoints. */
export async function readPublishedTable(file: string, folder: string, signal?: AbortSignal): Promise<Loaded> {
  const read = await readConfiguration(file, folder, signal === undefined ? {} : { signal })
  if ('what' in read) return read
  const right =
    'name ServiceTags_Public_DATE.json as Microsoft publishes it, or what endpoints.office.com/endpoints/worldwide gives'
  let document: unknown
  try {
    document = JSON.parse(read.ok.text)
  } catch {
    return { what: 'it is no JSON', right }
  }
  const asOf = dateOf(file, read.ok.writtenOn)
  const tags = ServiceTags.read(document)
  if (tags !== undefined) {
    const doubt = tags.unread === 0 ? undefined : `${tags.unread} of its prefixes are none`
    const table = { kind: 'service-tags', asOf, tags } as const
    return { ok: { table, entries: tags.size, ...(doubt !== undefined && { doubt }) } }
  }
  const sets = readEndpoints(document)
  if (sets === undefined) return { what: 'it is neither service tags nor a list of endpoints', right }
  return { ok: { table: { kind: 'endpoints', asOf, sets }, entries: sets.length } }
}

/** Reads a dump of names and their addresses. */
export async function readNamesFile(file: string, folder: string, signal?: AbortSignal): Promise<Loaded> {
  const read = await readConfiguration(file, folder, signal === undefined ? {} : { signal })
  if ('what' in read) return read
  const names = readNameTable(read.ok.text)
  const { count, firstLine } = names.unread
  if (names.addresses.size === 0) {
    return {
      what: 'no line of it has a name and an address',
      right: 'write NAME ADDRESS a line, a hosts file, or what dig answers',
    }
  }
  const doubt = count === 0 ? undefined : `${count} of its lines are none of the forms, the first is line ${firstLine}`
  const table = { kind: 'names', asOf: dateOf(file, read.ok.writtenOn), names } as const
  return { ok: { table, entries: names.addresses.size, ...(doubt !== undefined && { doubt }) } }
}

/** Microsoft's files have their date in their name: ServiceTags_Public_20261116.json. */
function dateOf(file: string, writtenOn: string | undefined): string {
  const named = /(20\d\d)-?([01]\d)-?([0-3]\d)/.exec(basename(file))
  return named === null ? (writtenOn ?? 'an unknown day') : `${named[1]}-${named[2]}-${named[3]}`
}
