import type { Identity } from '../identity/index.ts'
import type { Backend } from '../model/gate.ts'
import { hostPort, unbracketed } from '../model/hostPort.ts'
import { formatForwarded } from '../wire/forwarded.ts'
import { isOwnCookie } from '../wire/isOwnCookie.ts'
import type { Asked, Caller, HeaderFields } from './exchange.ts'
import { mayPass } from './strippedFields.ts'

export interface UpstreamRequest {
  readonly asked: Pick<Asked, 'headers' | 'host' | 'address' | 'traceId'>
  readonly caller: Caller
  readonly backend: Pick<Backend, 'host'>
  /** Port of the gate's configured origin. */
  readonly port: number
  /** 16 hexadecimal digits, fresh for each request (W3C Trace Context). */
  readonly spanId: string
  /** Whether what follows is traced (the `sampled` flag). Default: no. */
  readonly isSampled?: boolean
  /** JWT of the gate for this caller and backend. */
  readonly assertion?: string
}

/** Characters of all roles at most; above it the field is left out, and the app sees none of them. */
const mostRoleCharacters = 8192

/**
 * The header fields that a backend is sent, names and values by turns: what the client sent and may, in its order and as it
 * was spelt, and then what the gate says. Whatever the client lists in `Connection` is taken from its own fields alone.
 *
 * `Content-Length` is kept where there is one and no `Transfer-Encoding`. `Host` is left out where the backend is sent its
 * own. Who asks is told by `X-Postern-Identity-Kind` (`user`, `app` or `nobody`), `-Tenant`, `-Object-Id`, `-Client-Id` for
 * apps, `-Name` (UTF-8, percent-encoded) and `-Roles` (each percent-encoded, with commas between them).
 */
export function upstreamHeaders(request: UpstreamRequest): string[] {
  const { asked, caller } = request
  const listed = connectionListed(asked.headers)
  const sent: string[] = []
  const hasTrace = asked.headers.some(([name, value]) => name === 'traceparent' && traceOf(value) === asked.traceId)
  for (const [name, value] of asked.headers) {
    if (!mayPass(name) || listed.has(name)) continue
    if (name === 'cookie' || name === 'content-length' || name === 'authorization') continue
    // What belongs to another trace says nothing about this one (W3C Trace Context §3.3).
    if (name === 'tracestate' && !hasTrace) continue
    sent.push(name, value)
  }
  pushOnce(sent, 'cookie', cookiesFor(asked.headers))
  pushOnce(sent, 'content-length', lengthOf(asked.headers))
  pushOnce(sent, 'authorization', authorizationFor(asked.headers, caller))
  return [...sent, ...ownFields(request)]
}

function pushOnce(sent: string[], name: string, value: string | undefined): void {
  if (value !== undefined) sent.push(name, value)
}

/** Names that the client says are of its connection (RFC 9110 §7.6.1). */
function connectionListed(headers: HeaderFields): ReadonlySet<string> {
  const values = headers.flatMap(([name, value]) => (name === 'connection' ? value.split(',') : []))
  return new Set(values.map((each) => each.trim().toLowerCase()))
}

/** HTTP/2 may send them in crumbs, which are one field to a server of HTTP/1.1 (RFC 9113 §8.2.3). */
function cookiesFor(headers: HeaderFields): string | undefined {
  const kept = headers
    .filter(([name]) => name === 'cookie')
    .map(([, value]) => withoutOwnCookies(value))
    .filter((value) => value !== '')
  return kept.length === 0 ? undefined : kept.join('; ')
}

/** All others stay as they are, byte for byte. */
function withoutOwnCookies(value: string): string {
  const pairs = value.split(';')
  const others = pairs.filter((pair) => !isOwnCookie(pair))
  return others.length === pairs.length ? value : others.join(';').trimStart()
}

function lengthOf(headers: HeaderFields): string | undefined {
  if (headers.some(([name]) => name === 'transfer-encoding')) return undefined
  const lengths = headers.flatMap(([name, value]) => (name === 'content-length' ? [value] : []))
  const [length] = lengths
  return lengths.length === 1 && length !== undefined && /^\d{1,15}$/.test(length) ? length : undefined
}

/**
 * A token that the gate has verified goes on: an API reads scopes of it that no header tells. One that it has not looked at
 * (beside a session, or where nobody need sign in) does not: an app that leaves verifying to the gate would believe it.
 * NTLM and Negotiate sign a connection in and not a request, and connections to backends are shared by all.
 */
function authorizationFor(headers: HeaderFields, caller: Caller): string | undefined {
  const values = headers.flatMap(([name, value]) => (name === 'authorization' ? [value] : []))
  const [value] = values
  if (values.length !== 1 || value === undefined) return undefined
  const scheme = /^([!#$%&'*+.^_`|~0-9a-z-]+)(?: |$)/i.exec(value)?.[1]?.toLowerCase()
  switch (scheme) {
    case undefined:
    case 'ntlm':
    case 'negotiate':
      return undefined
    case 'bearer':
    case 'dpop':
      return caller.by === 'token' ? value : undefined
    default:
      return value
  }
}

function ownFields({ asked, caller, backend, port, spanId, isSampled, assertion }: UpstreamRequest): string[] {
  const host = hostPort(unbracketed(asked.host), port === 443 ? null : port)
  return [
    ...(backend.host === 'kept' ? ['host', host] : []),
    ...['x-forwarded-for', asked.address, 'x-forwarded-proto', 'https'],
    ...['x-forwarded-host', host, 'x-forwarded-port', String(port)],
    ...['forwarded', formatForwarded({ address: asked.address, host, proto: 'https' })],
    ...['x-request-id', asked.traceId],
    ...['traceparent', `00-${asked.traceId}-${spanId}-${isSampled === true ? '01' : '00'}`],
    ...(caller.by === 'nobody' ? ['x-postern-identity-kind', 'nobody'] : identityFields(caller.identity)),
    ...(assertion === undefined ? [] : ['x-postern-assertion', assertion]),
  ]
}

function identityFields({ kind, tenantId, objectId, clientId, displayName, roles }: Identity): string[] {
  const told = roles.map(encoded).join(',')
  return [
    ...['x-postern-identity-kind', kind, 'x-postern-identity-tenant', tenantId],
    ...['x-postern-identity-object-id', objectId],
    ...(kind === 'app' ? ['x-postern-identity-client-id', clientId] : []),
    ...(displayName === undefined ? [] : ['x-postern-identity-name', encoded(displayName)]),
    ...(told === '' || told.length > mostRoleCharacters ? [] : ['x-postern-identity-roles', told]),
  ]
}

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

function traceOf(traceparent: string): string | undefined {
  return /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(-|$)/.exec(traceparent)?.[1]
}
