import type { Flow } from '../../model/flow.ts'
import { formatPortRange } from '../../model/ports.ts'
import type { PlanReport } from '../../model/report.ts'
import { servedPlace } from '../../model/servedPlace.ts'
import { plain } from './plain.ts'

/**
 * The columns, in their order: others' spreadsheets and scripts rely on both. New ones are added at the end. Lists are
 * joined by spaces, notes by a line break.
 */
const columns: readonly (readonly [name: string, value: (flow: Flow, names: PlanReport['names']) => string])[] = [
  ['flow', ({ flow }) => flow],
  ['expect', ({ expect }) => expect],
  ['necessity', ({ necessity }) => necessity],
  ['phase', ({ phase }) => phase ?? ''],
  ['from', ({ from }) => from],
  ['from_role', ({ fromRole }) => fromRole],
  ['to', ({ to }) => to],
  ['to_role', ({ toRole }) => toRole],
  ['transport', ({ target }) => target.transport],
  ['port', ({ target }) => portText(target)],
  ['service', ({ target }) => target.service],
  ['name', ({ target }) => target.name ?? ''],
  ['pattern', ({ target }) => target.pattern ?? ''],
  ['address', ({ target }) => target.address ?? ''],
  ['path', ({ target }) => target.path ?? ''],
  ['planned_port', ({ target }) => target.plannedPort?.toString() ?? ''],
  ['not_checked_because', ({ target }) => target.undialled ?? ''],
  ['direction', ({ direction }) => direction],
  ['purpose', ({ purpose }) => purpose],
  ['required_when', ({ requiredWhen }) => requiredWhen],
  ['features', ({ features }) => features.join(' ')],
  ['unsettled', ({ unsettled }) => unsettled.join(' ')],
  ['fallback_for', ({ fallbackFor }) => fallbackFor ?? ''],
  ['table', ({ table }) => table],
  ['source', ({ source }) => source],
  ['as_of', ({ asOf }) => asOf ?? ''],
  ['notes', ({ notes }) => notes.join('\n')],
  ['from_addresses', ({ fromAddresses }) => fromAddresses.join(' ')],
  ['through_proxy', ({ via }) => via ?? ''],
  ['mapped_to', mappedTo],
]

/**
 * A plan as CSV (RFC 4180): a header, then one line a flow, CRLF at the end of each.
 *
 * A cell that a spreadsheet would run as a formula is made text by an apostrophe before it: one that begins with `=`
 * `+` `-` `@` or their full-width forms; the same holds after a line break or a semicolon within a cell, where programs
 * of other locales begin a cell of their own. So `*.x` and `10.1.0.5` stay as they are, and `@x` is written `'@x`.
 * Control and invisible characters are written out, tabs become spaces.
 */
export function planCsv(report: PlanReport): string {
  const lines = [
    columns.map(([name]) => name),
    ...report.flows.map((flow) => columns.map(([, value]) => value(flow, report.names))),
  ]
  return lines.map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('')
}

function csvCell(text: string): string {
  const safe = text
    .split(/\r\n?|\n/)
    .map(plain)
    .join('\n')
  const inert = safe.replace(/(^|[\n;])(?=[=+\-@＝＋－＠])/g, "$1'")
  return /[",;\n]|^\s|\s$/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert
}

function portText({ port, range }: Flow['target']): string {
  return port?.toString() ?? (range === undefined ? '' : formatPortRange(range))
}

/** Where `names:` of the site file sends a flow; what a proxy resolves is sent nowhere from here, and has no address. */
function mappedTo({ target }: Flow, names: PlanReport['names']): string {
  const { name, address, port, plannedPort } = target
  if (name === undefined || address === undefined) return ''
  return servedPlace(names, name, plannedPort ?? port ?? 0) ?? ''
}
