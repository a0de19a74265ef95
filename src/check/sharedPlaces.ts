import { siteOfRecords } from '../diagnose/serviceRecords.ts'
import type { CauseCode } from '../model/cause.ts'
import type { Observation } from '../model/observation.ts'
import { isTunnel } from '../model/observation.ts'
import type { FlowReport } from '../model/report.ts'

/**
 * Where a cause lies that is not each target's own: the one thing that all flows which meet it have in common, such as
 * a resolver, a proxy, a portal, or this machine.
 *
 * @param flows every flow of the check: what others got through tells whether a trouble is all of a proxy's
 * @returns the place in words, or undefined where the target itself is the place
 */
export function sharedPlaces(flows: readonly FlowReport[]): (flow: FlowReport) => string | undefined {
  const serving = servingProxies(flows)
  return (flow) => {
    if (flow.cause === undefined) return undefined
    if (flow.via !== undefined && ownTroubles.has(flow.cause)) {
      return serving.has(flow.via) ? undefined : proxyOf(flow)
    }
    return places[flow.cause]?.(flow)
  }
}

const places: Readonly<Partial<Record<CauseCode, (flow: FlowReport) => string | undefined>>> = Object.freeze({
  'no-local-network': thisMachine,
  'clock-wrong': thisMachine,
  'proxy-required': thisMachine,
  'tool-limit': limitOf,
  'resolver-unreachable': resolverOf,
  'forwarding-fails': resolverOf,
  'resolver-slow': resolverOf,
  'dns-tcp-blocked': resolverOf,
  'dns-tampered': resolverOf,
  'srv-incomplete': directorySiteOf,
  'admin-prohibited': dialledProxyOf,
  'proxy-dead': proxyOf,
  'proxy-auth': proxyOf,
  'captive-portal': portalOf,
  'http-page-on-api': answeringProxyOf,
  'interception-trusted': inspectorOf,
  'interception-untrusted': inspectorOf,
  'interception-partial': inspectorOf,
  'revocation-unreachable': revocationHostOf,
  'crl-stale': revocationHostOf,
  'clock-skew': clockOf,
  'wrong-domain': hostOf,
  'dc-not-ready': hostOf,
  'not-a-gc': hostOf,
  // Every controller that is asked tells the same of the address that the machine has.
  'wrong-site': thisMachine,
  'stale-record': hostBySayingOf,
})

/** What a proxy may meet at one name, or at all of them: then it is the proxy's own trouble. */
const ownTroubles: ReadonlySet<CauseCode> = new Set(['proxy-dns', 'proxy-unreachable-target'])

/** Proxies that found the way to a name for somebody: what they do not find is a matter of that name. */
function servingProxies(flows: readonly FlowReport[]): ReadonlySet<string> {
  return new Set(
    flows.flatMap(({ via, target, verdict, evidence }) => {
      if (via === undefined || target.name === undefined) return []
      const isServed = verdict === 'open' || verdict === 'degraded' || evidence.some(isTunnelTo(via))
      return isServed ? [via] : []
    }),
  )
}

const isTunnelTo =
  (via: string) =>
  (seen: Observation): boolean =>
    seen.kind === 'http-exchange' && seen.through === via && isTunnel(seen)

/** The evidence that decided, in the order in which it was seen. */
function deciding({ evidence, decidedBy }: FlowReport): readonly Observation[] {
  return evidence.filter(({ id }) => decidedBy.includes(id))
}

function thisMachine({ from }: FlowReport): string {
  return from
}

/** This machine, and which limit of it: one that is to be raised is raised for all. */
function limitOf(flow: FlowReport): string | undefined {
  const [seen] = deciding(flow)
  if (seen === undefined) return undefined
  const why = 'code' in seen ? seen.code : 'detail' in seen ? seen.detail : undefined
  return why === undefined ? flow.from : `${flow.from} (${why})`
}

/** The resolver that decided: a comparison with another one is no word against that. */
function resolverOf(flow: FlowReport): string | undefined {
  const asked = deciding(flow).find(
    (seen) => seen.kind === 'name-lookup' && (seen.role === 'probe' || seen.role === 'repeat'),
  )
  if (asked?.kind !== 'name-lookup') return undefined
  return asked.resolver === 'system' ? "the platform's resolution" : `resolver ${asked.resolver}`
}

/** The site of the directory, where it is its records alone that are incomplete: every server has the same zone. */
function directorySiteOf(flow: FlowReport): string | undefined {
  const sets = deciding(flow).flatMap((seen) => (seen.kind === 'name-lookup' && seen.type === 'SRV' ? [seen.name] : []))
  const sites = sets.map(siteOfRecords)
  return sites[0] === undefined || sites.includes(undefined) ? undefined : `site ${sites[0]}`
}

/** Without a proxy of the site, one that nobody named answers on the path. */
function proxyOf({ via }: FlowReport): string {
  return via === undefined ? 'proxy on the path' : `proxy ${via}`
}

/** The proxy, where the connection to it decided and not one to a target. */
function dialledProxyOf(flow: FlowReport): string | undefined {
  return deciding(flow).some((seen) => seen.kind === 'tcp-connect' && seen.proxy !== undefined)
    ? proxyOf(flow)
    : undefined
}

/** The proxy, where it speaks by itself in the tunnel, in the place of TLS. */
function answeringProxyOf(flow: FlowReport): string | undefined {
  const inTunnel = deciding(flow).some(
    (seen) => seen.kind === 'tls-handshake' && seen.through !== undefined && seen.outcome === 'not-tls',
  )
  return inTunnel ? proxyOf(flow) : undefined
}

/** Where the portal sends everybody; else the proxy, if it is met there, or the page that everybody sees. */
function portalOf(flow: FlowReport): string {
  const pages = deciding(flow).filter((seen) => seen.kind === 'http-exchange')
  for (const { headers } of pages) {
    const location = headers['location']
    if (location !== undefined && URL.canParse(location)) return `portal ${new URL(location).hostname}`
  }
  if (flow.via !== undefined) return proxyOf(flow)
  const title = pages.find(({ body }) => (body.title ?? '') !== '')?.body.title
  return title === undefined ? `portal before ${flow.from}` : `portal "${title}"`
}

function inspectorOf({ learnt }: FlowReport): string | undefined {
  const issuer = learnt['certificateIssuer']
  return typeof issuer === 'string' ? `inspector "${issuer}"` : undefined
}

/** The first host that was asked in vain: the certificates of one authority all name the same. */
function revocationHostOf(flow: FlowReport): string | undefined {
  for (const seen of deciding(flow)) {
    if (seen.kind !== 'revocation-check' || seen.url === undefined || !URL.canParse(seen.url)) continue
    return `revocation host ${new URL(seen.url).host}`
  }
  return undefined
}

/** The host, by every port of which the same is met. */
function hostOf({ to, target: { name, address } }: FlowReport): string {
  const host = name ?? to
  return address === undefined || address === host ? host : `${host} (${address})`
}

function clockOf(flow: FlowReport): string {
  return `clock of ${hostOf(flow)}`
}

/** The host, where it calls itself otherwise by its own word; a certificate is that of one port. */
function hostBySayingOf(flow: FlowReport): string | undefined {
  const isSaid = deciding(flow).some(
    (seen) => (seen.kind === 'service-exchange' || seen.kind === 'udp-exchange') && seen.answer !== undefined,
  )
  return isSaid ? hostOf(flow) : undefined
}
