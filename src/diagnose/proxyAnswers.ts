import type { HttpExchange } from '../model/observation.ts'
import { isTunnel } from '../model/observation.ts'
import { parseChallenges } from '../wire/challenges.ts'
import type { Seen } from './seen.ts'

/** Something that a proxy was asked for: a tunnel (RFC 9110 §9.3.6), or a whole URL of plain HTTP (RFC 9112 §3.2.2). */
export interface Wish {
  /** The observation of it. */
  readonly id: string
  readonly exchange: HttpExchange
  readonly host: string
  readonly port: string
  /** `host:port`, as the proxy was asked. */
  readonly authority: string
}

/**
 * The answers by which the proxy of the flow refused it, all of them: a flow that was let through once was not refused.
 * An answer to plain HTTP is the server's, unless the proxy's own mark is on it.
 */
export function refusalsOf({ stop, flow, exchanges }: Seen): readonly Wish[] {
  if (stop?.phase === 'tunnel') {
    return stop.failed.filter(({ outcome, status }) => outcome === 'response' && status !== undefined).map(wishOf)
  }
  const plain = exchanges.worked.filter((one) => isPlainWish(one, flow.via))
  return plain.length > 0 && plain.every(isOfProxyItself) ? plain.map(wishOf) : []
}

/** Wishes to the proxy of the flow that came to no answer which HTTP would know. */
export function unansweredBy({ stop, flow }: Seen): readonly HttpExchange[] {
  if (stop?.phase === 'tunnel') return stop.failed
  return stop?.phase === 'http' ? stop.failed.filter((one) => isPlainWish(one, flow.via)) : []
}

/** What the same proxy granted of other wishes, which were put in the same way as the flow's own. */
export function grantedBeside(seen: Seen): readonly Wish[] {
  return besideOf(seen).filter(({ exchange }) =>
    exchange.method === 'CONNECT' ? isTunnel(exchange) : !isOfProxyItself(exchange) && (exchange.status ?? 500) < 500,
  )
}

/** What the same proxy denied of other wishes. */
export function deniedBeside(seen: Seen): readonly Wish[] {
  return besideOf(seen).filter(({ exchange }) => isDenial(exchange))
}

function besideOf({ flow, otherTunnels, controlExchanges }: Seen): readonly Wish[] {
  const others =
    flow.target.service === 'http' ? controlExchanges.filter((one) => isPlainWish(one, flow.via)) : otherTunnels
  return others.map(wishOf)
}

function isPlainWish({ method, through, url }: HttpExchange, via: string | undefined): boolean {
  return method !== 'CONNECT' && through !== undefined && through === via && url.startsWith('http://')
}

function wishOf(exchange: HttpExchange): Wish {
  const { id, url, method } = exchange
  if (method === 'CONNECT' || !URL.canParse(url)) {
    const colon = url.lastIndexOf(':')
    return { id, exchange, host: url.slice(0, colon), port: url.slice(colon + 1), authority: url }
  }
  const { hostname, port } = new URL(url)
  return { id, exchange, host: hostname, port: port || '80', authority: `${hostname}:${port || '80'}` }
}

/** Squid writes its own errors into a field of their own, RFC 9209 has one for all; two codes only a proxy gives. */
export function isOfProxyItself({ headers, status }: HttpExchange): boolean {
  if (status === 407 || status === 511 || headers['x-squid-error'] !== undefined) return true
  return errorWordOf(headers['proxy-status']) !== undefined
}

/** 403, what other proxies say for it, and a page that a refused client is sent to. A server of another kind says 405. */
export function isDenial(exchange: HttpExchange): boolean {
  const { status = 0, headers } = exchange
  if (status === 403 || status === 451 || (status >= 300 && status < 400)) return true
  if (headers['x-squid-error']?.startsWith('ERR_ACCESS_DENIED') === true) return true
  return deniedWords.has(errorWordOf(headers['proxy-status']) ?? '')
}

/** Error types of RFC 9209 §2.3 by which a proxy says that it does not want to. */
const deniedWords: ReadonlySet<string> = new Set(['http_request_denied', 'destination_ip_prohibited'])

/**
 * How a proxy says that its own resolver failed: in a field that is made for it (`stated`), or in the title of a page, which
 * is prose (`told`). Squid 5 that gets no address writes only that it cannot forward a tunnel, as it does where its own
 * upstream proxies are gone, and calls plain HTTP a read error without an error number (`implied`).
 */
export function dnsTroubleIn({ headers, body }: HttpExchange): 'stated' | 'told' | 'implied' | undefined {
  if (headers['x-squid-error']?.startsWith('ERR_DNS') === true) return 'stated'
  if (/^ERR_CANNOT_FORWARD\b|^ERR_READ_ERROR 0$/.test(headers['x-squid-error'] ?? '')) return 'implied'
  const word = errorWordOf(headers['proxy-status'])
  if (word === 'dns_timeout' || word === 'dns_error') return 'stated'
  return dnsTitles.test(body.title ?? '') ? 'told' : undefined
}

/** A title that only mentions DNS may be the name of a product, or of the company. */
const dnsTitles =
  /\bdns_(?:unresolved|server|timeout|error|lookup)|\bDNS\b.{0,24}\b(?:fail|error|time-?out|not found)|\b(?:cannot|could not|unable to|failed to) (?:be )?resolve|\bhost ?name .{0,24}not (?:be )?(?:found|resolved)/i

/** What the proxy says of a refusal: its status, and its own word for it where it gives one. */
export function reasonOf(exchange: HttpExchange | undefined): string {
  if (exchange === undefined) return 'no answer'
  const { status, headers, body } = exchange
  const { location } = headers
  if (status !== undefined && status >= 300 && status < 400 && location !== undefined) return `${status} to ${location}`
  const word = headers['x-squid-error']?.split(' ')[0] ?? errorWordOf(headers['proxy-status']) ?? body.title
  return word === undefined || word === '' ? String(status) : `${status}, ${word}`
}

/** Ways to say who asks that the proxy offers, each once. */
export function schemesOffered({ headers }: HttpExchange): readonly string[] {
  return [...new Set(parseChallenges(headers['proxy-authenticate'] ?? '').map(({ scheme }) => scheme))]
}

/** `error=dns_timeout` of `Proxy-Status: proxy.example; error=dns_timeout` (RFC 9209 §2.1.1). */
function errorWordOf(proxyStatus: string | undefined): string | undefined {
  return /;\s*error="?([a-z_]+)/.exec(proxyStatus ?? '')?.[1]
}
