import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Cidr } from '../model/cidr.ts'
import { cidrContains, parseAddress, parseCidr } from '../model/cidr.ts'
import type { Recorder } from '../model/event.ts'
import type { Backend, Gate } from '../model/gate.ts'
import type { Route } from '../model/route.ts'
import type { Forwarded, ForwardPlan } from '../net/backends/plan.ts'
import { stickyCookieName } from '../net/backends/stickyCookie.ts'
import type { Clock } from '../net/clock.ts'
import { msSince } from '../net/clock.ts'
import type { ListenedConnection, ListenedRequest, ListenedResponse, ListenHandlers } from '../net/listened.ts'
import { clientAddress } from '../wire/forwarded.ts'
import { answerHeaders } from './answerHeaders.ts'
import { problem } from './answers.ts'
import type { Assertions } from './assertion.ts'
import type { SharedBy } from './chosenBackend.ts'
import { chosenBackend } from './chosenBackend.ts'
import type { Asked, Caller, OwnAnswer, Passing } from './exchange.ts'
import { answerEvent, connectionEvent, grantEvent, passedEvent, unreadEvent } from './gateEvents.ts'
import type { SpanSink } from './gateSpan.ts'
import { gateSpan, toldTrace } from './gateSpan.ts'
import { hexIds } from './hexIds.ts'
import type { Owner } from './openExchanges.ts'
import { OpenExchanges } from './openExchanges.ts'
import { cookieValues } from './ownCookies.ts'
import { networkOf, RateLimiter } from './rateLimiter.ts'
import type { AskedTools, ReadAsked } from './readAsked.ts'
import { readAsked, saysOf } from './readAsked.ts'
import { readSmallBody } from './readSmallBody.ts'
import { fieldsOf, sendAnswer, sendAnswerOver } from './sendAnswer.ts'
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
  /** Told of each request when it has ended; absent: nobody traces. */
  readonly spans?: SpanSink
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
  const hex = hexIds(random)
  const tools: AskedTools = {
    served: servedBy(options),
    // Where no proxy is believed, no field is worth reading.
    clientOf: (peer, headers) =>
      behind.length === 0 ? { address: peer, by: 'peer' } : clientAddress(peer, headers, behind),
    traceId: () => hex(16),
    ...(options.spans !== undefined && {
      // Anybody else could put a request into somebody else's trace.
      toldTrace: (peer, headers) => (isIn(behind, peer) ? toldTrace(headers) : undefined),
    }),
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
    const traceId = tools.traceId()
    recorder.tell({ ...unreadEvent(read, connection), traceId })
    return problem({ status: read.status, reason: read.reason, says: saysOf(read.reason) }, traceId)
  }

  const tellAnswer = (asked: Asked, caller: Caller, answer: OwnAnswer): void => {
    const event = answerEvent(asked, caller, answer)
    if (event !== undefined) recorder.tell(event)
    const { status, outcome, reason, decided } = answer
    const ended = { spanId: hex(8), endMs: clock.now(), status, outcome, reason }
    options.spans?.take(gateSpan(asked, { ...ended, ...(decided !== undefined && { route: decided.route }) }))
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

function isIn(prefixes: readonly Cidr[], text: string): boolean {
  const address = parseAddress(text)
  return address !== undefined && prefixes.some((prefix) => cidrContains(prefix, address))
}

/** What Host may say: the origin's own, and the hosts that routes name, at the same port. */
function servedBy({ origin, routes }: Pick<GateOptions, 'origin' | 'routes'>): ReadonlySet<string> {
  const { hostname, port } = new URL(origin)
  const hosts = [hostname, ...routes.flatMap(({ hosts = [] }) => hosts)].map((host) => host.toLowerCase())
  return new Set(hosts.flatMap((host) => (port === '' ? [host, `${host}:443`] : [`${host}:${port}`])))
}
