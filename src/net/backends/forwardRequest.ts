import { STATUS_CODES } from 'node:http'
import { isGone } from '../isGone.ts'
import type { ListenedRequest, ListenedResponse } from '../listened.ts'
import type { BackendReason } from './backendReasons.ts'
import { backendReasons } from './backendReasons.ts'
import type { BackendServers } from './backendServers.ts'
import { cut, endAnswer, exchangeWith, writeHead } from './exchangeWith.ts'
import type { Fields, Forwarded, ForwardPlan, OwnPage } from './plan.ts'
import { hasBody, saidLength } from './requestBody.ts'
import type { Server } from './server.ts'
import { stickyCookieName } from './stickyCookie.ts'

const mostAttempts = 2

/**
 * Sends a request to a server of a backend, and to another one where the first certainly has not acted on it: the connection
 * was never made, or it was lost before the first octet of an answer and the method means the same twice, and in either case
 * nothing of a body was sent.
 */
export async function forwardRequest(
  backend: BackendServers,
  plan: ForwardPlan,
  request: ListenedRequest,
  response: ListenedResponse,
): Promise<Forwarded> {
  // What happens to a connection is told by its end: an error that nobody listens for would end the process.
  response.on('error', ignore)
  request.on('error', ignore)
  const nothing = { octetsIn: 0, octetsOut: 0 }
  if (!isSendable(plan)) return answered(plan, request, response, 'unsendable', { ...nothing, attempts: 0 })
  if ((saidLength(request) ?? 0) > plan.bodyLimits.octets) {
    return answered(plan, request, response, 'body-too-large', { ...nothing, attempts: 0 })
  }
  // Its end was told before anybody here listened.
  if (isGone(response)) return answered(plan, request, response, 'client-gone', { ...nothing, attempts: 0 })
  let not: Server | undefined
  for (let attempts = 1; ; attempts += 1) {
    const server = await takeServer(backend, plan, response, not)
    if (typeof server === 'string') {
      return answered(plan, request, response, server, { ...nothing, attempts: attempts - 1, ...serverOf(not) })
    }
    const stick = stickFields(backend, plan, server)
    const end = await exchangeWith(server, backend.settings, plan, request, response, stick).finally(() =>
      backend.giveBack(server),
    )
    if (end.reason === undefined) server.answered()
    else server.failed(end.reason)
    if (end.mayRetry && attempts < mostAttempts) {
      not = server
      continue
    }
    const { mayRetry: _, ...went } = end
    const told = { ...went, attempts, ...serverOf(server) }
    if (end.reason === undefined || end.status !== undefined) return told
    return answered(plan, request, response, end.reason, told)
  }
}

/** The library would write the absolute form too, and opens tunnels; neither is ours to forward (RFC 9112 §3.2). */
function isSendable({ method, path }: ForwardPlan): boolean {
  return /^\/[\x21-\x7e]*$/.test(path) && !/^(CONNECT|TRACE|TRACK)$/i.test(method)
}

const ignore = (): void => {}

function serverOf(server: Server | undefined): Pick<Forwarded, 'server'> {
  return server === undefined ? {} : { server: server.url.origin }
}

async function takeServer(
  backend: BackendServers,
  plan: ForwardPlan,
  response: ListenedResponse,
  not: Server | undefined,
): Promise<Server | BackendReason> {
  for (;;) {
    const taken = backend.take({ sticky: plan.stickyKey, not })
    if (taken !== 'busy') return taken
    const why = await backend.free(plan.signal, (gone) => {
      response.once('close', gone)
      return () => void response.off('close', gone)
    })
    if (why !== undefined) return why
  }
}

/** A browser is told its server where it is to stay at one, and comes with the mark of another or with none. */
function stickFields({ settings }: BackendServers, plan: ForwardPlan, { sticky }: Server): Fields {
  if (!settings.sticky || plan.stickyKey === sticky) return []
  const name = stickyCookieName(plan.backend)
  return [['set-cookie', `${name}=${sticky}; Path=/; Secure; HttpOnly; SameSite=Lax`]]
}

/** What is answered in the place of a server, where somebody is there to be answered. */
function answered(
  plan: ForwardPlan,
  request: ListenedRequest,
  response: ListenedResponse,
  reason: BackendReason,
  went: Omit<Forwarded, 'reason' | 'status'>,
): Forwarded {
  if (reason === 'client-gone' || reason === 'client-stalled' || isGone(response) || response.headersSent) {
    cut(response)
    return { ...went, reason }
  }
  const [status] = backendReasons[reason]
  const { headers, body } = plan.page?.(status, reason) ?? plainPage(status, reason)
  // What is left of a body is not waited for, and would stand before the next request of the connection.
  const isEarly = hasBody(request) && !request.complete
  const close: Fields = isEarly ? [['connection', 'close']] : []
  writeHead(response, status, [...headers, ['content-length', String(Buffer.byteLength(body))], ...close])
  if (isEarly) request.resume()
  endAnswer(response, plan.method === 'HEAD' ? undefined : body, isEarly)
  return { ...went, reason, status }
}

/** Says what happened, and nothing of which servers there are. */
export function plainPage(status: number, reason: BackendReason): OwnPage {
  const headers = [
    ['content-type', 'text/plain; charset=utf-8'],
    ['cache-control', 'no-store'],
  ] as const
  return { headers, body: `${status} ${STATUS_CODES[status] ?? ''}: ${backendReasons[reason][1]}\n` }
}
