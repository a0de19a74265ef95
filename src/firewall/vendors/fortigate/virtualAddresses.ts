import type { Addresses, AddressRange } from '../../addresses.ts'
import { addressesOf, everyAddress, unknownAddresses } from '../../addresses.ts'
import type { NumberRange, Rule, Translation } from '../../ruleset.ts'
import type { Unknown } from '../../unknown.ts'
import type { AddressObjects } from './addressObjects.ts'
import { rangeOf } from './addressText.ts'
import type { ConfigNode } from './configTree.ts'
import type { Noted } from './reading.ts'
import { entriesOf, firstOf, isOn, valuesOf } from './reading.ts'
import type { ServiceMatches } from './services.ts'
import { portsOf } from './services.ts'

/** A virtual IP: what comes to one address is sent on to another. */
export interface VirtualAddress {
  readonly name: string
  readonly family: 4 | 6
  /** The tag that its translation sets, by which policies know what it was that translated a packet. */
  readonly tag: string
  readonly rules: readonly Rule[]
  /** For one address to one: what the inside address goes out as. */
  readonly reverse?: { readonly inside: AddressRange; readonly outside: AddressRange; readonly out?: string }
}

export interface VirtualAddresses {
  /** Virtual IPs that a name in `dstaddr` stands for, itself or by its group; undefined: it is no virtual IP. */
  of(name: string, family: 4 | 6): readonly VirtualAddress[] | undefined
  /** All that are enabled, in their order. */
  readonly all: readonly VirtualAddress[]
}

const understood = new Set([
  'id',
  'uuid',
  'comment',
  'color',
  'type',
  'extip',
  'extaddr',
  'mappedip',
  'mapped-addr',
  'extintf',
  'portforward',
  'protocol',
  'extport',
  'mappedport',
  'status',
  'src-filter',
  'srcintf-filter',
  'service',
  'arp-reply',
  'ndp-reply',
  'gratuitous-arp-interval',
  'nat-source-vip',
  'portmapping-type',
  'server-type',
  'ldb-method',
  'persistence',
  'monitor',
  'max-embryonic-connections',
  'fabric-object',
  'add-nat46-route',
  'add-nat64-route',
  'nat44',
  'nat46',
  'nat64',
  'nat66',
  'ipv4-mappedip',
  'ipv4-mappedport',
  'ipv6-mappedip',
  'ipv6-mappedport',
  'color',
  'weblogic-server',
  'websphere-server',
  'http-host',
  'http-multiplex',
  'http-ip-header',
  'http-redirect',
  'one-click-gslb-server',
  'outlook-web-access',
  'embedded-ipv4-address',
  'user-agent-detect',
  'client-cert',
  'dns-mapping-ttl',
  'gslb-hostname',
  'gslb-domain-name',
])
const said = (key: string): boolean =>
  understood.has(key) ||
  key.startsWith('ssl-') ||
  key.startsWith('http-') ||
  key.startsWith('h2-') ||
  key.startsWith('quic')

/** Virtual IPs and their groups of one virtual domain. */
export function virtualAddresses(
  scope: ConfigNode,
  addresses: AddressObjects,
  services: (names: readonly string[]) => ServiceMatches,
  notes: Noted,
): VirtualAddresses {
  const kinds = [
    { family: 4, block: 'firewall vip', groups: 'firewall vipgrp' },
    { family: 6, block: 'firewall vip6', groups: 'firewall vipgrp6' },
  ] as const
  const byName = new Map<string, VirtualAddress>()
  const groups = new Map<string, readonly string[]>()
  for (const { family, block, groups: groupBlock } of kinds) {
    for (const entry of entriesOf(scope, block)) {
      if (firstOf(entry, 'status') === 'disable') continue
      byName.set(`${family} ${entry.name}`, virtualAddress(entry, family, addresses, services, notes))
    }
    for (const entry of entriesOf(scope, groupBlock)) groups.set(`${family} ${entry.name}`, valuesOf(entry, 'member'))
  }
  const disabled = new Set(
    kinds.flatMap(({ family, block }) => entriesOf(scope, block).map(({ name }) => `${family} ${name}`)),
  )
  return {
    of(name, family) {
      const id = `${family} ${name}`
      const members = groups.get(id)
      if (members !== undefined) return members.flatMap((member) => byName.get(`${family} ${member}`) ?? [])
      const found = byName.get(id)
      if (found !== undefined) return [found]
      return disabled.has(id) ? [] : undefined
    },
    all: [...byName.values()],
  }
}

function virtualAddress(
  entry: ConfigNode,
  family: 4 | 6,
  addresses: AddressObjects,
  services: (names: readonly string[]) => ServiceMatches,
  notes: Noted,
): VirtualAddress {
  const { name } = entry
  const tag = `virtual IP ${name}`
  const span = entry.statement.span()
  const unknowns: Unknown[] = [...notes.strangers(entry, new Set([...entry.settings.keys()].filter(said)))]
  const type = firstOf(entry, 'type') ?? 'static-nat'
  const place = firstOf(entry, 'extintf')
  const inside = (): Addresses => {
    const filters = valuesOf(entry, 'src-filter')
    const ranges = filters.map(rangeOf)
    if (ranges.every((range) => range !== undefined)) return addressesOf(ranges.filter((range) => range !== undefined))
    return addresses.of(filters, family)
  }
  const to = targetOf(entry, family, type)
  if (to === undefined) {
    unknowns.push({ kind: 'other', what: `where the virtual IP "${name}" leads (its type is ${type})` })
  }
  const extips = valuesOf(entry, 'extip').map(rangeOf)
  const outside: readonly AddressRange[] | undefined = extips.every(
    (range) => range !== undefined && range.family === family && range.last !== 0n,
  )
    ? extips.flatMap((range) => range ?? [])
    : undefined
  const destination: Addresses =
    outside === undefined || outside.length === 0
      ? unknownAddresses(
          { kind: 'place', what: `the outside address of the virtual IP "${name}"` },
          everyAddress(family).sure,
        )
      : addressesOf(outside)
  const base = {
    family,
    destination,
    ...(place !== undefined && place !== 'any' && { in: { names: [place] } }),
    ...(entry.settings.has('src-filter') && { source: inside() }),
    ...(entry.settings.has('srcintf-filter') && { in: { names: valuesOf(entry, 'srcintf-filter') } }),
  }
  const translation = (ports?: NumberRange): Rule['action'] =>
    to === undefined
      ? { kind: 'unknown' }
      : {
          kind: 'translate',
          destination: translationTo(to, ports),
        }
  const made = (match: Rule['match'], ports?: NumberRange, more: readonly Unknown[] = []): Rule => ({
    name: `virtual IP ${name}`,
    span,
    match,
    action: translation(ports),
    unknowns: [...unknowns, ...more],
    sets: tag,
    ...(firstOf(entry, 'comment') !== undefined && { comment: firstOf(entry, 'comment') ?? '' }),
  })
  const forwards = isOn(entry, 'portforward') || type === 'server-load-balance' || type === 'load-balance'
  const reverse =
    !forwards &&
    to?.ranges.length === 1 &&
    to.ranges[0] !== undefined &&
    outside?.length === 1 &&
    outside[0] !== undefined &&
    type === 'static-nat'
      ? { inside: to.ranges[0], outside: outside[0], ...(place !== undefined && place !== 'any' && { out: place }) }
      : undefined
  const rules = forwards
    ? forwarded(entry, base, made, unknowns, notes)
    : entry.settings.has('service')
      ? services(valuesOf(entry, 'service')).map((row) => made({ ...base, ...row.match }, undefined, row.unknowns))
      : [made(base)]
  return { name, family, tag, rules, ...(reverse !== undefined && { reverse }) }
}

function forwarded(
  entry: ConfigNode,
  base: Rule['match'],
  made: (match: Rule['match'], ports?: NumberRange, more?: readonly Unknown[]) => Rule,
  unknowns: Unknown[],
  notes: Noted,
): readonly Rule[] {
  const protocol = { tcp: 6, udp: 17, sctp: 132, icmp: 1 }[
    (firstOf(entry, 'protocol') ?? serverProtocol(firstOf(entry, 'server-type'))).toLowerCase()
  ]
  const protocols = protocol === undefined ? undefined : [{ first: protocol, last: protocol }]
  if (firstOf(entry, 'server-type') === 'ip') return [made(base)]
  if (protocol === 1) return [made({ ...base, protocols: [{ first: 1, last: 1 }] })]
  const lists = (key: string): readonly (NumberRange | undefined)[] =>
    valuesOf(entry, key)
      .flatMap((value) => value.split(','))
      .map(portsOf)
  const outer = lists('extport')
  const inner = lists('mappedport')
  const odd = [...outer, ...inner].some((range) => range === undefined)
  if (odd || outer.length === 0) {
    const setting = entry.settings.get('extport') ?? entry.settings.get('mappedport')
    unknowns.push(
      odd && setting !== undefined
        ? notes.unread(setting.statement, 'its ports are not understood')
        : { kind: 'other', what: `the ports of the virtual IP "${entry.name}"` },
    )
    return [made({ ...base, ...(protocols !== undefined && { protocols }) })]
  }
  return outer.map((ports, at) => {
    const to = inner.length === 0 ? undefined : inner.length === outer.length ? inner[at] : inner[0]
    return made(
      {
        ...base,
        ...(protocols !== undefined && { protocols }),
        ...(ports !== undefined && { destinationPorts: [ports] }),
      },
      to,
    )
  })
}

function serverProtocol(serverType: string | undefined): string {
  return serverType === 'udp' ? 'udp' : 'tcp'
}

interface Target {
  readonly ranges: readonly AddressRange[]
  readonly ports?: NumberRange
}

function translationTo({ ranges, ports: servers }: Target, ports = servers): Translation {
  return { to: ranges, ...(ports !== undefined && { ports }) }
}

/** Where packets are sent: addresses inside, or those of the servers behind a balancer. */
function targetOf(entry: ConfigNode, family: 4 | 6, type: string): Target | undefined {
  if (type === 'static-nat' || type === 'load-balance' || type === 'server-load-balance') {
    const servers = entry.blocks.get('realservers')
    const texts = servers === undefined || servers.entries.size === 0 ? valuesOf(entry, 'mappedip') : []
    const active = [...(servers?.entries.values() ?? [])].filter((server) => firstOf(server, 'status') !== 'disable')
    const ranges = [...texts, ...active.map((server) => firstOf(server, 'ip') ?? '')].map(rangeOf)
    if (ranges.length === 0) return undefined
    const found: AddressRange[] = []
    for (const range of ranges) {
      if (range === undefined || range.family !== family) return undefined
      found.push(range)
    }
    const ports = new Set(active.map((server) => firstOf(server, 'port')))
    const [port] = ports
    const parsed = ports.size === 1 && port !== undefined ? portsOf(port) : undefined
    return { ranges: found, ...(parsed !== undefined && parsed.first !== 0 && { ports: parsed }) }
  }
  return undefined
}
