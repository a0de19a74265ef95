import type { Flow } from '../model/flow.ts'
import { appPathOf, leadsToOwnApp } from '../model/ownApp.ts'
import type { Scheme } from '../model/service.ts'
import { schemes } from '../model/service.ts'
import type { Site } from '../model/site.ts'
import type { Question } from '../probes/probe.ts'

/** The site's AD domain and the root of its forest, as far as the site file names them. */
export interface Directory {
  readonly domain?: string
  /** Default: the domain. */
  readonly forest?: string
}

/** Why a flow is not asked about, in words that the verdict repeats. */
export interface Unasked {
  readonly limit: 'no-probe-yet'
  readonly detail: string
}

/**
 * The question that proves a flow to one address, or why there is none.
 *
 * A service whose own probe does not exist gets the transport probe over TCP, which proves the port only. UDP proves
 * nothing by silence, a range is never scanned, and ICMP has no port: those are not asked.
 *
 * @param address of the target, or of the proxy that it is reached through
 * @param known the schemes that have a probe, with the transports each can be asked over
 * @param via the proxy, where there is one
 * @param apps own apps of the site file
 */
export function questionOf(
  flow: Flow,
  address: string,
  known: ReadonlyMap<Scheme, readonly ('tcp' | 'udp')[]>,
  directory: Directory,
  via?: Question['via'],
  apps: Site['apps'] = {},
): Question | Unasked {
  const { target } = flow
  const unasked = (detail: string): Unasked => ({ limit: 'no-probe-yet', detail: `no probe yet: ${detail}` })
  if (target.transport === 'icmp') return unasked('ICMP echo needs a raw socket')
  if (target.port === null && target.service === 'rpc') {
    return {
      scheme: 'epm',
      ...(target.name !== undefined && { name: target.name }),
      address,
      port: endpointMapper,
      transport: 'tcp',
    }
  }
  if (target.port === null) {
    return target.range === undefined
      ? unasked('the row names no port')
      : unasked('a range is never scanned; its mapped port is asked of the endpoint mapper')
  }
  const scheme = (schemes as readonly string[]).includes(target.service) ? (target.service as Scheme) : 'tcp'
  const own = known.get(scheme)?.includes(target.transport) === true
  if (via !== undefined && target.name === undefined) return unasked('a proxy is asked by name, and this flow has none')
  if (!own && target.transport === 'udp') return unasked(`${target.service} over UDP: silence would prove nothing`)
  const toApp = own && scheme === 'https' && leadsToOwnApp(flow, apps)
  const path = target.path ?? (toApp ? appPathOf(flow, apps) : undefined)
  return {
    scheme: own ? scheme : 'tcp',
    ...(target.name !== undefined && { name: target.name }),
    address,
    port: target.port,
    transport: target.transport,
    ...(via !== undefined && { via }),
    ...(path !== undefined && !asksOfDomain.has(scheme) && { path }),
    ...(toApp && { signIn: { port: target.plannedPort ?? target.port } }),
    ...(asksOfDomain.has(scheme) && zoneOf(flow, directory)),
    ...(scheme === 'dns' && asksServiceRecords(flow) && { serviceRecords: locatorRecords(directory) }),
  }
}

/** Port 135 names the port of every interface, and the interfaces are what a range of RPC is open for. */
const endpointMapper = 135

/** What cannot be asked without saying of which domain: a name server, a KDC, a domain controller. */
const asksOfDomain: ReadonlySet<Scheme> = new Set(['dns', 'kerberos', 'kpasswd', 'cldap'])

/** The zone that a name server is asked for: that of a TARGET (`dns://server/zone`) before the site's domain. */
function zoneOf({ target }: Flow, { domain }: Directory): { domain?: string } {
  const zone = target.path ?? domain
  return zone === undefined ? {} : { domain: zone }
}

/** Over UDP alone, since one asking is enough; of the site's own name servers alone, since no other has to have them. */
function asksServiceRecords({ target, toRole }: Flow): boolean {
  return target.transport === 'udp' && (toRole === 'dns-server' || toRole === 'domain-controller')
}

/** The records by which members find their domain controllers (MS-ADTS §6.3.2.3); none where the site names no domain. */
export function locatorRecords({ domain, forest = domain }: Directory): readonly string[] {
  if (domain === undefined) return []
  return [`_ldap._tcp.dc._msdcs.${domain}`, `_kerberos._tcp.${domain}`, `_kpasswd._tcp.${domain}`, `_gc._tcp.${forest}`]
}

/** Two flows with the same key need the same answer: the question is put once. */
export function questionKey(question: Question): string {
  const { scheme, name, address, port, transport, path, signIn, domain, serviceRecords = [], via } = question
  const way = via === undefined ? '' : `${via.proxy}:${via.port}`
  const looksFor = signIn?.port ?? ''
  return [
    scheme,
    name ?? '',
    address,
    port,
    transport,
    path ?? '',
    domain ?? '',
    serviceRecords.length,
    way,
    looksFor,
  ].join('|')
}
