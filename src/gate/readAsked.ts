import { networkOf } from '../model/networkOf.ts'
import type { ListenedConnection, ListenedRequest } from '../net/listened.ts'
import type { ToldClient } from '../wire/forwarded.ts'
import type { TargetReason } from '../wire/requestTarget.ts'
import { readRequestTarget, targetReasons } from '../wire/requestTarget.ts'
import type { Asked, HeaderFields } from './exchange.ts'

/** Why a request is not read at all: it has more than one meaning, or is for somebody else. */
export const requestReasons = {
  'host-missing': 'the request names no host, or several',
  'host-not-served': 'the gate has no such host',
  'header-twice': 'a header field that may stand once stands several times',
  'method-unknown': 'the method is none that the gate lets pass',
  'forwarded-unreadable': 'a proxy before the gate tells of the client in a way that cannot be read',
} as const satisfies Readonly<Record<string, string>>
export type RequestReason = keyof typeof requestReasons | TargetReason

/** What is wrong with a request that is refused for a reason. */
export function saysOf(reason: RequestReason): string {
  return { ...requestReasons, ...targetReasons }[reason]
}

export type ReadAsked =
  | { readonly ok: true; readonly asked: Asked }
  | {
      readonly ok: false
      readonly reason: RequestReason
      readonly status: 400 | 421 | 501
      /** Whose requests it counts among. */
      readonly sender: string
    }

export interface AskedTools {
  /** `host` or `host:port` as clients write them in Host, in lower case. */
  readonly served: ReadonlySet<string>
  /** Of the client: the peer's, or the one that a listed proxy tells. */
  readonly clientOf: (peer: string, headers: HeaderFields) => ToldClient
  /** 32 hexadecimal digits. */
  readonly traceId: () => string
  /** The trace that a listed proxy says the request is part of; nobody else is believed. */
  readonly toldTrace?: (peer: string, headers: HeaderFields) => Pick<Asked, 'traceId' | 'parentSpan'> | undefined
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** What tells who asks, for whom and of what size: with two of one, two readers would take one each. */
const once = new Set([
  'authorization',
  'content-length',
  'content-type',
  'host',
  'origin',
  'sec-websocket-key',
  'upgrade',
])

function hasOneTwice(headers: HeaderFields): boolean {
  const seen = new Set<string>()
  for (const [name] of headers) {
    if (!once.has(name)) continue
    if (seen.has(name)) return true
    seen.add(name)
  }
  return false
}

/** CONNECT is for proxies, and TRACE gives a page what it may not read (RFC 9110 §9.3.6 and §9.3.8). */
const notForwarded = new Set(['CONNECT', 'TRACE', 'TRACK'])

/** Reads a request in the one form that is judged and forwarded, or says why there is none. */
export function readAsked(request: ListenedRequest, connection: ListenedConnection, tools: AskedTools): ReadAsked {
  const headers = headersOf(request.rawHeaders)
  const host = hostIn(request, headers)
  const client = tools.clientOf(connection.address, headers)
  // Through a proxy anybody can send rubbish, which must not use up what the proxy itself may ask, such as for health.
  const sender = client.by === 'unreadable' ? `unreadable ${networkOf(connection.address)}` : networkOf(client.address)
  const refused = (reason: RequestReason, status: 400 | 421 | 501 = 400): ReadAsked => ({
    ok: false,
    reason,
    status,
    sender,
  })
  if (host === undefined) return refused('host-missing')
  if (!tools.served.has(host)) return refused('host-not-served', 421)
  if (hasOneTwice(headers)) return refused('header-twice')
  const method = request.method ?? ''
  if (!/^[A-Z][A-Z-]{0,30}$/.test(method) || notForwarded.has(method)) return refused('method-unknown', 501)
  const read = readRequestTarget(request.url ?? '')
  if (!read.ok) return refused(read.reason)
  // Taken for the proxy's own, whoever sends rubbish would come from its network.
  if (client.by === 'unreadable') return refused('forwarded-unreadable')
  return {
    ok: true,
    asked: {
      method,
      host: host.replace(/:\d+$/, ''),
      target: read.target,
      headers,
      connection,
      address: client.address,
      ...(tools.toldTrace?.(connection.address, headers) ?? { traceId: tools.traceId() }),
      at: tools.now(),
      isUpgrade: connection.protocol === 'http/1.1' && headers.some(([name]) => name === 'upgrade'),
      isNavigation: isNavigation(method, headers),
    },
  }
}

/** The value of a field that stands once, or the first of several. */
export function headerOf(headers: HeaderFields, wanted: string): string | undefined {
  return headers.find(([name]) => name === wanted)?.[1]
}

/** Pairs of a flat list, without HTTP/2's pseudo-header fields. */
function headersOf(raw: readonly string[]): HeaderFields {
  const fields: (readonly [string, string])[] = []
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? ''
    if (!name.startsWith(':')) fields.push([name.toLowerCase(), raw[at + 1] ?? ''])
  }
  return fields
}

/** The host that is asked for; undefined for none and for two that differ (RFC 9112 §3.2, RFC 9113 §8.3.1). */
function hostIn(request: ListenedRequest, headers: HeaderFields): string | undefined {
  const written = headers.filter(([name]) => name === 'host').map(([, value]) => value)
  if ('authority' in request && request.authority !== undefined && request.authority !== '')
    written.push(request.authority)
  const hosts = new Set(written.map((text) => text.toLowerCase()))
  const [host] = hosts
  return hosts.size === 1 && host !== undefined && /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/.test(host)
    ? host
    : undefined
}

/**
 * Whether a browser would show what is answered. It says so itself (Fetch Metadata); one that does not is taken for a
 * browser where it wants HTML and no script says that it asked.
 */
function isNavigation(method: string, headers: HeaderFields): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false
  const mode = headerOf(headers, 'sec-fetch-mode')
  if (mode !== undefined) return mode === 'navigate'
  const wantsHtml = /\btext\/html\b/i.test(headerOf(headers, 'accept') ?? '')
  return wantsHtml && headerOf(headers, 'x-requested-with') === undefined
}
