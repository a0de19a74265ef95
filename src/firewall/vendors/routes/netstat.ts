import type { AddressRange } from '../../addresses.ts'
import type { ConfigurationFile } from '../../source.ts'
import { linesIn } from '../../text/linesIn.ts'
import { cidrRange } from '../cidrRange.ts'
import { netmaskRange } from '../netmaskRange.ts'
import type { RouteTable } from './routeTable.ts'
import { defaultRange, routeTable } from './routeTable.ts'

/**
 * Reads `netstat -rn` of macOS, FreeBSD, OpenBSD and Linux, and Linux's `route -n`: a row of headings tells the
 * columns. Flags (route(8), netstat(1)): B blackhole, R or ! reject; I on macOS is a route only for programs that name the
 * interface.
 */
export function readNetstat(file: ConfigurationFile): RouteTable {
  const table = routeTable()
  let columns: readonly string[] = []
  let family: 4 | 6 = 4
  for (const line of linesIn(file)) {
    const text = line.text.trim()
    if (text === '' || /^(Kernel IP.*|Routing tables.*|Route Tree.*|Kernel IPv6.*)$/i.test(text)) continue
    const section = /^Internet(6)?:$/i.exec(text)
    if (section !== null) {
      family = section[1] === '6' ? 6 : 4
      columns = []
      continue
    }
    const cells = text.split(/\s+/)
    if (cells[0] === 'Destination') {
      // Linux heads the column of IPv6 with two words.
      columns = text
        .replace(/Next Hop/, 'Gateway')
        .replace(/\bFlag\b/, 'Flags')
        .replace(/\b(Iface|Interface|If)$/, 'Netif')
        .replace(/\b(Iface|Interface)\b/, 'Netif')
        .split(/\s+/)
      if (/Next Hop/.test(text)) family = 6
      continue
    }
    if (columns.length === 0) {
      table.unread(line.span(), 'the row stands before any headings')
      continue
    }
    const cell = (name: string): string => cells[columns.indexOf(name)] ?? ''
    const mask = cell('Genmask')
    const to =
      mask === ''
        ? destinationOf(cell('Destination'), family)
        : cell('Destination') === 'default'
          ? defaultRange(4)
          : netmaskRange(cell('Destination'), mask)
    const out = cell('Netif')
    const state = cell('Flags')
    if (to === undefined || state === '' || out === '') {
      table.unread(line.span(), 'the columns are not those of a route')
      continue
    }
    const metric = /^\d{1,9}$/.test(cell('Metric'))
      ? Number(cell('Metric'))
      : /^\d{1,3}$/.test(cell('Met'))
        ? Number(cell('Met'))
        : /^\d{1,3}$/.test(cell('Prio'))
          ? Number(cell('Prio'))
          : 0
    const isScoped = state.includes('I') && !columns.includes('Genmask')
    const span = line.span()
    if (isScoped || (!state.includes('U') && !state.includes('!'))) table.understood()
    else if (state.includes('B')) table.route({ to, kind: 'blackhole', metric, span })
    else if ((state.includes('R') && !columns.includes('Genmask')) || state.includes('!'))
      table.route({ to, kind: 'unreachable', metric, span })
    else {
      const via = cell('Gateway')
      const isGateway = state.includes('G')
      table.route({ to, kind: 'unicast', out, metric, span, ...(isGateway && { via }) })
    }
  }
  return table.table()
}

/** `default`, a prefix, an address, and the shortened networks of BSD: `10/8`, `127`, `192.168.1`. */
function destinationOf(text: string, family: 4 | 6): AddressRange | undefined {
  if (text === 'default') return defaultRange(family)
  const plain = text.replace(/%[^/]*/, '')
  const whole = cidrRange(plain)
  if (whole !== undefined) return whole
  const short = /^(\d{1,3}(?:\.\d{1,3}){0,2})(?:\/(\d{1,2}))?$/.exec(plain)
  if (short === null || family === 6) return undefined
  const octets = (short[1] ?? '').split('.')
  const address = [...octets, '0', '0', '0'].slice(0, 4).join('.')
  return cidrRange(`${address}/${short[2] ?? octets.length * 8}`)
}
