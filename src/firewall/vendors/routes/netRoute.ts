import type { JsonValue } from '../../text/jsonTree.ts'
import { cidrRange } from '../cidrRange.ts'
import type { RouteTableBuilder } from './routeTable.ts'

/**
 * Reads one object of `Get-NetRoute | ConvertTo-Json`. Windows weighs the sum of the route's and the interface's
 * metric; where the export lacks the latter, routes to one prefix are as good as each other.
 */
export function readNetRoute(value: JsonValue, table: RouteTableBuilder) {
  const span = value.span()
  const scalar = (name: string): string => String(value.member(name)?.scalar ?? '')
  const to = cidrRange(scalar('DestinationPrefix'))
  if (to === undefined) return table.unread(span, `"${scalar('DestinationPrefix').slice(0, 60)}" is no prefix`)
  // The persistent store has what will be there after a start; the active one what is.
  if (/^(persistentstore|0)$/i.test(scalar('Store'))) return table.understood()
  if (/^(dead|0)$/i.test(scalar('State'))) return table.understood()
  const own = value.member('RouteMetric')?.number()
  const ofInterface = value.member('InterfaceMetric')?.number() ?? value.member('ifMetric')?.number()
  const alias = scalar('InterfaceAlias')
  const index = scalar('InterfaceIndex') || scalar('ifIndex')
  const out = alias !== '' ? alias : index === '' ? undefined : `interface ${index}`
  const via = scalar('NextHop')
  const isOnLink = via === '' || via === '0.0.0.0' || via === '::'
  if (out === undefined && isOnLink) return table.unread(span, 'the route has neither interface nor next hop')
  table.route({
    to,
    kind: 'unicast',
    span,
    ...(own !== undefined && ofInterface !== undefined && { metric: own + ofInterface }),
    ...(out !== undefined && { out }),
    ...(!isOnLink && { via }),
  })
}
