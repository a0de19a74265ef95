import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { parseCidr } from '../model/cidr.ts'
import type { Recorder } from '../model/event.ts'
import type { Backend, Gate } from '../model/gate.ts'
import type { Forwarded, ForwardPlan } from '../net/backends/plan.ts'
import { stickyCookieName } from '../net/backends/stickyCookie.ts'
import type { Clock } from '../net/clock.ts'
import { msSince } from '../net/clock.ts'
import type { ListenedConnection, ListenedRequest, ListenedResponse, ListenHandlers } from '../net/listened.ts'
import { clientAddress } from '../wire/forwarded.ts'
import { answerHeaders } from './answerHeaders.ts'
import { problem } from './answers.ts'
import type { Assertions } from './assertion.ts'
import type { Asked, Caller, OwnAnswer, Passing } from './exchange.ts'
import { answerEvent, connectionEvent, grantEvent, passedEvent, unreadEvent } from './gateEvents.ts'
import type { Owner } from './openExchanges.ts'
import { OpenExchanges } from './openExchanges.ts'
import { RateLimiter } from './rateLimiter.ts'
import type { AskedTools, ReadAsked } from './readAsked.ts'
import { headerOf, readAsked, saysOf } from './readAsked.ts'
import { readSmallBody } from './readSmallBody.ts'
import { sendAnswer, sendAnswerOver } from './sendAnswer.ts'
import { steps } from './steps/index.ts'
import type { Found, GateParts } from './steps/step.ts'
import { upstreamHeaders } from './upstreamHeaders.ts'

/** Sends on to servers behind the gate. */
export interface Upstream {
  forward(plan: ForwardPlan, request: ListenedRequest, response: ListenedResponse): Promise<Forwarded>
  upgrade(plan: ForwardPlan, request: IncomingMessage, socket: Duplex, head: Uint8Array): Promise<Forwarded>
}

export interface GateOptions extends Omit<GateParts, 'byAddress' | 'byIdentity'> {
  readonly settings: Gate
  readonly upstream: Upstream
  readonly assertions: Assertions
  readonly recorder: Recorder
  readonly clock: Clock
  /** As many unguessable octets as are asked for. */
  readonly random: (octets: number) => Uint8Array
  /** Told of what must never happen; the request was answered with 500. */
  readonly onBug: (error: unknown) => void
}

export interface OpenedGate {
  readonly handlers: ListenHandlers
  /** Ends what is open of a session or an identity at once; returns how many exchanges there were. */
  end(owner: Owner): number
  /** Requests and WebSockets that are open. */
  readonly open: number
  /** Asks for each session of which something is open whether it still lets in, and ends what does not. Never rejects. */
  confirm(): Promise<void>
}

/** Puts the steps together with what carries requests on, and records how each ended. */
export function openGate(options: GateOptions): OpenedGate {
  const { settings, clock, recorder, random } = options
  const parts: GateParts = {
    ...options,
    byAddress: new RateLimiter(settings.limits.requestsPerAddress, () => clock.monotonicMs()),
    byIdentity: new RateLimiter(settings.limits.requestsPerIdentity, () => clock.monotonicMs()),
  }
  const behind = settings.behind.flatMap((prefix) => {
    const read = parseCidr(prefix)
    return 'ok' in read ? [read.ok] : []
  })
  const hex = (octets: number): string =>
    random(octets).reduce((text, one) => text + one.toString(16).padStart(2, '0'), '')
  const tools: AskedTools = {
    served: servedBy(options),
    clientOf: (peer, headers) => clientAddress(peer, headers, behind),
    traceId: () => hex(16),
    now: () => clock.now(),
  }
  const exchanges = new OpenExchanges(() => clock.monotonicMs())
  const carry = new Carrier(options, exchanges, () => hex(8))

  /** Asks the steps in their order. Whatever one throws is a bug, and lets nobody pass. */
  const settle = async (asked: Asked, found: Found, request: ListenedRequest): Promise<OwnAnswer | Passing> => {
    try {
      for (const step of steps) {
        const outcome = await step.run(asked, found, parts, () => readSmallBody(request))
        if (outcome !== undefined) return outcome
      }
    } catch (error) {
      options.onBug(error)
    }
    const says = 'something went wrong in the gate; its record names this request by its traceId'
    return problem({ status: 500, reason: 'bug', says, outcome: 'failed' }, asked.traceId)
  }

  const unread = (read: Extract<ReadAsked, { ok: false }>, connection: ListenedConnection): OwnAnswer => {
    recorder.tell(unreadEvent(read, connection))
    return problem({ status: read.status, reason: read.reason, says: saysOf(read.reason) }, tools.traceId())
  }

  const tellAnswer = (asked: Asked, caller: Caller, answer: OwnAnswer): void => {
    const event = answerEvent(asked, caller, answer)
    if (event !== undefined) recorder.tell(event)
  }

  const onRequest = async (
    request: ListenedRequest,
    response: ListenedResponse,
    connection: ListenedConnection,
  ): Promise<void> => {
    const read = readAsked(request, connection, tools)
    if (!read.ok) return sendAnswer(unread(read, connection), response, request.method ?? '')
    const found: Found = { caller: { by: 'nobody' } }
    const outcome = await settle(read.asked, found, request)
    if (outcome.kind === 'pass') return carry.request(read.asked, outcome, request, response)
    tellAnswer(read.asked, found.caller, outcome)
    sendAnswer(outcome, response, read.asked.method)
  }

  const onUpgrade = async (
    request: IncomingMessage,
    socket: Duplex,
    head: Uint8Array,
    connection: ListenedConnection,
  ): Promise<void> => {
    const read = readAsked(request, connection, tools)
    if (!read.ok) return sendAnswerOver(unread(read, connection), socket)
    const found: Found = { caller: { by: 'nobody' } }
    const outcome = await settle(read.asked, found, request)
    if (outcome.kind === 'pass') return carry.upgrade(read.asked, outcome, request, socket, head)
    tellAnswer(read.asked, found.caller, outcome)
    sendAnswerOver(outcome, socket)
  }

  return {
    handlers: {
      request: (request, response, connection) => {
        onRequest(request, response, connection).catch((error: unknown) => {
          options.onBug(error)
          response.destroy()
        })
      },
      upgrade: (request, socket, head, connection) => {
        socket.on('error', () => {})
        onUpgrade(request, socket, head, connection).catch((error: unknown) => {
          options.onBug(error)
          socket.destroy()
        })
      },
      news: (news) => recorder.tell(connectionEvent(news)),
    },
    end: (owner) => exchanges.end(owner),
    async confirm() {
      for (const session of exchanges.sessions) {
        const isIn = await options.signIn?.stillIn(session).catch(() => false)
        if (isIn === false) exchanges.end({ session })
      }
    },
    get open() {
      return exchanges.size
    },
  }
}

/** What Host may say: the origin's own, and the hosts that routes name, at the same port. */
function servedBy({ origin, routes }: Pick<GateOptions, 'origin' | 'routes'>): ReadonlySet<string> {
  const { hostname, port } = new URL(origin)
  const hosts = [hostname, ...routes.flatMap(({ hosts = [] }) => hosts)].map((host) => host.toLowerCase())
  return new Set(hosts.flatMap((host) => (port === '' ? [host, `${host}:443`] : [`${host}:${port}`])))
}

/** Carries what may pass to its backend, and tells how it ended. */
class Carrier {
  readonly #options: GateOptions
  readonly #exchanges: OpenExchanges
  readonly #spanId: () => string
  readonly #port: number

  constructor(options: GateOptions, exchanges: OpenExchanges, spanId: () => string) {
    this.#options = options
    this.#exchanges = exchanges
    this.#spanId = spanId
    this.#port = Number(new URL(options.origin).port || 443)
  }

  async request(asked: Asked, passing: Passing, request: ListenedRequest, response: ListenedResponse): Promise<void> {
    const missing = this.#missing(asked, passing)
    if (missing !== undefined) return sendAnswer(missing, response, asked.method)
    await this.#carry(asked, passing, (plan) => this.#options.upstream.forward(plan, request, response))
  }

  async upgrade(
    asked: Asked,
    passing: Passing,
    request: IncomingMessage,
    socket: Duplex,
    head: Uint8Array,
  ): Promise<void> {
    const missing = this.#missing(asked, passing)
    if (missing !== undefined) return sendAnswerOver(missing, socket)
    await this.#carry(asked, passing, (plan) => this.#options.upstream.upgrade(plan, request, socket, head))
  }

  /** A route without a backend: what it lets pass has nowhere to go. */
  #missing(asked: Asked, { caller, route }: Passing): OwnAnswer | undefined {
    if (this.#backendOf(route.to) !== undefined) return undefined
    const told = { status: 404, reason: 'no-backend', says: 'nothing is behind this route', outcome: 'failed' } as const
    const answer = problem(told, asked.traceId)
    const event = answerEvent(asked, caller, answer)
    if (event !== undefined) this.#options.recorder.tell(event)
    return answer
  }

  async #carry(asked: Asked, passing: Passing, send: (plan: ForwardPlan) => Promise<Forwarded>): Promise<void> {
    const { recorder, clock } = this.#options
    const startMs = clock.monotonicMs()
    const granted = grantEvent(asked, passing)
    if (granted !== undefined) recorder.tell(granted)
    const { signal, close } = this.#exchanges.open(ownerOf(passing.caller), lastsMs(passing.caller, asked.at))
    try {
      const { status = 0, reason } = await send(await this.#planFor(asked, passing, signal))
      const outcome = reason === undefined ? 'ok' : 'failed'
      recorder.tell(
        passedEvent(asked, passing, { status, reason: reason ?? 'passed', outcome, ms: msSince(clock, startMs) }),
      )
    } finally {
      close()
    }
  }

  async #planFor(asked: Asked, { caller, route }: Passing, signal: AbortSignal): Promise<ForwardPlan> {
    const { assertions, settings } = this.#options
    const found = this.#backendOf(route.to)
    if (found === undefined) throw new TypeError(`the route ${route.id} leads to no backend`)
    const [name, backend] = found
    const assertion = backend.assertion ? await assertions.assertionFor(caller, backend.urls) : undefined
    const headers = upstreamHeaders({
      asked,
      caller,
      backend,
      port: this.#port,
      spanId: this.#spanId(),
      ...(assertion !== undefined && { assertion }),
    })
    const { path, query } = asked.target
    const stickyKey = backend.sticky ? cookieOf(asked, stickyCookieName(name)) : undefined
    const isAuthenticated = caller.by !== 'nobody'
    return {
      backend: name,
      method: asked.method,
      path: query === undefined ? path : `${path}?${query}`,
      headers,
      ...(stickyKey !== undefined && { stickyKey }),
      bodyLimits: { octets: settings.limits.bodyOctets, idleSeconds: settings.limits.bodyIdleSeconds },
      signal,
      answer: (_status, fields) => answerHeaders(fields, { isAuthenticated }),
      page: (status, reason) => {
        const { headers: fields, body } = problem(
          { status, reason, says: 'the app behind the gate did not answer' },
          asked.traceId,
        )
        return { headers: [...fields, ['cache-control', 'no-store']], body }
      },
    }
  }

  #backendOf(to: string | undefined): readonly [name: string, backend: Backend] | undefined {
    const known = Object.entries(this.#options.settings.backends)
    return to === undefined ? (known.length === 1 ? known[0] : undefined) : known.find(([name]) => name === to)
  }
}

/** What a browser holds under a name; of several the first (RFC 6265 §5.4). */
function cookieOf({ headers }: Asked, wanted: string): string | undefined {
  const pairs = (headerOf(headers, 'cookie') ?? '').split(';').map((pair) => pair.trim())
  return pairs.find((pair) => pair.startsWith(`${wanted}=`))?.slice(wanted.length + 1)
}

function ownerOf(caller: Caller): Owner {
  if (caller.by === 'nobody') return {}
  const identity = `${caller.identity.tenantId} ${caller.identity.objectId}`
  return caller.by === 'session' ? { session: caller.session, identity } : { identity }
}

/** What a token opened ends with it; a session ends when it is ended, which is told apart. */
function lastsMs(caller: Caller, at: number): number | undefined {
  return caller.by === 'token' ? Math.max(0, caller.identity.expiresAt * 1000 - at) + 60_000 : undefined
}
