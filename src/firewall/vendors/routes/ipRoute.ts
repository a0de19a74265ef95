import type { AddressRange } from '../../addresses.ts'
import type { Route } from '../../ruleset.ts'
import type { ConfigurationFile } from '../../source.ts'
import type { Line } from '../../text/linesIn.ts'
import { linesIn } from '../../text/linesIn.ts'
import { cidrRange } from '../cidrRange.ts'
import type { RouteTable, RouteTableBuilder } from './routeTable.ts'
import { defaultRange, routeTable } from './routeTable.ts'

/** Types of routes that iproute2 writes before the destination (ip-route(8)). */
const types: Readonly<Record<string, Route['kind'] | 'own' | 'not-asked' | 'unknown'>> = {
  unicast: 'unicast',
  blackhole: 'blackhole',
  unreachable: 'unreachable',
  prohibit: 'prohibit',
  local: 'own',
  anycast: 'own',
  broadcast: 'not-asked',
  multicast: 'not-asked',
  throw: 'unknown',
  nat: 'unknown',
}

/** Words that stand alone, and words with a value, that do not change where a packet goes. */
const flags = new Set(['onlink', 'pervasive', 'linkdown', 'offload', 'trap', 'notify', 'rt_offload', 'rt_trap'])
const harmless = new Set(
  'proto scope src pref mtu advmss hoplimit window rtt rttvar rto_min initcwnd initrwnd cwnd quickack congctl expires error weight realm realms flow features fastopen_no_cookie users age'.split(
    ' ',
  ),
)

/** A metric that IPv6 has where none is written (ip-route(8)). */
const metric6 = 1024

/** What the words of one route say. */
interface Words {
  readonly via?: string
  readonly dev?: string
  readonly src?: string
  readonly table?: string
  readonly metric?: number
  readonly isDead: boolean
  readonly fault?: string
}

/** Reads `ip route`, `ip -6 route`, `ip route show table all` and `ip rule` in their text. */
export function readIpRoute(file: ConfigurationFile): RouteTable {
  const table = routeTable()
  const lines = linesIn(file).filter(({ text }) => text.trim() !== '')
  const families = familiesOf(lines)
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] as Line
    const words = line.text.trim().split(/\s+/)
    if (/^\d+:$/.test(words[0] ?? '')) {
      readRule(line, table)
      continue
    }
    // The ways of one route stand on lines of their own, indented.
    const hops: Line[] = []
    while (/^\s+nexthop\s/.test(lines[at + 1]?.text ?? '')) {
      at += 1
      hops.push(lines[at] as Line)
    }
    readRoute(line, words, hops, families[at - hops.length] ?? 4, table)
  }
  return table.table()
}

function readRoute(
  line: Line,
  words: readonly string[],
  hops: readonly Line[],
  family: 4 | 6,
  table: RouteTableBuilder,
) {
  const span = line.span()
  const typed = Object.hasOwn(types, words[0] ?? '') ? types[words[0] ?? ''] : undefined
  const [destination = '', ...rest] = typed === undefined ? words : words.slice(1)
  const said = wordsOf(rest)
  const to =
    destination === 'default' ? defaultRange(said.via?.includes(':') === true ? 6 : family) : cidrRange(destination)
  if (to === undefined) return table.unread(span, `"${destination.slice(0, 60)}" is no destination of a route`)
  if (said.fault !== undefined) return table.unread(span, said.fault)
  if (said.table !== undefined && !['main', '254', 'local', '255', 'default', '253'].includes(said.table)) {
    table.doubt({
      kind: 'packet',
      what: `which packets look into the routing table ${said.table}, which ip rule tells`,
    })
    return table.understood()
  }
  if (typed === 'unknown') return table.unread(span, `routes of the type ${words[0]} are not followed`)
  if (typed === 'own') table.own(said.dev ?? 'lo', to)
  if (typed === 'own' || typed === 'not-asked' || said.isDead) return table.understood()
  if (said.dev !== undefined) table.own(said.dev, said.src === undefined ? undefined : cidrRange(said.src))
  const kind = typed ?? 'unicast'
  const metric = said.metric ?? (to.family === 6 ? metric6 : 0)
  const ways = hops.length === 0 ? [said] : hops.map((hop) => wordsOf(hop.text.trim().split(/\s+/).slice(1)))
  let isFirst = true
  for (const way of ways) {
    if (way.fault !== undefined) table.unread(span, way.fault)
    else if (kind === 'unicast' && way.dev === undefined && way.via === undefined) {
      table.unread(span, 'the route leads nowhere: it has neither "dev" nor "via"')
    } else if (!way.isDead) {
      const kept = isFirst ? table.route : table.more
      isFirst = false
      kept(routeTo(to, kind, way, metric, span))
    }
  }
}

function routeTo(to: AddressRange, kind: Route['kind'], way: Words, metric: number, span: Route['span']): Route {
  if (kind !== 'unicast') return { to, kind, metric, span }
  return {
    to,
    kind,
    metric,
    span,
    ...(way.dev !== undefined && { out: way.dev }),
    ...(way.via !== undefined && { via: way.via }),
  }
}

function wordsOf(words: readonly string[]): Words {
  const found: { via?: string; dev?: string; src?: string; table?: string; metric?: number; fault?: string } = {}
  let isDead = false
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? ''
    const value = words[at + 1] ?? ''
    if (flags.has(word)) continue
    if (word === 'dead') {
      isDead = true
      continue
    }
    at += 1
    if (word === 'via') {
      // `via inet6 fe80::1`: a neighbour of the other family.
      const isFamily = value === 'inet' || value === 'inet6'
      found.via = isFamily ? (words[at + 1] ?? '') : value
      if (isFamily) at += 1
    } else if (word === 'dev') found.dev = value
    else if (word === 'src') found.src = value
    else if (word === 'table') found.table = value
    else if ((word === 'metric' || word === 'preference') && /^\d{1,10}$/.test(value)) found.metric = Number(value)
    else if (!harmless.has(word)) found.fault ??= `"${word.slice(0, 40)}" in a route is not known`
  }
  return { ...found, isDead }
}

/** The family of lines that do not show it (`default dev tun0`): that of the line before, or of the first that does. */
function familiesOf(lines: readonly Line[]): readonly (4 | 6)[] {
  const shown = lines.map(({ text }): 4 | 6 | undefined => {
    const plain = text
      .trim()
      .split(/\s+/)
      .filter((word) => !/^(src|pref)$/.test(word))
    if (plain.some((word) => /^[0-9a-f]*:[0-9a-f:.]*(\/\d+)?$/i.test(word) && !/^\d+:$/.test(word))) return 6
    return plain.some((word) => /^\d+\.\d+\.\d+\.\d+(\/\d+)?$/.test(word)) ? 4 : undefined
  })
  let last = shown.find((family) => family !== undefined) ?? 4
  return shown.map((family) => {
    last = family ?? last
    return last
  })
}

/** The rules that every machine has. */
const plainRule = /^\d+:\s*from all lookup (local|main|default)$/

function readRule(line: Line, table: RouteTableBuilder) {
  const text = line.text.trim().replace(/\s+/g, ' ')
  if (plainRule.test(text)) return table.understood()
  table.doubt({ kind: 'packet', what: `the policy rule "${text.slice(0, 100)}"` })
  table.understood()
}
