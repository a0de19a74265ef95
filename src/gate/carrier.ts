import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Recorder } from '../model/event.ts'
import type { Backend, Gate } from '../model/gate.ts'
import { networkOf } from '../model/networkOf.ts'
import type { Route } from '../model/route.ts'
import type { Forwarded, ForwardPlan } from '../net/backends/plan.ts'
import { stickyCookieName } from '../net/backends/stickyCookie.ts'
import type { Clock } from '../net/clock.ts'
import { msSince } from '../net/clock.ts'
import type { ListenedRequest, ListenedResponse } from '../net/listened.ts'
import { answerHeaders, transportSecurity } from './answerHeaders.ts'
import type { Told } from './answers.ts'
import { bugAnswer, problem } from './answers.ts'
import type { Assertions } from './assertion.ts'
import type { SharedBy } from './chosenBackend.ts'
import { chosenBackend } from './chosenBackend.ts'
import type { Asked, Caller, HeaderFields, OwnAnswer, Passing } from './exchange.ts'
import { answerEvent, grantEvent, passedEvent } from './gateEvents.ts'
import type { SpanSink } from './gateSpan.ts'
import { gateSpan } from './gateSpan.ts'
import type { OpenExchanges, OpenedExchange, Owner } from './openExchanges.ts'
import { cookieValues } from './ownCookies.ts'
import { fieldsOf, sendAnswer, sendAnswerOver } from './sendAnswer.ts'
import { upstreamHeaders } from './upstreamHeaders.ts'

/** Sends on to servers behind the gate. */
export interface Upstream {
  forward(plan: ForwardPlan, request: ListenedRequest, response: ListenedResponse): Promise<Forwarded>
  upgrade(plan: ForwardPlan, request: IncomingMessage, socket: Duplex, head: Uint8Array): Promise<Forwarded>
}

export interface CarrierOptions {
  readonly settings: Gate
  /** `https://host:port`. */
  readonly origin: string
  readonly upstream: Upstream
  readonly assertions: Assertions
  readonly recorder: Recorder
  readonly clock: Clock
  /** Told of each request when it has ended; absent: nobody traces. */
  readonly spans?: SpanSink
  /** Told of what must never happen; the request was answered with 500. */
  readonly onBug: (error: unknown) => void
}

/** What has somewhere to go, and a place among what its caller may have open. */
interface Admitted {
  readonly asked: Asked
  readonly passing: Passing
  readonly backend: readonly [name: string, backend: Backend]
  readonly opened: OpenedExchange
}

/** Seconds after which a caller may come again who had too much open: that ends when the caller likes, so it is a guess. */
const retrySeconds = 5

/** Carries what may pass to its backend, and tells how it ended. */
export class Carrier {
  readonly #options: CarrierOptions
  readonly #exchanges: OpenExchanges
  readonly #spanId: () => string
  readonly #port: number
  readonly #names: readonly string[]
  /** Header fields of every answer of the gate's own. */
  readonly #always: HeaderFields

  constructor(options: CarrierOptions, exchanges: OpenExchanges, spanId: () => string) {
    this.#options = options
    this.#exchanges = exchanges
    this.#spanId = spanId
    this.#port = Number(new URL(options.origin).port || 443)
    this.#always = transportSecurity(options.settings.transportSecuritySeconds)
    this.#names = Object.keys(options.settings.backends)
  }

  async request(asked: Asked, passing: Passing, request: ListenedRequest, response: ListenedResponse): Promise<void> {
    const admitted = this.#admit(asked, passing)
    const own =
      'kind' in admitted
        ? admitted
        : await this.#carry(admitted, (plan) => this.#options.upstream.forward(plan, request, response))
    if (own === undefined) return
    // Of an answer that has begun nobody must think that it is whole.
    if (response.headersSent) response.destroy()
    else sendAnswer(own, response, asked.method, this.#always)
  }

  async upgrade(
    asked: Asked,
    passing: Passing,
    request: IncomingMessage,
    socket: Duplex,
    head: Uint8Array,
  ): Promise<void> {
    const admitted = this.#admit(asked, passing)
    if ('kind' in admitted) return sendAnswerOver(admitted, socket, this.#always)
    let isHandedOn = false
    const own = await this.#carry(admitted, (plan) => {
      isHandedOn = true
      return this.#options.upstream.upgrade(plan, request, socket, head)
    })
    if (own === undefined) return
    // Who was given the socket may have answered over it.
    if (isHandedOn) socket.destroy()
    else sendAnswerOver(own, socket, this.#always)
  }

  /** Finds the backend and a place for the exchange, or says what is answered where there is none. */
  #admit(asked: Asked, passing: Passing): Admitted | OwnAnswer {
    const { caller, route } = passing
    const backend = this.#backendOf(route, sharedBy(caller, asked))
    // A route without a backend: what it lets pass has nowhere to go.
    if (backend === undefined) {
      const says = 'nothing is behind this route'
      return this.#refused(asked, passing, { status: 404, reason: 'no-backend', says, outcome: 'failed' })
    }
    const { exchangesPerAddress, exchangesPerIdentity } = this.#options.settings.limits
    const isNobody = caller.by === 'nobody'
    const most = isNobody ? exchangesPerAddress : exchangesPerIdentity
    const opened = this.#exchanges.open(ownerOf(caller, asked), most, lastsMs(caller, asked.at))
    if (opened !== undefined) return { asked, passing, backend, opened }
    return this.#refused(asked, passing, {
      status: 429,
      reason: isNobody ? 'too-many-open-of-address' : 'too-many-open-of-identity',
      says: `one caller may have ${most} requests and WebSockets open at once: let some end`,
      headers: [['retry-after', String(retrySeconds)]],
    })
  }

  #refused(asked: Asked, { caller, route }: Passing, told: Told): OwnAnswer {
    const answer = problem(told, asked.traceId)
    const { recorder, clock, spans } = this.#options
    const event = answerEvent(asked, caller, { ...answer, decided: { route: route.id, missing: [] } })
    if (event !== undefined) recorder.tell(event)
    const { status, outcome, reason } = answer
    const at = { spanId: this.#spanId(), endMs: clock.now(), route: route.id }
    spans?.take(gateSpan(asked, { ...at, status, outcome, reason }))
    return answer
  }

  /** @returns what is to be answered where something was thrown: a bug, which lets nobody pass */
  async #carry(admitted: Admitted, send: (plan: ForwardPlan) => Promise<Forwarded>): Promise<OwnAnswer | undefined> {
    const { asked, passing, backend, opened } = admitted
    const { recorder, clock, spans, onBug } = this.#options
    const startMs = clock.monotonicMs()
    const spanId = this.#spanId()
    const [name] = backend
    const tell = (status: number, outcome: 'ok' | 'failed', reason: string): void => {
      const at = { spanId, endMs: clock.now(), route: passing.route.id, backend: name }
      spans?.take(gateSpan(asked, { ...at, status, outcome, reason }))
      const ended = { status, reason, outcome, backend: name, ms: msSince(clock, startMs) }
      recorder.tell(passedEvent(asked, passing, ended))
    }
    try {
      const granted = grantEvent(asked, passing)
      if (granted !== undefined) recorder.tell(granted)
      const { status = 0, reason } = await send(await this.#planFor(admitted, spanId, opened.signal))
      tell(status, reason === undefined ? 'ok' : 'failed', reason ?? 'passed')
      return undefined
    } catch (error) {
      onBug(error)
      tell(500, 'failed', 'bug')
      return bugAnswer(asked.traceId)
    } finally {
      opened.close()
    }
  }

  async #planFor(
    { asked, passing: { caller }, backend: [name, backend] }: Admitted,
    spanId: string,
    signal: AbortSignal,
  ): Promise<ForwardPlan> {
    const { assertions, settings, spans } = this.#options
    const assertion = backend.assertion ? await assertions.assertionFor(caller, backend.urls) : undefined
    const headers = upstreamHeaders({
      asked,
      caller,
      backend,
      port: this.#port,
      spanId,
      isSampled: spans !== undefined,
      ...(assertion !== undefined && { assertion }),
    })
    const { path, query } = asked.target
    // Of several the first (RFC 6265 §5.4).
    const [stickyKey] = backend.sticky ? cookieValues(asked.headers, stickyCookieName(name)) : []
    const isAuthenticated = caller.by !== 'nobody'
    return {
      backend: name,
      method: asked.method,
      path: query === undefined ? path : `${path}?${query}`,
      headers,
      ...(stickyKey !== undefined && { stickyKey }),
      bodyLimits: { octets: settings.limits.bodyOctets, idleSeconds: settings.limits.bodyIdleSeconds },
      signal,
      answer: (_status, fields) =>
        answerHeaders(fields, { isAuthenticated, transportSecuritySeconds: settings.transportSecuritySeconds }),
      page: (status, reason) => {
        const says = 'the app behind the gate did not answer'
        const answer = problem({ status, reason, says, outcome: 'failed' }, asked.traceId)
        // The length is that of whoever sends it.
        return { headers: fieldsOf(answer, true, this.#always), body: answer.body }
      },
    }
  }

  #backendOf(route: Route, by: SharedBy): readonly [name: string, backend: Backend] | undefined {
    const { backends } = this.#options.settings
    const name = chosenBackend(route, this.#names, by)
    const backend = name === undefined ? undefined : backends[name]
    return name === undefined || backend === undefined ? undefined : [name, backend]
  }
}

function sharedBy(caller: Caller, { address }: Asked): SharedBy {
  return caller.by === 'nobody' ? { network: networkOf(address) } : caller.identity
}

function ownerOf(caller: Caller, { address }: Asked): Owner {
  if (caller.by === 'nobody') return { caller: networkOf(address) }
  const identity = `${caller.identity.tenantId} ${caller.identity.objectId}`
  return caller.by === 'session' ? { session: caller.session, caller: identity } : { caller: identity }
}

/** For so long after its end a token is taken, since clocks differ. */
const skewMs = 60_000

/** What a token opened ends with it; a session ends when it is ended, which is told apart. */
function lastsMs(caller: Caller, at: number): number | undefined {
  return caller.by === 'token' ? Math.max(0, caller.identity.expiresAt * 1000 + skewMs - at) : undefined
}
