import type { ConfigurationFile } from '../../source.ts'
import type { JsonValue } from '../../text/jsonTree.ts'
import { readJson } from '../../text/jsonTree.ts'
import { readAzureRoute } from './azureRoutes.ts'
import { readIpJsonAddress, readIpJsonRoute, readIpJsonRule } from './ipJson.ts'
import { readNetRoute } from './netRoute.ts'
import type { RouteTable } from './routeTable.ts'
import { routeTable } from './routeTable.ts'

/**
 * Reads routes in JSON wherever they stand: `ip -j route|rule|addr`, Get-NetRoute, Azure's effective routes and route
 * tables. What an object is, its own members tell.
 */
export function readJsonRoutes(file: ConfigurationFile): RouteTable {
  const table = routeTable()
  const read = readJson(file)
  if ('fault' in read) {
    table.unread(read.fault.span, read.fault.why)
    return table.table()
  }
  const is6 = /"dst":\s*"[0-9a-f]*:/i.test(file.text) && !/"dst":\s*"\d+\.\d+\./.test(file.text)
  const walk = (value: JsonValue): void => {
    if (value.kind === 'array') {
      for (const element of value.elements()) walk(element)
      return
    }
    if (value.kind !== 'object') {
      if (value.kind !== 'null') table.unread(value.span(), 'a value alone is no route')
      return
    }
    const has = (...names: string[]): boolean => names.every((name) => value.member(name) !== undefined)
    if (has('dst') && !has('priority')) readIpJsonRoute(value, is6, table)
    else if (has('priority', 'table')) readIpJsonRule(value, table)
    else if (has('ifname', 'addr_info')) readIpJsonAddress(value, table)
    else if (has('DestinationPrefix')) readNetRoute(value, table)
    else if (
      has('nextHopType') ||
      (has('properties') && value.member('properties')?.member('nextHopType') !== undefined)
    ) {
      readAzureRoute(value, table)
    } else {
      const inner = value.names().flatMap((name) => {
        const member = value.member(name)
        return member !== undefined && (member.kind === 'object' || member.kind === 'array') ? [member] : []
      })
      for (const member of inner) walk(member)
      // Frames around lists, such as `nextLink` and counts, say nothing.
      if (inner.length === 0) table.unread(value.span(), 'the object is no route of a form that is known')
    }
  }
  walk(read.ok)
  return table.table()
}
