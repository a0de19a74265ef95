import type { Socket } from 'node:net'
import { isIP } from 'node:net'
import { hostPort } from '../model/hostPort.ts'
import type { HttpExchange, TcpConnect, Unfiled } from '../model/observation.ts'
import type { HttpHead } from '../wire/http-head.ts'
import { fieldValue } from '../wire/http-head.ts'
import { readHttpPage } from '../wire/http-page.ts'
import { printableOctets } from '../wire/printable-octets.ts'
import { asciiName } from './asciiName.ts'
import type { Clock } from './clock.ts'
import { connect } from './connect.ts'
import { errorCode } from './errno.ts'
import type { AnswerEnd } from './httpAnswer.ts'
import { bodyOf, exchangeOutcome, headOf, octetsOfPart, readAnswer } from './httpAnswer.ts'
import { keptFieldsOf } from './keptFields.ts'
import type { Limits } from './net.ts'
import type { Ending } from './wait.ts'

/** What is shown to a proxy that wants to know who asks (Basic, RFC 7617). */
export interface ProxyCredentials {
  /** Without a colon. */
  readonly user: string
  readonly password: string
}

/** What a proxy makes of the wish for a tunnel. */
export type ProxyAnswer =
  /** There was no connection to the proxy itself: the observation of the attempt says why. */
  | { readonly kind: 'unconnected' }
  /** 2xx: what follows on the connection is the target's. The caller closes it. */
  | { readonly kind: 'established'; readonly socket: Socket }
  /** 407: the ways to say who asks are among the fields of what was seen. */
  | { readonly kind: 'authentication-required' }
  /** 403. */
  | { readonly kind: 'forbidden' }
  /** 502, 503, 504: the proxy did not get through itself; its page often says why. */
  | { readonly kind: 'gateway-failure'; readonly status: number }
  | { readonly kind: 'other-status'; readonly status: number }
  /** What answers is no HTTP proxy, or says more than 64 KiB before it comes to the point. */
  | { readonly kind: 'garbage' }
  /** Ended, or reset, before a whole answer. */
  | { readonly kind: 'closed' }
  | { readonly kind: Ending }

/** A tunnel that was asked for: what was seen, and what it means. */
export interface ThroughProxy {
  readonly connected: Unfiled<TcpConnect>
  /** Of the request and its answer; absent when there was no connection. Its URL is the authority that was asked for. */
  readonly seen?: Unfiled<HttpExchange>
  readonly answer: ProxyAnswer
}

/**
 * Asks an HTTP proxy for a tunnel (CONNECT, RFC 9110 §9.3.6), over a connection of its own, and reads what it says to
 * that: the head up to 64 KiB, and of the page of a refusal what comes of 64 KiB. Connection and answer share one
 * time-out. The credentials are in what was seen where the server sent them back: it is not shown as it is.
 *
 * @param proxy its address, not its name
 * @param host the target's name or address
 * @param credentials undefined sends none, which is what tells what the proxy would accept
 * @throws RangeError when the target, the proxy or the user name cannot be written
 */
export async function connectThrough(
  proxy: { readonly address: string; readonly port: number },
  host: string,
  port: number,
  credentials: ProxyCredentials | undefined,
  limits: Limits,
  clock: Clock,
): Promise<ThroughProxy> {
  const authority = authorityOf(host, port)
  const secret = credentials === undefined ? undefined : basicOf(credentials)
  const startMs = clock.monotonicMs()
  const { seen: connected, socket } = await connect(proxy, limits, clock)
  if (socket === undefined) {
    const { outcome } = connected
    const kind = outcome === 'timeout' || outcome === 'aborted' ? outcome : 'unconnected'
    return { connected, answer: { kind } }
  }
  const left = Math.max(1, limits.timeoutMs - (clock.monotonicMs() - startMs))
  const at = new Date(clock.now()).toISOString()
  const request = requestOf(authority, secret)
  const { end, came, ms, firstByteMs } = await readAnswer(
    socket,
    request,
    isSuccess,
    { ...limits, timeoutMs: left },
    clock,
  )
  const { head, rest } = headOf(came, isSuccess)
  const answer = answerOf(end, head, socket)
  if (answer.kind === 'established') {
    // What the target said at once is for whoever speaks with it.
    if (rest.length > 0) socket.unshift(rest)
  } else {
    socket.destroy()
  }

  const page = answer.kind === 'established' || head === undefined ? new Uint8Array() : bodyOf(head, rest)
  const code = typeof end === 'object' ? errorCode(end.error) : undefined
  const outcome = exchangeOutcome(end, head)
  const seen: Unfiled<HttpExchange> = {
    kind: 'http-exchange',
    at,
    ms,
    url: authority,
    address: proxy.address,
    method: 'CONNECT',
    ...(secret !== undefined && { showedCredentials: true }),
    outcome,
    ...(head !== undefined && { status: head.status }),
    headers: keptFieldsOf(head?.fields ?? []),
    ...(firstByteMs !== undefined && { firstByteMs }),
    body: readHttpPage(page, head && fieldValue(head, 'content-type')),
    ...(outcome === 'not-http' && { firstOctets: printableOctets(came) }),
    ...octetsOfPart(outcome, came.length),
    ...(code !== undefined && outcome !== 'closed' && { code }),
  }
  return { connected, seen, answer }
}

function authorityOf(host: string, port: number): string {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new RangeError(`a port is 1 to 65535, not ${port}`)
  if (isIP(host) === 6) return hostPort(host, port)
  const name = asciiName(host)
  if (!/^[a-z0-9._-]{1,255}$/i.test(name)) throw new RangeError(`a host name is wanted, not ${JSON.stringify(host)}`)
  return `${name}:${port}`
}

/** What says who asks (RFC 7617 §2), without the scheme's name. @throws RangeError when the user name has a colon */
export function basicOf({ user, password }: ProxyCredentials): string {
  if (user.includes(':')) throw new RangeError('a user name has no colon (RFC 7617 §2)')
  return Buffer.from(`${user}:${password}`).toString('base64')
}

function requestOf(authority: string, secret: string | undefined): string {
  const lines = [
    `CONNECT ${authority} HTTP/1.1`,
    `Host: ${authority}`,
    ...(secret === undefined ? [] : [`Proxy-Authorization: Basic ${secret}`]),
  ]
  return [...lines, '', ''].join('\r\n')
}

/** A status that came counts, however the conversation ended after it; only who gave up is told that first. */
function answerOf(end: AnswerEnd, head: HttpHead | undefined, socket: Socket): ProxyAnswer {
  if (end === 'aborted') return { kind: 'aborted' }
  if (head === undefined) {
    if (end === 'timeout') return { kind: 'timeout' }
    return { kind: end === 'garbage' || end === 'too-large' ? 'garbage' : 'closed' }
  }
  if (isSuccess(head)) return socket.destroyed ? { kind: 'closed' } : { kind: 'established', socket }
  switch (head.status) {
    case 407:
      return { kind: 'authentication-required' }
    case 403:
      return { kind: 'forbidden' }
    case 502:
    case 503:
    case 504:
      return { kind: 'gateway-failure', status: head.status }
    default:
      return { kind: 'other-status', status: head.status }
  }
}

function isSuccess({ status }: HttpHead): boolean {
  return status >= 200 && status < 300
}
