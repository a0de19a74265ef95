import type { ConfigurationFile } from '../../source.ts'
import { linesIn } from '../../text/linesIn.ts'
import { cidrRange } from '../cidrRange.ts'
import { netmaskRange } from '../netmaskRange.ts'
import type { RouteTable } from './routeTable.ts'
import { routeTable } from './routeTable.ts'

const address4 = /^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}$/

/**
 * Reads `route print` by the shape of its rows, so that the language of the headings does not matter. Persistent
 * routes have a column less: those in force stand among the active ones as well.
 *
 * An IPv4 route names its interface by the address of it, an IPv6 route by its number.
 */
export function readWindowsPrint(file: ConfigurationFile): RouteTable {
  const table = routeTable()
  const lines = linesIn(file).filter(({ text }) => text.trim() !== '')
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at]
    if (line === undefined) break
    let cells = line.text.trim().split(/\s+/)
    // A long IPv6 prefix puts the gateway on a line of its own.
    const isLone6 = cells.length === 3 && /^\d+$/.test(cells[0] ?? '') && /:.*\/\d+$/.test(cells[2] ?? '')
    const next = lines[at + 1]
    if (isLone6 && next !== undefined && /^\s{20,}\S/.test(next.text)) {
      cells = [...cells, ...next.text.trim().split(/\s+/)]
      at += 1
    }
    const last = cells.length - 1
    const metric = Number(cells[last])
    if (address4.test(cells[0] ?? '') && address4.test(cells[1] ?? '')) {
      const to = netmaskRange(cells[0] ?? '', cells[1] ?? '')
      if (to === undefined) table.unread(line.span(), `"${cells[1]}" is no mask of a network`)
      else if (address4.test(cells[last - 1] ?? '') && last >= 4 && Number.isSafeInteger(metric)) {
        const out = cells[last - 1] ?? ''
        const via = cells.slice(2, last - 1).join(' ')
        table.own(out, cidrRange(out))
        table.route({ to, kind: 'unicast', out, metric, span: line.span(), ...(address4.test(via) && { via }) })
      } else if (last === 3) table.understood()
      else table.unread(line.span(), 'the columns are not those of a route')
    } else if (/^\d+$/.test(cells[0] ?? '') && /^\d+$/.test(cells[1] ?? '') && /:.*\/\d+$/.test(cells[2] ?? '')) {
      const to = cidrRange(cells[2] ?? '')
      const via = cells[3] ?? ''
      if (to === undefined) table.unread(line.span(), `"${cells[2]?.slice(0, 60)}" is no prefix`)
      // Persistent routes of IPv6 have the interface 0.
      else if (cells[0] === '0') table.understood()
      else {
        const out = `interface ${cells[0]}`
        table.route({
          to,
          kind: 'unicast',
          out,
          metric: Number(cells[1]),
          span: line.span(),
          ...(via.includes(':') && { via }),
        })
      }
    } else if (address4.test(cells[0] ?? '') || /^[0-9a-f]*:[0-9a-f:]*\/\d+$/i.test(cells[2] ?? '')) {
      table.unread(line.span(), 'the columns are not those of a route')
    }
  }
  return table.table()
}
