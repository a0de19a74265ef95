import type { FlowRow, Pair } from '../catalog/index.ts'
import { documentedNameFor, documentedPortsOf, fillPattern, namesOf, parsePattern } from '../catalog/index.ts'
import { canonicalAddress } from '../model/cidr.ts'
import type { FlowTarget } from '../model/flow.ts'
import { unbracketed } from '../model/hostPort.ts'
import type { Service } from '../model/service.ts'
import type { Site } from '../model/site.ts'
import type { End } from './endsOf.ts'
import { endsNamed } from './endsOf.ts'
import { ownServiceOf } from './ownServiceOf.ts'
import { authorityOf, usualPath } from './usualPath.ts'

/** A target, and whether the list that it comes from calls the name optional. */
export interface PlannedTarget {
  readonly target: FlowTarget
  readonly optional: boolean
}

/** Why a target cannot be dialled that stands for all ports: an audit can ask for them. */
export const everyPort = 'stands for every port: left to audit'

/** Everything that one pair (service, transport, port) of a row comes to at one end. */
export function targetsOf(site: Site, row: FlowRow, pair: Pair, from: string, to: End): readonly PlannedTarget[] {
  const base = {
    port: pair.port,
    transport: pair.transport,
    service: pair.service,
    ...(pair.range && { range: pair.range }),
  }
  const required = (target: FlowTarget): PlannedTarget[] => [{ target, optional: false }]
  switch (to.kind) {
    case 'cloud':
      if (to.name === 'azure-datacenter-ips') {
        return required({ ...base, undialled: 'speaks of address ranges: proven by audit only' })
      }
      return cloudTargets(site, row, pair)
    case 'host':
      return hostTargets(site, row, pair, from, to)
    case 'network':
      return required({ ...base, undialled: `${to.name} is a network, not one address` })
    case 'internet':
      return required({ ...base, undialled: 'the internet is not one address' })
    case 'nobody':
      if (pair.sitePort === 'proxy') return proxyTargets(site, pair, from)
      return required({ ...base, undialled: `no host of the site plays ${to.name}` })
    default:
      return to satisfies never
  }
}

function hostTargets(site: Site, row: FlowRow, pair: Pair, from: string, to: End & { kind: 'host' }): PlannedTarget[] {
  if (pair.sitePort === 'proxy') return proxyTargets(site, pair, from)
  const named = row.names === 'ad-fs' ? federationName(site, row) : undefined
  const name = named ?? to.host.name ?? (isDialable(to.name) ? to.name : undefined)
  const base = {
    ...(name !== undefined && { name }),
    transport: pair.transport,
    ...(pair.range && { range: pair.range }),
  }
  const { doors, undialled } = doorsOf(site, pair, from, to)
  if (undialled !== undefined) {
    return [{ target: { ...base, port: null, service: pair.service, undialled }, optional: false }]
  }
  const addresses = to.host.addresses
  return doors.flatMap(({ port, service, path: ownPath }): PlannedTarget[] => {
    const path = ownPath ?? usualPath(site, row, service, name)
    const target = { ...base, port, service, ...(path !== undefined && { path }) }
    return addresses.length === 0
      ? [{ target: { ...target, name: name ?? to.name }, optional: false }]
      : addresses.map((address) => ({ target: { ...target, address }, optional: false }))
  })
}

interface Door {
  readonly port: number | null
  readonly service: Service
  readonly path?: string
}

/** What a published app or a SCIM service may speak: HTTP, in clear or under TLS. */
const webServices: readonly Service[] = ['http', 'https', 'ws', 'wss', 'tls']

/** What a pair knocks at: its own port, or those that the site chose, which its own flows between the same ends tell. */
function doorsOf(
  site: Site,
  pair: Pair,
  from: string,
  to: End & { kind: 'host' },
): { readonly doors: readonly Door[]; readonly undialled?: string } {
  switch (pair.sitePort) {
    case undefined:
    case 'proxy':
      return { doors: [pair] }
    case 'any':
      return { doors: [], undialled: everyPort }
    case 'scim':
    case 'published-app': {
      const doors = ownDoors(site, pair, from, to.name)
      if (doors.length > 0) return { doors }
      // A tenant URL without a port is 443 (row scim-in); an internal URL can be anything.
      if (pair.sitePort === 'scim') return { doors: [{ port: 443, service: pair.service }] }
      return {
        doors,
        undialled: `the port is that of the internal URL: add it under flows:, from ${from} to ${to.name}, with service: http or https`,
      }
    }
    default:
      return pair.sitePort satisfies never
  }
}

/** Where the site's own flows between two ends, by their names or by roles that they play, reach a web service. */
function ownDoors(site: Site, { transport }: Pair, from: string, to: string): readonly Door[] {
  if (transport === 'icmp') return []
  const means = (end: string, machine: string): boolean => endsNamed(site, end).some(({ name }) => name === machine)
  return site.flows
    .filter((own) => !own.forbid && own.transport.includes(transport) && means(own.from, from) && means(own.to, to))
    .flatMap((own) =>
      own.ports.map((port) => ({
        port,
        service: ownServiceOf(own, port, transport),
        ...(own.path !== undefined && { path: own.path }),
      })),
    )
    .filter(({ service }) => webServices.includes(service))
}

/** A key of `hosts` is a DNS name when it has a dot; `connect01` alone may be a mere label of the file. */
function isDialable(key: string): boolean {
  return key.includes('.')
}

function federationName(site: Site, row: FlowRow): string | undefined {
  if (site.federationService === undefined) return undefined
  return row.endpoints.some((pattern) => pattern.startsWith('certauth.')) || row.id === 'adfs-certauth-443'
    ? `certauth.${site.federationService}`
    : site.federationService
}

/** A host behind a proxy knocks at the proxy's own address and port, whatever role the proxy's machine has. */
function proxyTargets(site: Site, pair: Pair, from: string): PlannedTarget[] {
  const proxies = Object.values(site.proxies).filter((proxy) => proxy.usedBy.includes(from))
  if (proxies.length === 0) {
    const undialled = `the site file names no proxy that ${from} uses`
    const { port, transport, service } = pair
    return [{ target: { port, transport, service, undialled }, optional: false }]
  }
  return proxies.map((proxy) => {
    const url = new URL(proxy.url)
    const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
    // An IPv6 address stands in brackets in a URL (RFC 3986 §3.2.2).
    const host = unbracketed(url.hostname)
    const address = canonicalAddress(host)
    return {
      target: {
        ...(address === undefined ? { name: host } : { address }),
        port,
        transport: pair.transport,
        service: pair.service,
      },
      optional: false,
    }
  })
}

function cloudTargets(site: Site, row: FlowRow, pair: Pair): PlannedTarget[] {
  const base = { port: pair.port, transport: pair.transport, service: pair.service }
  const endpoints = namesOf(row, site.cloud).filter(({ ports }) => pair.port !== null && ports.includes(pair.port))
  if (endpoints.length === 0 && row.necessity === 'not-required') {
    // What must be closed towards the cloud names no host: the sign-in host stands for it.
    return [{ target: { name: authorityOf[site.cloud], ...base }, optional: false }]
  }
  if (endpoints.length === 0) {
    const undialled = 'no name to try: Microsoft publishes none for this flow in this cloud'
    return [{ target: { ...base, undialled }, optional: false }]
  }
  return endpoints.map(({ pattern, required }) => {
    const chosen = chooseName(site, row, pattern, pair.port ?? 0)
    if ('undialled' in chosen) return { target: { ...base, pattern, ...chosen }, optional: !required }
    const path = chosen.path ?? usualPath(site, row, pair.service, chosen.name)
    return {
      target: {
        name: chosen.name,
        ...(chosen.nameFrom !== undefined && { pattern, nameFrom: chosen.nameFrom }),
        ...base,
        ...(path !== undefined && { path }),
      },
      optional: !required,
    }
  })
}

type Chosen = { name: string; nameFrom?: string; path?: string } | { undialled: string }

/** The name that a pattern is dialled by: itself, one filled from the site, or one that Microsoft documents under it. */
function chooseName(site: Site, row: FlowRow, pattern: string, port: number): Chosen {
  const parsed = parsePattern(pattern)
  switch (parsed.kind) {
    case 'exact':
      return {
        name: parsed.name,
        ...(parsed.path !== undefined && { path: parsed.path, nameFrom: 'the row names a path' }),
      }
    case 'template': {
      const filled = fillPattern(pattern, siteValues(site))
      return filled === undefined
        ? { undialled: `no name to try: ${unfilledWords(site, parsed.placeholders)}` }
        : { name: filled, nameFrom: 'filled from the site file' }
    }
    case 'wildcard': {
      // Written with a star and meant without: the host itself is what is needed, and most rows name it as well.
      if (parsed.coversBare) return { name: parsed.labels.join('.') }
      const name = documentedNameFor(pattern, site.cloud, port, row.names)
      return name === undefined
        ? { undialled: `no name to try: ${undocumentedWords(site, pattern, port)}` }
        : { name, nameFrom: 'a name that Microsoft documents under this pattern' }
    }
    case 'tag':
      return { undialled: 'speaks of a service tag: proven by audit only' }
    default:
      return parsed satisfies never
  }
}

/** What Microsoft's templates leave to the site. */
function siteValues({ tenant }: Site): Readonly<Record<string, string>> {
  return tenant !== undefined && /^[0-9a-f-]{36}$/i.test(tenant) ? { tenantId: tenant } : {}
}

function unfilledWords({ tenant }: Site, placeholders: readonly string[]): string {
  if (!placeholders.includes('tenantId')) return 'the site file has no key for what this pattern leaves open'
  return tenant === undefined
    ? '{tenantId} is a GUID; give it as tenant: in the site file'
    : `{tenantId} is a GUID, and tenant: in the site file is the name ${tenant}; give the id instead`
}

function undocumentedWords({ cloud }: Site, pattern: string, port: number): string {
  const ports = documentedPortsOf(pattern, cloud)
  return ports.length === 0
    ? 'Microsoft documents none under this pattern'
    : `what Microsoft documents under this pattern is on ${ports.join(' and ')}, nothing on ${port}`
}
