import type { AddressRange } from '../../addresses.ts'
import { mergedRanges } from '../../addresses.ts'
import type { ReadingHints } from '../../reader.ts'
import type { Place, Route } from '../../ruleset.ts'
import { oneAddress } from '../rangeBetween.ts'
import type { AddressObjects } from './addressObjects.ts'
import { subnetOf } from './addressText.ts'
import type { ConfigNode } from './configTree.ts'
import { entriesOf, firstOf, isOn, valuesOf } from './reading.ts'

/** Interfaces, zones and routes of one virtual domain. */
export interface Network {
  readonly places: readonly Place[]
  readonly routes?: readonly Route[]
}

const everywhere: Readonly<Record<4 | 6, AddressRange>> = {
  4: { family: 4, first: 0n, last: (1n << 32n) - 1n },
  6: { family: 6, first: 0n, last: (1n << 128n) - 1n },
}

/**
 * @param scope the virtual domain
 * @param shared where the interfaces of all domains stand; the same as `scope` on a device with one
 * @param domain its name, undefined on a device with one
 */
export function networkOf(
  scope: ConfigNode,
  shared: ConfigNode,
  domain: string | undefined,
  addresses: AddressObjects,
  hints: ReadingHints,
): Network {
  const entries = [...new Set([scope, shared])]
    .flatMap((part) => entriesOf(part, 'system interface'))
    .filter((entry) => domain === undefined || (firstOf(entry, 'vdom') ?? 'root') === domain)
  const zones = zonesOf(scope)
  const zonesByInterface = new Map<string, string[]>()
  for (const { name, members } of zones) {
    for (const member of members) zonesByInterface.set(member, [...(zonesByInterface.get(member) ?? []), name])
  }
  const routes = routesOf(scope, entries, addresses)
  const behind = new Map<string, AddressRange[]>()
  for (const { out, to } of routes ?? []) {
    if (out === undefined || (to.first === 0n && to.last === everywhere[to.family].last)) continue
    behind.set(out, [...(behind.get(out) ?? []), to])
  }
  const hinted = (name: string): readonly AddressRange[] | undefined =>
    Object.hasOwn(hints.places, name) ? hints.places[name] : undefined
  const interfaces = entries.map((entry): Place => {
    const own = ownOf(entry)
    const networks = hinted(entry.name) ?? mergedRanges(behind.get(entry.name) ?? [])
    const zoned = zonesByInterface.get(entry.name)
    return {
      name: entry.name,
      kind: 'interface',
      ...(zoned !== undefined && { zones: zoned }),
      ...(networks.length > 0 && { networks }),
      ...(own.length > 0 && { own }),
    }
  })
  const known = new Set(interfaces.map(({ name }) => name))
  const others = [...zonesByInterface.keys()].filter((name) => !known.has(name))
  return {
    places: [
      ...interfaces,
      ...others.map((name): Place => ({ name, kind: 'interface', zones: zonesByInterface.get(name) ?? [] })),
      ...zones.map(({ name }): Place => {
        const networks = hinted(name) ?? mergedRanges(behind.get(name) ?? [])
        return { name, kind: 'zone', ...(networks.length > 0 && { networks }) }
      }),
      ...Object.keys(hints.places)
        .filter((name) => !known.has(name) && !zones.some((zone) => zone.name === name) && !others.includes(name))
        .map((name): Place => ({ name, kind: 'interface', networks: hinted(name) ?? [] })),
    ],
    ...(routes !== undefined && { routes }),
  }
}

interface Zone {
  readonly name: string
  readonly members: readonly string[]
}

function zonesOf(scope: ConfigNode): readonly Zone[] {
  const plain = entriesOf(scope, 'system zone').map((entry) => ({
    name: entry.name,
    members: valuesOf(entry, 'interface'),
  }))
  const wide = [scope.blocks.get('system sdwan'), scope.blocks.get('system virtual-wan-link')]
  const members = new Map<string, string[]>()
  for (const block of wide) {
    for (const zone of block === undefined ? [] : entriesOf(block, 'zone'))
      members.set(zone.name, members.get(zone.name) ?? [])
    for (const member of block === undefined ? [] : entriesOf(block, 'members')) {
      const zone = firstOf(member, 'zone') ?? 'virtual-wan-link'
      const name = firstOf(member, 'interface')
      if (name !== undefined) members.set(zone, [...(members.get(zone) ?? []), name])
    }
  }
  return [...plain, ...[...members].map(([name, list]) => ({ name, members: list }))]
}

function ownOf(entry: ConfigNode): readonly AddressRange[] {
  const secondary = entriesOf(entry, 'secondaryip').map((second) => firstOf(second, 'ip'))
  const six = entry.blocks.get('ipv6')
  const texts = [
    firstOf(entry, 'ip'),
    ...secondary,
    six === undefined ? undefined : firstOf(six, 'ip6-address')?.split('/')[0],
  ]
  return texts.flatMap((text) => {
    const own = oneAddress(text?.split('/')[0] ?? '')
    return own === undefined || own.first === 0n ? [] : [own]
  })
}

function connectedOf(entry: ConfigNode): readonly AddressRange[] {
  const six = entry.blocks.get('ipv6')
  const lists = [
    valuesOf(entry, 'ip'),
    ...entriesOf(entry, 'secondaryip').map((second) => valuesOf(second, 'ip')),
    six === undefined ? [] : valuesOf(six, 'ip6-address'),
  ]
  return lists.flatMap((values) => {
    const range = values.length === 0 ? undefined : subnetOf(values)
    return range === undefined || range.last === 0n || range.first === 0n ? [] : [range]
  })
}

/** Blocks by which routes come from elsewhere than the file: where one has content, its routes are not all there are. */
const learnt = [
  ['router bgp', 'neighbor'],
  ['router ospf', 'area'],
  ['router ospf6', 'area'],
  ['router rip', 'network'],
  ['router ripng', 'interface'],
  ['router isis', 'isis-net'],
] as const

function routesOf(
  scope: ConfigNode,
  interfaces: readonly ConfigNode[],
  addresses: AddressObjects,
): readonly Route[] | undefined {
  const hasStatic = scope.blocks.has('router static') || scope.blocks.has('router static6')
  const isLearnt = learnt.some(([block, content]) => {
    const found = scope.blocks.get(block)
    return found !== undefined && entriesOf(found, content).length > 0
  })
  // A policy route goes before the table: where it leads is not told by destination alone.
  const isByPolicy = ['router policy', 'router policy6'].some((block) =>
    entriesOf(scope, block).some((entry) => firstOf(entry, 'status') !== 'disable'),
  )
  const settings = scope.blocks.get('system settings')
  const isTransparent = settings !== undefined && firstOf(settings, 'opmode') === 'transparent'
  if (!hasStatic || isLearnt || isByPolicy || isTransparent) return undefined
  const routes: Route[] = []
  for (const entry of interfaces) {
    if (firstOf(entry, 'status') === 'down') continue
    const span = entry.statement.span()
    for (const to of connectedOf(entry)) routes.push({ to, out: entry.name, metric: 0, kind: 'unicast', span })
    const mode = firstOf(entry, 'mode')
    if ((mode === 'dhcp' || mode === 'pppoe') && isOn(entry, 'defaultgw', true)) {
      routes.push({
        to: everywhere[4],
        out: entry.name,
        metric: metricOf(firstOf(entry, 'distance') ?? '5', '0'),
        kind: 'unicast',
        span,
      })
    }
  }
  for (const [block, family] of [
    ['router static', 4],
    ['router static6', 6],
  ] as const) {
    for (const entry of entriesOf(scope, block)) {
      if (firstOf(entry, 'status') === 'disable') continue
      const found = staticRoutes(entry, family, addresses)
      // One that is not understood may lead anything anywhere.
      if (found === undefined) return undefined
      routes.push(...found)
    }
  }
  return routes
}

function staticRoutes(entry: ConfigNode, family: 4 | 6, addresses: AddressObjects): readonly Route[] | undefined {
  const named = firstOf(entry, 'dstaddr')
  if (entry.settings.has('internet-service') || entry.settings.has('internet-service-custom')) return undefined
  const set = named === undefined ? undefined : addresses.of([named], family)
  if (set !== undefined && set.possible.length > 0) return undefined
  const given = valuesOf(entry, 'dst')
  const range = given.length === 0 ? everywhere[family] : subnetOf(given)
  if (range === undefined || range.family !== family) return undefined
  const destinations = set?.sure ?? [range]
  const zones = valuesOf(entry, 'sdwan-zone')
  const isWide = isOn(entry, 'sdwan') || isOn(entry, 'virtual-wan-link')
  const out = isWide ? 'virtual-wan-link' : (firstOf(entry, 'device') ?? zones[0])
  const via = firstOf(entry, 'gateway')
  const base = {
    metric: metricOf(
      firstOf(entry, 'distance') ?? (isOn(entry, 'blackhole') ? '254' : '10'),
      firstOf(entry, 'priority') ?? '0',
    ),
    span: entry.statement.span(),
  }
  return destinations.map(
    (to): Route =>
      isOn(entry, 'blackhole')
        ? { ...base, to, kind: 'blackhole' }
        : { ...base, to, kind: 'unicast', ...(out !== undefined && { out }), ...(via !== undefined && { via }) },
  )
}

/** The distance decides before the priority; both as the device writes them. */
function metricOf(distance: string, priority: string): number {
  const [first, second] = [Number(distance), Number(priority)]
  return (Number.isFinite(first) ? first : 255) * 65536 + (Number.isFinite(second) ? Math.min(second, 65535) : 65535)
}
