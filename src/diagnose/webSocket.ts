import type { HttpExchange, Observation, WebSocketUpgrade } from '../model/observation.ts'
import { hasBegun, isOwn, ofKind } from './observations.ts'
import type { Match, Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { captureAt, hostOf, listed, placeOf } from './wording.ts'

/** Something on the way that takes the upgrade out of the request. */
export const strippedUpgradeRules: readonly Rule[] = [{ cause: 'upgrade-stripped', match: stripped }]

/** An opening handshake that is never answered: unlike a plain request, it may have been the upgrade. */
export const silentUpgradeRules: readonly Rule[] = [{ cause: 'silent-service', match: silent }]

/** Answers to an opening handshake that open nothing: what was seen decides how much is said. */
export const webSocketRules: readonly Rule[] = [
  { cause: 'not-the-service', match: notWebSocket },
  { cause: 'http-page-on-api', match: page },
  { cause: 'undetermined', match: leftOpen },
]

/** An answer to an opening handshake. */
type Upgraded = HttpExchange & { readonly upgrade: WebSocketUpgrade }

function isUpgraded(exchange: HttpExchange): exchange is Upgraded {
  return exchange.upgrade !== undefined
}

/** The flow's own answers that opened nothing, where none did. What wants a sign-in, or fails by itself, was reached. */
function notSwitched({ exchanges }: Seen): readonly Upgraded[] {
  const answers = exchanges.worked.filter(isUpgraded)
  if (answers.some(({ upgrade }) => upgrade.outcome === 'accepted')) return []
  return answers.filter(
    ({ upgrade, status = 0 }) => upgrade.outcome === 'not-switched' && status !== 401 && status < 500,
  )
}

function isWebSocket({ flow }: Seen): boolean {
  return flow.target.service === 'ws' || flow.target.service === 'wss'
}

function timedOut({ stop }: Seen): readonly HttpExchange[] {
  if (stop?.phase !== 'http') return []
  return stop.failed.every((one) => one.outcome === 'timeout' && !hasBegun(one)) ? stop.failed : []
}

function stripped(seen: Seen): Match | undefined {
  if (!isWebSocket(seen)) return undefined
  const { flow, observations, otherWay } = seen
  const answers = notSwitched(seen)
  const failed = answers.length > 0 ? answers : timedOut(seen)
  const [first] = failed
  if (first === undefined) return undefined
  const place = placeOf(flow)
  const what = answers.length > 0 ? `answers ${first.status}` : 'stays silent'
  const fix = fixOf(seen)
  const elsewhere = ofKind([...observations, ...otherWay], 'http-exchange').filter(
    (one) => !isOwn(one) && one.upgrade?.outcome === 'accepted' && one.url === first.url,
  )
  if (elsewhere.length > 0) {
    const byAddress = elsewhere.every((one) => one.through === first.through && one.address !== first.address)
    return {
      confidence: byAddress ? 'possible' : 'likely',
      says: `${place} ${what} to a WebSocket's opening handshake, and the same opens ${listed(elsewhere.map(wayOf))}`,
      fix,
      alternatives: byAddress ? ['one-bad-node'] : [],
      nextProbe: `send the same upgrade past what stands on this way; ${captureAt(seen.address, flow.target)}`,
      decidedBy: idsOf(failed, elsewhere),
    }
  }
  // Who wants an upgrade has not seen the one that was sent (RFC 9110 §15.5.22), unless it is the version that it minds.
  const wanting = answers.filter(({ status, headers }) => status === 426 && !mindsVersion(headers))
  if (wanting.length === 0) return undefined
  const named = wanting.some(({ headers }) => /\bwebsocket\b/i.test(headers['upgrade'] ?? ''))
  return {
    confidence: named ? 'likely' : 'possible',
    says: `${place} answers 426${named ? ' and wants an upgrade to websocket' : ''}, which is what it was sent: something before it takes the upgrade out of the request`,
    fix,
    alternatives: named ? [] : ['not-the-service'],
    nextProbe: `send the same upgrade to ${hostOf(flow)} from its own network, or read what request its log shows`,
    decidedBy: idsOf(wanting),
  }
}

/** The only version that there is, and that was sent (RFC 6455 §4.4). */
function mindsVersion(headers: HttpExchange['headers']): boolean {
  const versions = headers['sec-websocket-version']
  return versions !== undefined && !/\b13\b/.test(versions)
}

function wayOf({ through, address }: HttpExchange): string {
  return through === undefined ? `at ${address} without a proxy` : `through ${through}`
}

function fixOf({ flow }: Seen): string {
  const name = flow.target.pattern ?? flow.target.name ?? hostOf(flow)
  return flow.direction === 'outbound-internet'
    ? `let the proxy pass Upgrade and Connection for ${name}, or do not inspect it`
    : `let the reverse proxy or load balancer before ${name} pass Upgrade and Connection (nginx: proxy_http_version 1.1 and proxy_set_header Upgrade)`
}

function notWebSocket(seen: Seen): Match | undefined {
  const { exchanges, flow } = seen
  const odd = exchanges.worked.filter(isUpgraded).filter(({ upgrade }) => broken(upgrade))
  const [first] = odd
  if (first !== undefined) {
    const behind = first.upgrade.outcome === 'accepted'
    return {
      confidence: 'likely',
      says: `${placeOf(flow)} answers 101, and ${behind ? 'what follows' : 'that answer'} is no WebSocket: ${first.upgrade.why ?? 'it breaks the protocol'}`,
      fix: `correct the port or the path, or what ${hostOf(flow)} has behind it`,
      alternatives: ['upgrade-stripped'],
      nextProbe: `ask ${hostOf(flow)} itself for the same`,
      decidedBy: idsOf(odd),
    }
  }
  const endless = isWebSocket(seen) ? exchanges.worked.filter(({ upgrade }) => upgrade === undefined) : []
  if (endless.length > 0 && endless.length === exchanges.worked.length) {
    return {
      confidence: 'likely',
      says: `${placeOf(flow)} answers the opening handshake of a WebSocket with more than is read, and does not come to the point`,
      fix: `correct the port or the path, or what ${hostOf(flow)} has behind it`,
      alternatives: ['upgrade-stripped'],
      nextProbe: `ask ${hostOf(flow)} itself for the same`,
      decidedBy: idsOf(endless),
    }
  }
  const plain = notSwitched(seen).filter(({ status = 0, body }) => status < 300 && body.kind !== 'html')
  const [answer] = plain
  if (answer === undefined) return undefined
  return {
    confidence: 'possible',
    says: `${placeOf(flow)} answers ${answer.status} as to a plain request where a WebSocket belongs`,
    fix: `correct the path, or ${fixOf(seen)}`,
    alternatives: ['upgrade-stripped'],
    nextProbe: `ask ${hostOf(flow)} itself for the same`,
    decidedBy: idsOf(plain),
  }
}

function broken({ outcome, heard }: WebSocketUpgrade): boolean {
  return outcome === 'not-websocket' || (outcome === 'accepted' && heard === 'violation')
}

/** A page or a redirect: a portal, a front that knows no WebSocket, or a path that is a page's. */
function page(seen: Seen): Match | undefined {
  const { flow } = seen
  const pages = notSwitched(seen).filter(
    ({ status = 0, body }) => status < 400 && (status >= 300 || body.kind === 'html'),
  )
  const [first] = pages
  if (first === undefined) return undefined
  const title = first.body.title === undefined ? '' : ` "${first.body.title}"`
  const location = first.headers['location']
  return {
    confidence: 'possible',
    says: `${placeOf(flow)} answers ${first.status} with ${location === undefined ? `a web page${title}` : `a redirect to ${location}`} where a WebSocket belongs`,
    fix: `correct the path, or ${fixOf(seen)}`,
    alternatives: ['upgrade-stripped', 'captive-portal', 'not-the-service'],
    nextProbe: `send the same upgrade to ${hostOf(flow)} from another network and compare`,
    decidedBy: idsOf(pages),
  }
}

function silent(seen: Seen): Match | undefined {
  const { flow, handshakes } = seen
  const silence = isWebSocket(seen) ? timedOut(seen) : []
  if (silence.length === 0) return undefined
  return {
    confidence: 'possible',
    says: `${placeOf(flow)} accepts the connection${handshakes.worked.length > 0 ? ' and the TLS handshake' : ''} and never answers the opening handshake of a WebSocket`,
    fix: `look at ${hostOf(flow)}: hung, or waiting for its own backend; else ${fixOf(seen)}`,
    alternatives: ['upgrade-stripped', 'payload-dropped'],
    nextProbe: `ask ${hostOf(flow)} for a plain page: postern check ${flow.target.service === 'ws' ? 'http' : 'https'}://${flow.target.name ?? hostOf(flow)}:${flow.target.port ?? 443}`,
    decidedBy: idsOf(silence, handshakes.worked),
  }
}

/** Reached, and no WebSocket: whose doing that is, nothing shows. */
function leftOpen(seen: Seen): Match | undefined {
  const { exchanges, flow } = seen
  const refusing = notSwitched(seen).filter(({ status = 0 }) => status >= 400)
  const ended: readonly Observation[] = exchanges.worked.filter(({ upgrade }) => upgrade?.heard === 'ended')
  const [first] = refusing
  if (first === undefined && ended.length === 0) return undefined
  const server = first?.headers['server'] ?? first?.headers['via']
  return {
    confidence: 'undetermined',
    says:
      first === undefined
        ? `${placeOf(flow)} opens a WebSocket and ends the connection at the first frame: nothing tells the service from what stands before it`
        : `${placeOf(flow)} answers ${first.status}${server === undefined ? '' : ` (${server})`} to a WebSocket's opening handshake: nothing tells the service from what stands before it`,
    alternatives: first === undefined ? ['payload-dropped', 'silent-service'] : ['upgrade-stripped', 'not-the-service'],
    nextProbe: `send the same upgrade by another way: from another network, or past the proxy`,
    decidedBy: first === undefined ? idsOf(ended) : idsOf(refusing),
  }
}
