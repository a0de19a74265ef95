import type { Flow } from '../model/flow.ts'
import type { HttpExchange } from '../model/observation.ts'
import { protocolOfBanner } from '../wire/banner.ts'
import { areUnrelated } from './names.ts'
import type { Match, Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { captureAt, duration, hostOf, listed, placeOf, serviceOf } from './wording.ts'

/** Causes that lie in what is spoken once the path stands. */
export const protocolRules: readonly Rule[] = [
  { cause: 'not-the-service', match: notTheService },
  { cause: 'not-the-service', match: neverToThePoint },
  { cause: 'http-page-on-api', match: pageOnApi },
  { cause: 'silent-service', match: silentService },
]

function notTheService(seen: Seen): Match | undefined {
  const { stop, flow, plainExchanges } = seen
  const place = placeOf(flow)
  const wanted = serviceOf(flow.target)
  if (stop?.phase === 'tls' || stop?.phase === 'http') {
    const odd = stop.failed.filter(({ outcome }) => outcome === 'not-tls' || outcome === 'not-http')
    if (odd.length === 0 || odd.length < stop.failed.length) return stop.phase === 'http' ? tlsInstead(seen) : undefined
    const octets = odd.find(({ firstOctets }) => firstOctets !== undefined)?.firstOctets ?? ''
    const protocol =
      octets.startsWith('\\x15\\x03') || octets.startsWith('\\x16\\x03')
        ? 'TLS'
        : (protocolOfBanner(octets) ?? (plainExchanges.length > 0 ? 'HTTP' : undefined))
    const title = plainExchanges.find(({ body }) => body.title !== undefined)?.body.title
    return {
      confidence: 'certain',
      says: `${place} speaks ${protocol ?? 'something else'} where ${wanted} belongs${octets === '' ? '' : `: "${firstLine(octets)}"`}${title === undefined ? '' : `, page "${title}"`}`,
      fix: fixOf(flow),
      alternatives: ['wrong-target-dnat'],
      nextProbe: `ask ${hostOf(flow)} itself what listens there`,
      decidedBy: idsOf(odd, plainExchanges),
    }
  }
  return tlsInstead(seen)
}

/** What sends headers, or interim answers, without end speaks HTTP of a kind, and is nobody's service. */
function neverToThePoint({ stop, flow }: Seen): Match | undefined {
  if (stop?.phase !== 'http') return undefined
  const endless = stop.failed.filter(({ outcome }) => outcome === 'too-large')
  if (endless.length === 0 || endless.length < stop.failed.length) return undefined
  return {
    confidence: 'likely',
    says: `${placeOf(flow)} speaks HTTP and never comes to an answer: headers without end`,
    fix: fixOf(flow),
    alternatives: ['wrong-target-dnat'],
    nextProbe: `ask ${hostOf(flow)} itself what listens there`,
    decidedBy: idsOf(endless),
  }
}

/** How web servers say, in the title of their page, that a plain request reached their TLS port. */
const misledTitle = /plain HTTP|HTTPS port|HTTPS server|SSL-enabled|requires TLS/i

/**
 * TLS where plain HTTP belongs: some servers say so in a page, most answer 400 or end the connection. Whatever they say,
 * the same port speaks TLS.
 */
function tlsInstead({ stop, flow, exchanges, otherServerNames }: Seen): Match | undefined {
  const plain = exchanges.worked.filter(({ url, status }) => url.startsWith('http:') && status === 400)
  const ended = stop?.phase === 'http' && exchanges.worked.length === 0 ? stop.failed.filter(isPlain) : []
  const said = plain.filter(({ body }) => misledTitle.test(body.title ?? ''))
  const spoke = otherServerNames.filter(({ outcome }) => outcome === 'established' || outcome === 'alert')
  if (said.length === 0 && (spoke.length === 0 || plain.length + ended.length === 0)) return undefined
  const [page] = said
  const how =
    page === undefined
      ? `a plain request is ${plain.length > 0 ? 'refused (400)' : `ended (${listed(ended.map(({ outcome }) => outcome))})`}, a ClientHello answered`
      : `400, page "${page.body.title}"`
  return {
    confidence: page === undefined ? 'likely' : 'certain',
    says: `${placeOf(flow)} speaks TLS where plain HTTP belongs: ${how}`,
    fix: fixOf(flow),
    alternatives: page === undefined ? ['silent-service'] : [],
    ...(page === undefined && { nextProbe: `ask ${hostOf(flow)} itself what listens there` }),
    decidedBy: idsOf(said.length > 0 ? said : [...plain, ...ended], spoke),
  }
}

function isPlain({ url }: HttpExchange): boolean {
  return url.startsWith('http:')
}

function fixOf(flow: Flow): string {
  return `correct the port, or the protocol that ${hostOf(flow)} speaks on ${flow.target.port ?? 'it'}`
}

/** The first line of octets in the notation of the observation. */
function firstLine(octets: string): string {
  return octets.split(/\\x0[AD]/)[0] ?? ''
}

/** Paths under which a machine-readable document is published: OpenID metadata and keys, federation metadata. */
export function expectedDocument({ url }: HttpExchange): 'json' | 'xml' | undefined {
  const path = URL.canParse(url) ? new URL(url).pathname.toLowerCase() : ''
  if (/\/(openid-configuration|keys|jwks(\.json)?)$/.test(path)) return 'json'
  return path.endsWith('/federationmetadata.xml') ? 'xml' : undefined
}

function pageOnApi({ exchanges, flow }: Seen): Match | undefined {
  // An error page is what a server says of itself: the document is not there, and nobody stands in for it.
  const pages = exchanges.worked.filter(
    (one) => expectedDocument(one) !== undefined && one.body.kind === 'html' && (one.status ?? 0) < 400,
  )
  const [first] = pages
  if (first === undefined) return undefined
  const document = expectedDocument(first)
  const title = first.body.title === undefined ? '' : ` "${first.body.title}"`
  const location = first.headers['location']
  const away =
    location !== undefined &&
    URL.canParse(location) &&
    URL.canParse(first.url) &&
    areUnrelated(new URL(location).hostname, new URL(first.url).hostname)
  return {
    confidence: 'likely',
    says: `${flow.target.name ?? hostOf(flow)} answers with a web page${title} (${first.status}) where a ${document === 'json' ? 'JSON' : 'metadata'} document belongs${away ? `, and sends on to ${new URL(location).hostname}` : ''}`,
    fix: `allow ${flow.target.pattern ?? flow.target.name ?? hostOf(flow)} in the web filter, or correct the path`,
    alternatives: ['captive-portal', 'wrong-target-dnat'],
    nextProbe: `fetch ${first.url} from another network and compare`,
    decidedBy: idsOf(pages),
  }
}

function waitedMs(silent: readonly { readonly ms: number }[]): number {
  return Math.max(...silent.map(({ ms }) => ms))
}

function silentService(seen: Seen): Match | undefined {
  const { stop, flow, address, otherServerNames, controlExchanges, furthest, peers } = seen
  const place = placeOf(flow)
  const fix = `look at ${serviceOf(flow.target)} on ${hostOf(flow)}: hung, overloaded, or waiting for its own backend`
  if (stop?.phase === 'http') {
    const silent = stop.failed.filter(({ outcome }) => outcome === 'timeout')
    if (silent.length === 0 || silent.length < stop.failed.length) return undefined
    const answering = controlExchanges.filter(({ varies }) => varies === 'path')
    const shaken = furthest === 'tls'
    return {
      confidence: answering.length > 0 || shaken ? 'likely' : 'possible',
      says: `${place} accepts the connection${shaken ? ' and the TLS handshake' : ''} and leaves a valid request unanswered for ${duration(waitedMs(silent))}${answering.length > 0 ? `; ${listed(answering.map(({ url }) => url))} is answered` : ''}`,
      fix,
      alternatives: shaken ? [] : ['payload-dropped'],
      nextProbe: `ask ${hostOf(flow)} itself for the same`,
      decidedBy: idsOf(silent, answering, shaken ? seen.handshakes.worked : []),
    }
  }
  if (stop?.phase !== 'tls') return undefined
  const silent = stop.failed.filter(({ outcome, bytesIn }) => outcome === 'timeout' && bytesIn === 0)
  if (silent.length === 0 || silent.length < stop.failed.length) return undefined
  const alsoSilent = otherServerNames.filter(({ outcome }) => outcome === 'timeout')
  // The same host carries payload on another port: then neither packet size nor route keeps this one silent.
  const carried = peers.filter(
    (peer) => peer.through === undefined && peer.address === address && peer.port !== flow.target.port,
  )
  if (alsoSilent.length < otherServerNames.length || carried.length === 0) return undefined
  const anyName = alsoSilent.length > 0
  if (!anyName && silent.length === 1) return undefined
  return {
    confidence: 'possible',
    says: `${place} accepts the connection and leaves the ClientHello unanswered for ${duration(waitedMs(silent))}${anyName ? ', whatever the name' : ''}; ${listed(carried.map(({ port }) => String(port)))} on the same host answers`,
    fix,
    alternatives: ['payload-dropped', 'not-the-service', ...(anyName ? [] : (['sni-filter'] as const))],
    nextProbe: captureAt(address, flow.target),
    decidedBy: idsOf(silent, alsoSilent, carried),
  }
}
