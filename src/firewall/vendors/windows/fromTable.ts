import { parse } from 'csv-parse/sync'
import type { ConfigurationFile } from '../../source.ts'
import { placesIn } from '../../text/placesIn.ts'
import type { Entry } from './entry.ts'
import { exportCommand, fieldName, kindOf } from './entry.ts'
import type { FoundEntries } from './fromJson.ts'

/**
 * Reads tables with a row of names: `Export-Csv` of any of the cmdlets, the CSV of the module Firewall-Manager (with
 * semicolons), and the list that wf.msc exports (with tabs, one direction a file, no column for services).
 */
export function entriesOfTable(file: ConfigurationFile): FoundEntries {
  const places = placesIn(file)
  const whole = places.span(0, file.text.length)
  const rows = rowsOf(file.text)
  if (typeof rows === 'string') return { entries: [], unread: [{ span: whole, why: `no table: ${rows}` }] }
  const [header, ...body] = rows
  if (header === undefined) return { entries: [], unread: [] }
  const names = header.cells.map(fieldName)
  const isConsole = names.includes('localaddress') && names.includes('program') && !names.includes('direction')
  const fixed = isConsole ? consoleFields(file.name, names) : []
  const kind = kindOf(new Map<string, unknown>([...names.map((name) => [name, ''] as const), ...fixed]))
  if (kind === undefined) {
    const why = `the columns are not those of the firewall's cmdlets or of wf.msc in English; run: ${exportCommand}`
    return { entries: [], unread: rows.map(({ start, end }) => ({ span: places.span(start, end), why })) }
  }
  const entries = body.map(({ cells, start, end }): Entry => {
    const fields = new Map<string, readonly string[]>(fixed)
    for (const [at, name] of names.entries()) {
      const cell = cells[at]?.trim()
      if (cell !== undefined && cell !== '' && name !== '') fields.set(name, [cell])
    }
    if (isConsole) readSecure(fields)
    return {
      fields,
      span: places.span(start, end),
      ...(kind === 'rule' && names.includes('remoteaddress') && { isFlatTable: true as const }),
      ...(isConsole && {
        notShown: 'services, interfaces and interface types, which the list of wf.msc does not show',
      }),
    }
  })
  return { entries, unread: [] }
}

interface Row {
  readonly cells: readonly string[]
  readonly start: number
  readonly end: number
}

/** The rows of a table, or why it is none. Delimiter is what the first row has most of. */
function rowsOf(text: string): readonly Row[] | string {
  // Windows PowerShell's Export-Csv puts the type on a line before the names; a blank line keeps no offset but the length.
  const typeLine = /^\uFEFF?(#TYPE [^\r\n]*(?:\r\n|\n|\r)?)/.exec(text)?.[0].length ?? 0
  const table = text.slice(typeLine)
  const first = /^[^\r\n]*/.exec(table)?.[0] ?? ''
  const delimiter = [';', '\t', ','].toSorted((a, b) => first.split(b).length - first.split(a).length)[0] ?? ','
  const parsed: { readonly raw: string; readonly record: readonly string[] }[] = []
  try {
    parse(table, {
      bom: true,
      delimiter,
      raw: true,
      relax_quotes: true,
      relax_column_count: true,
      on_record: (element: unknown) => {
        if (isRawRecord(element)) parsed.push(element)
        return null
      },
    })
  } catch (error) {
    return error instanceof Error ? error.message : 'it cannot be split'
  }
  const rows: Row[] = []
  let at = typeLine
  for (const { raw, record } of parsed) {
    const found = text.indexOf(raw, at)
    const start = found < 0 ? at : found
    at = start + raw.length
    if (record.some((cell) => cell.trim() !== ''))
      rows.push({ cells: record, start, end: start + raw.trimEnd().length })
  }
  return rows
}

/** With `raw`, each element has the text of the row beside its cells, which the package's types do not say. */
function isRawRecord(element: unknown): element is { readonly raw: string; readonly record: readonly string[] } {
  return (
    typeof element === 'object' &&
    element !== null &&
    'raw' in element &&
    'record' in element &&
    Array.isArray(element.record)
  )
}

/** wf.msc writes one list a file and not its direction: its name may tell, or a column that only inbound rules have. */
function consoleFields(file: string, names: readonly string[]): readonly (readonly [string, readonly string[]])[] {
  const inbound = /\bin(bound)?\b|inbound/i.test(file)
  const outbound = /\bout(bound)?\b|outbound/i.test(file)
  if (inbound !== outbound) return [['direction', [inbound ? 'In' : 'Out']]]
  if (names.includes('overrideblockrules') || names.includes('remoteuser')) return [['direction', ['In']]]
  return []
}

/** The action "Secure" allows what IPsec protects. */
function readSecure(fields: Map<string, readonly string[]>): void {
  const isSecure = fields.get('action')?.[0]?.toLowerCase() === 'secure'
  if (isSecure) fields.set('action', ['Allow'])
  fields.set('authentication', [isSecure ? 'Required' : 'NotRequired'])
  fields.set('encryption', ['NotRequired'])
  // Told by `notShown`.
  for (const name of ['service', 'interfacealias', 'interfacetype']) fields.set(name, ['Any'])
  for (const name of [
    'remoteuser',
    'remotemachine',
    'localuser',
    'package',
    'program',
    'protocol',
    'localport',
    'remoteport',
  ]) {
    if (!fields.has(name)) fields.set(name, ['Any'])
  }
}
