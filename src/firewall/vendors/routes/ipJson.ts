import type { Route } from '../../ruleset.ts'
import type { JsonValue } from '../../text/jsonTree.ts'
import { cidrRange } from '../cidrRange.ts'
import type { RouteTableBuilder } from './routeTable.ts'
import { defaultRange } from './routeTable.ts'

const kinds: Readonly<Record<string, Route['kind']>> = {
  unicast: 'unicast',
  blackhole: 'blackhole',
  unreachable: 'unreachable',
  prohibit: 'prohibit',
}

/** Reads one object of `ip -j route`. */
export function readIpJsonRoute(value: JsonValue, file6: boolean, table: RouteTableBuilder) {
  const textOf = (name: string): string | undefined => value.member(name)?.text()
  const span = value.span()
  const dst = textOf('dst') ?? ''
  const via = gatewayOf(value)
  const to =
    dst === 'default'
      ? defaultRange(via?.includes(':') === true || (via === undefined && file6) ? 6 : 4)
      : cidrRange(dst)
  if (to === undefined) return table.unread(span, `"${dst.slice(0, 60)}" is no destination of a route`)
  const inTable = value.member('table')?.scalar
  if (inTable !== undefined && !['main', 'local', 'default', '254', '255', '253'].includes(String(inTable))) {
    table.doubt({
      kind: 'packet',
      what: `which packets look into the routing table ${String(inTable)}, which ip rule tells`,
    })
    return table.understood()
  }
  const type = textOf('type') ?? 'unicast'
  const dev = textOf('dev')
  if (type === 'local' || type === 'anycast') table.own(dev ?? 'lo', to)
  if (['local', 'anycast', 'broadcast', 'multicast'].includes(type) || isDead(value)) return table.understood()
  const kind = Object.hasOwn(kinds, type) ? kinds[type] : undefined
  if (kind === undefined) return table.unread(span, `routes of the type ${type.slice(0, 40)} are not followed`)
  const metric = value.member('metric')?.number() ?? (to.family === 6 ? 1024 : 0)
  if (kind !== 'unicast') return table.route({ to, kind, metric, span })
  const source = textOf('prefsrc')
  if (dev !== undefined && source !== undefined) table.own(dev, cidrRange(source))
  const hops = value.member('nexthops')?.elements() ?? []
  const ways = hops.length === 0 ? [value] : hops
  let isFirst = true
  for (const way of ways) {
    const out = way.member('dev')?.text()
    const next = gatewayOf(way)
    if (out === undefined && next === undefined)
      table.unread(way.span(), 'the route leads nowhere: it has neither "dev" nor "gateway"')
    else if (!isDead(way)) {
      const kept = isFirst ? table.route : table.more
      isFirst = false
      kept({ to, kind, metric, span, ...(out !== undefined && { out }), ...(next !== undefined && { via: next }) })
    }
  }
}

function gatewayOf(value: JsonValue): string | undefined {
  return value.member('gateway')?.text() ?? value.member('via')?.member('host')?.text()
}

function isDead(value: JsonValue): boolean {
  return (
    value
      .member('flags')
      ?.elements()
      .some((flag) => flag.text() === 'dead') === true
  )
}

/** Reads one object of `ip -j rule`: what is not one of the three that every machine has makes routes depend on the packet. */
export function readIpJsonRule(value: JsonValue, table: RouteTableBuilder) {
  const asked = value.names().filter((name) => !['priority', 'src', 'table', 'action', 'protocol'].includes(name))
  const lookup = String(value.member('table')?.scalar ?? '')
  if (value.member('src')?.text() === 'all' && asked.length === 0 && ['local', 'main', 'default'].includes(lookup)) {
    return table.understood()
  }
  const text = value.span().text.slice(0, 100)
  table.doubt({ kind: 'packet', what: `the policy rule ${text}` })
  table.understood()
}

/** Reads one object of `ip -j addr`: addresses of an interface. */
export function readIpJsonAddress(value: JsonValue, table: RouteTableBuilder) {
  const name = value.member('ifname')?.text() ?? ''
  for (const info of value.member('addr_info')?.elements() ?? []) {
    const address = cidrRange(info.member('local')?.text() ?? '')
    if (address !== undefined && info.member('scope')?.text() !== 'link') table.own(name, address)
  }
  table.understood()
}
