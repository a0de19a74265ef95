import type { JsonValue } from '../../text/jsonTree.ts'
import { cidrRange } from '../cidrRange.ts'
import type { RouteTableBuilder } from './routeTable.ts'

/** Of routes to one prefix Azure takes the user's, then BGP's, then its own. */
const preference: Readonly<Record<string, number>> = { user: 0, virtualnetworkgateway: 1, default: 2 }

/**
 * Reads one route of `az network nic show-effective-route-table`, or of a route table of one's own (REST, ARM, `az
 * network route-table`), which does not show the routes that Azure adds.
 *
 * Where it leads is named by its next hop type: `Internet`, `VirtualAppliance`, `VirtualNetworkGateway`, `VnetLocal`.
 */
export function readAzureRoute(value: JsonValue, table: RouteTableBuilder) {
  const inner = value.member('properties') ?? value
  const span = value.span()
  const textsOf = (name: string): readonly string[] => {
    const member = inner.member(name)
    return member?.kind === 'array'
      ? member.elements().flatMap((each) => each.text() ?? [])
      : [member?.text() ?? ''].filter((text) => text !== '')
  }
  if (/^invalid$/i.test(textsOf('state')[0] ?? '')) return table.understood()
  const type = textsOf('nextHopType')[0] ?? ''
  const [via] = textsOf('nextHopIpAddress')
  const source = textsOf('source')[0]?.toLowerCase() ?? ''
  const isEffective = inner.member('state') !== undefined || inner.member('source') !== undefined
  if (!isEffective) {
    table.doubt({
      kind: 'other',
      what: "the routes of Azure and of BGP, which a route table of one's own does not list",
    })
  }
  const prefixes = textsOf('addressPrefix')
  const ranges = prefixes.map((prefix) => cidrRange(prefix))
  const tags = prefixes.filter((_, at) => ranges[at] === undefined)
  if (prefixes.length === 0 || type === '') return table.unread(span, 'the route has no prefix or no next hop type')
  for (const tag of tags) {
    if (!/^[A-Za-z][A-Za-z0-9.]*$/.test(tag))
      return table.unread(span, `"${tag.slice(0, 60)}" is no prefix and no service tag`)
    table.doubt({ kind: 'tag', tag, what: `the content of the service tag ${tag}, which a route leads to ${type}` })
  }
  if (tags.length === prefixes.length) return table.understood()
  const metric = Object.hasOwn(preference, source) ? (preference[source] ?? 0) : 0
  let isFirst = true
  for (const to of ranges) {
    if (to === undefined) continue
    // One statement, whatever number of prefixes it has.
    const kept = isFirst ? table.route : table.more
    isFirst = false
    if (/^none$/i.test(type)) kept({ to, kind: 'blackhole', metric, span })
    else kept({ to, kind: 'unicast', out: type, metric, span, ...(via !== undefined && { via }) })
  }
}
