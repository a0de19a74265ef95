import { parseAddress } from '../../../model/cidr.ts'
import type { AddressRange } from '../../addresses.ts'
import { mergedRanges } from '../../addresses.ts'
import type { ReadingHints } from '../../reader.ts'
import type { Place, Route } from '../../ruleset.ts'
import type { XmlTree } from '../../text/xmlTree.ts'
import { oneAddress } from '../rangeBetween.ts'
import { membersOf, nameOf } from './notes.ts'
import { rangeOf } from './objects.ts'

/** Interfaces, zones and routes of one virtual system. */
export interface Network {
  readonly places: readonly Place[]
  readonly routes?: readonly Route[]
}

interface Interface {
  readonly name: string
  readonly element: XmlTree
  readonly own: readonly AddressRange[]
  readonly connected: readonly AddressRange[]
  readonly learnsDefault: boolean
}

const everywhere: Readonly<Record<4 | 6, AddressRange>> = {
  4: { family: 4, first: 0n, last: (1n << 32n) - 1n },
  6: { family: 6, first: 0n, last: (1n << 128n) - 1n },
}

/**
 * @param network the `<network>` of the device or template; undefined where the files have none
 * @param zoned where the zones stand: the virtual system
 * @param addresses of objects that interfaces and routes name
 * @param isForwardedByPolicy whether rules lead elsewhere than routes do
 */
export function networkOf(
  network: XmlTree | undefined,
  zoned: readonly XmlTree[],
  addresses: (name: string) => AddressRange | undefined,
  hints: ReadingHints,
  isForwardedByPolicy: boolean,
): Network {
  const zones = zoned.flatMap((scope) => scope.child('zone')?.elements('entry') ?? [])
  const zonesByInterface = new Map<string, string[]>()
  for (const zone of zones) {
    for (const kind of zone.child('network')?.elements() ?? []) {
      for (const member of membersOf(kind)) {
        zonesByInterface.set(member, [...(zonesByInterface.get(member) ?? []), nameOf(zone)])
      }
    }
  }
  const all = network === undefined ? [] : interfacesOf(network, addresses)
  // Interfaces of other virtual systems are in none of these zones.
  const interfaces = zones.length === 0 ? all : all.filter(({ name }) => zonesByInterface.has(name))
  const routes = network === undefined || isForwardedByPolicy ? undefined : routesOf(network, interfaces, addresses)
  const behind = new Map<string, AddressRange[]>()
  for (const { out, to } of routes ?? []) {
    if (out === undefined || (to.first === 0n && to.last === everywhere[to.family].last)) continue
    behind.set(out, [...(behind.get(out) ?? []), to])
  }
  const hinted = (name: string): readonly AddressRange[] =>
    Object.hasOwn(hints.places, name) ? (hints.places[name] ?? []) : []
  const place = (name: string, kind: Place['kind'], rest: Partial<Place> = {}): Place => {
    const networks = hinted(name).length > 0 ? hinted(name) : mergedRanges(behind.get(name) ?? [])
    return { name, kind, ...(networks.length > 0 && { networks }), ...rest }
  }
  const known = new Set(interfaces.map(({ name }) => name))
  const others = [...zonesByInterface.keys()].filter((name) => !known.has(name))
  const zoneNames = new Set(zones.map(nameOf))
  return {
    places: [
      ...interfaces.map(({ name, own }) =>
        place(name, 'interface', {
          ...(zonesByInterface.has(name) && { zones: zonesByInterface.get(name) ?? [] }),
          ...(own.length > 0 && { own }),
        }),
      ),
      ...others.map((name) => place(name, 'interface', { zones: zonesByInterface.get(name) ?? [] })),
      ...[...zoneNames].map((name) => place(name, 'zone')),
      ...Object.keys(hints.places)
        .filter((name) => !known.has(name) && !zoneNames.has(name) && !others.includes(name))
        .map((name) => place(name, 'zone')),
    ],
    ...(routes !== undefined && { routes }),
  }
}

function interfacesOf(network: XmlTree, addresses: (name: string) => AddressRange | undefined): readonly Interface[] {
  const found: Interface[] = []
  const add = (name: string, element: XmlTree, layer: XmlTree | undefined): void => {
    const texts = [
      ...(layer?.child('ip')?.elements('entry') ?? []),
      ...(layer?.child('ipv6', 'address')?.elements('entry') ?? []),
    ].map(nameOf)
    const dhcp = layer?.child('dhcp-client')
    found.push({
      name,
      element,
      own: texts.flatMap((text) => ownOf(text) ?? addresses(text) ?? []),
      connected: texts.flatMap((text) => rangeOf(text) ?? []),
      learnsDefault:
        dhcp !== undefined &&
        dhcp.child('enable')?.text() !== 'no' &&
        dhcp.child('create-default-route')?.text() !== 'no',
    })
  }
  for (const kind of network.child('interface')?.elements() ?? []) {
    for (const entry of kind.elements('entry')) {
      const layer = entry.child('layer3')
      add(nameOf(entry), entry, layer)
      for (const unit of layer?.child('units')?.elements('entry') ?? []) add(nameOf(unit), unit, unit)
    }
    // Loopbacks, tunnels and VLANs have units of their own, and stand without one as well.
    for (const unit of kind.child('units')?.elements('entry') ?? []) add(nameOf(unit), unit, unit)
    if (kind.child('ip') !== undefined) add(kind.name, kind, kind)
  }
  return found
}

function ownOf(text: string): AddressRange | undefined {
  return oneAddress(text.split('/')[0] ?? '')
}

const dynamicProtocols = ['bgp', 'ospf', 'ospfv3', 'rip'] as const

/** Routes of the one router that the interfaces are in; undefined where there are several, or where routes are learnt. */
function routesOf(
  network: XmlTree,
  interfaces: readonly Interface[],
  addresses: (name: string) => AddressRange | undefined,
): readonly Route[] | undefined {
  const virtual = network.child('virtual-router')?.elements('entry') ?? []
  const logical = (network.child('logical-router')?.elements('entry') ?? []).flatMap(
    (entry) => entry.child('vrf')?.elements('entry') ?? [],
  )
  const names = new Set(interfaces.map(({ name }) => name))
  const used = [...virtual, ...logical].filter((router) =>
    membersOf(router.child('interface')).some((name) => names.has(name)),
  )
  const [router] = used
  if (router === undefined || used.length > 1) return undefined
  const isLearnt = dynamicProtocols.some((protocol) =>
    [router.child('protocol', protocol), router.child(protocol)].some(
      (found) => found?.child('enable')?.text() === 'yes',
    ),
  )
  if (isLearnt) return undefined
  const inside = new Set(membersOf(router.child('interface')))
  const routes: Route[] = interfaces
    .filter(({ name }) => inside.has(name))
    .flatMap(({ name, element, connected, learnsDefault }) => [
      ...connected.map((to): Route => ({ to, out: name, metric: 0, kind: 'unicast', span: element.span() })),
      ...(learnsDefault
        ? [{ to: everywhere[4], out: name, metric: 10, kind: 'unicast', span: element.span() } as const]
        : []),
    ])
  const connected = [...routes]
  for (const family of ['ip', 'ipv6'] as const) {
    for (const entry of router.child('routing-table', family, 'static-route')?.elements('entry') ?? []) {
      const route = staticRoute(entry, connected, addresses)
      // One that is not understood, or that leads to another router, may lead anything anywhere.
      if (route === undefined) return undefined
      routes.push(route)
    }
  }
  return routes
}

function staticRoute(
  entry: XmlTree,
  connected: readonly Route[],
  addresses: (name: string) => AddressRange | undefined,
): Route | undefined {
  const text = entry.child('destination')?.text() ?? ''
  const to = rangeOf(text) ?? addresses(text)
  const hop = entry.child('nexthop')
  if (
    to === undefined ||
    hop?.child('next-vr') !== undefined ||
    hop?.child('next-lr') !== undefined ||
    hop?.child('fqdn') !== undefined
  ) {
    return undefined
  }
  const metric = Number(entry.child('metric')?.text() ?? '10')
  const base = { to, metric: Number.isFinite(metric) ? metric : 10, span: entry.span() }
  if (hop?.child('discard') !== undefined) return { ...base, kind: 'blackhole' }
  const via = hop?.child('ip-address')?.text() ?? hop?.child('ipv6-address')?.text()
  const gateway = parseAddress(via ?? '')
  const beside =
    gateway === undefined
      ? undefined
      : connected.find(
          ({ to: { family, first, last } }) =>
            family === gateway.family && first <= gateway.value && gateway.value <= last,
        )
  const named = entry.child('interface')?.text()
  const out = named === undefined || named === '' ? beside?.out : named
  return { ...base, kind: 'unicast', ...(out !== undefined && { out }), ...(via !== undefined && { via }) }
}
