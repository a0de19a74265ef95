import type { Flow } from '../model/flow.ts'
import type { HttpExchange, TlsHandshake } from '../model/observation.ts'
import { protocolOfBanner } from '../wire/banner.ts'
import { areUnrelated } from './names.ts'
import { hasBegun } from './observations.ts'
import { octetsWords } from './octetsWords.ts'
import type { Match, Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { captureAt, duration, hostOf, listed, placeOf, serviceOf } from './wording.ts'

/** Causes that lie in what is spoken once the path stands. */
export const protocolRules: readonly Rule[] = [
  { cause: 'not-the-service', match: notTheService },
  { cause: 'not-the-service', needs: 'failure', match: neverToThePoint },
  { cause: 'undetermined', needs: 'failure', match: unfinishedAnswer },
  { cause: 'http-page-on-api', needs: 'http-exchange', match: pageOnApi },
  { cause: 'silent-service', needs: 'failure', match: silentService },
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
    if (stop.phase === 'http' && protocol === 'HTTP') return unreadable(seen, odd, octets)
    if (stop.phase === 'tls' && protocol === undefined && odd.every(({ bytesIn = 0 }) => bytesIn < shortestRecord)) {
      return fewOctets(seen, odd)
    }
    return {
      confidence: 'certain',
      says: `${place} speaks ${protocol ?? 'something else'} where ${wanted} belongs${octets === '' ? '' : `: ${octetsWords(octets)}`}${title === undefined ? '' : `, page "${title}"`}`,
      fix: fixOf(flow),
      alternatives: ['wrong-target-dnat'],
      nextProbe: `ask ${hostOf(flow)} itself what listens there`,
      decidedBy: idsOf(odd, plainExchanges),
    }
  }
  return tlsInstead(seen)
}

/** A status line without a status: it is HTTP, of a kind that no client reads. */
function unreadable({ flow }: Seen, odd: readonly { readonly id: string }[], octets: string): Match {
  return {
    confidence: 'likely',
    says: `${placeOf(flow)} speaks HTTP, and its answer begins with no status that a client reads: ${octetsWords(octets)}`,
    fix: `look at what serves ${placeOf(flow)}, and at what rewrites its answers on the way`,
    alternatives: ['wrong-target-dnat'],
    nextProbe: `put the same request on ${hostOf(flow)} itself`,
    decidedBy: idsOf(odd),
  }
}

/** The header of a TLS record, and the first octet of what it holds (RFC 8446 §5.1). */
const shortestRecord = 6

/** So little came that it shows what is not spoken, and not what is. */
function fewOctets({ flow }: Seen, odd: readonly (HttpExchange | TlsHandshake)[]): Match {
  const most = Math.max(...odd.map(({ bytesIn = 0 }) => bytesIn))
  const octets = odd.find(({ bytesIn }) => bytesIn === most)?.firstOctets ?? ''
  return {
    confidence: 'likely',
    says: `${placeOf(flow)} answers the ClientHello with no TLS, and with too little to tell with what: ${counted(most)} in ${duration(waitedMs(odd))}${octets === '' ? '' : ` (${octetsWords(octets)})`}`,
    fix: fixOf(flow),
    alternatives: ['wrong-target-dnat', 'silent-service'],
    nextProbe: `ask ${hostOf(flow)} itself what listens there`,
    decidedBy: idsOf(odd),
  }
}

/** An answer that began is no silence, and one that was not whole no other service: who or what holds it up is open. */
function unfinishedAnswer({ stop, flow }: Seen): Match | undefined {
  if (stop?.phase !== 'http') return undefined
  const begun = stop.failed.filter(hasBegun)
  if (begun.length === 0) return undefined
  const [most, ...others] = begun.toSorted((a, b) => (b.bytesIn ?? 0) - (a.bytesIn ?? 0))
  if (most === undefined) return undefined
  const { outcome, status, bytesIn = 0 } = most
  const how =
    outcome === 'timeout' ? `in ${duration(most.ms)}` : `before the connection ended (${most.code ?? outcome})`
  return {
    confidence: 'undetermined',
    says: `${placeOf(flow)} began its answer and did not finish it: ${counted(bytesIn)} ${how}${status === undefined ? '' : `, status ${status}`}${others.length > 0 ? `, ${begun.length} times` : ''}`,
    alternatives: ['saturation', 'payload-dropped', 'pmtu-black-hole', 'lossy-path', 'not-the-service'],
    nextProbe: `put the same request on ${hostOf(flow)} itself, and run this again with a longer --timeout`,
    decidedBy: idsOf(stop.failed),
  }
}

function counted(octets: number): string {
  return `${octets} ${octets === 1 ? 'octet' : 'octets'}`
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
  return `correct the port, the protocol that ${hostOf(flow)} speaks on ${flow.target.port ?? 'it'}, or the translation (NAT) that leads there`
}

/** Paths under which a machine-readable document is published: OpenID metadata and keys, federation metadata. */
export function expectedDocument({ url }: HttpExchange): 'json' | 'xml' | undefined {
  const path = URL.canParse(url) ? new URL(url).pathname.toLowerCase() : ''
  if (/\/(openid-configuration|keys|jwks(\.json)?)$/.test(path)) return 'json'
  return path.endsWith('/federationmetadata.xml') ? 'xml' : undefined
}

/**
 * Whether an answer sends whoever asks to the address that was asked, as a server does that does not know by which scheme
 * it is reached: the small page which comes with that is the server's own.
 */
export function leadsToItself({ url, status = 0, headers }: HttpExchange): boolean {
  const location = headers['location']
  if (status < 300 || status > 399 || location === undefined || !URL.canParse(location, url)) return false
  const [asked, next] = [new URL(url), new URL(location, url)]
  return asked.origin === next.origin && asked.pathname === next.pathname && asked.search === next.search
}

function pageOnApi({ exchanges, flow }: Seen): Match | undefined {
  // An error page is what a server says of itself: the document is not there, and nobody stands in for it.
  const pages = exchanges.worked.filter(
    (one) =>
      expectedDocument(one) !== undefined && one.body.kind === 'html' && (one.status ?? 0) < 400 && !leadsToItself(one),
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
    fix:
      flow.direction === 'outbound-internet'
        ? `allow ${flow.target.pattern ?? flow.target.name ?? hostOf(flow)} in the web filter, or correct the path`
        : `look at what ${hostOf(flow)} hands ${flow.target.name ?? 'its requests'} on to, or correct the path`,
    alternatives: ['captive-portal', 'wrong-target-dnat'],
    nextProbe: `fetch ${first.url} from another network and compare`,
    decidedBy: idsOf(pages),
  }
}

function waitedMs(silent: readonly { readonly ms: number }[]): number {
  return Math.max(...silent.map(({ ms }) => ms))
}

/** What other flows were answered at the same place, in the same check. */
export function answeredBeside(
  { controlExchanges, address }: Seen,
  failed: readonly HttpExchange[],
): readonly HttpExchange[] {
  const origins = new Set(failed.map(({ url }) => originOf(url)))
  return controlExchanges.filter(
    (one) => one.role === 'context' && one.address === address && origins.has(originOf(one.url)),
  )
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : url
}

function silentService(seen: Seen): Match | undefined {
  const { stop, flow, address, otherServerNames, controlExchanges, furthest, peers } = seen
  const place = placeOf(flow)
  const fix = `look at ${serviceOf(flow.target)} on ${hostOf(flow)}: hung, overloaded, or waiting for its own backend`
  if (stop?.phase === 'http') {
    const silent = stop.failed.filter(({ outcome }) => outcome === 'timeout')
    if (silent.length === 0 || silent.length < stop.failed.length) return undefined
    // Who answers others at the same time is busy, or hangs at this path alone: that is left open.
    if (answeredBeside(seen, silent).length > 0) return undefined
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
