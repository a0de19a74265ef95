import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Cidr } from '../model/cidr.ts'
import { cidrContains, parseAddress, parseCidr } from '../model/cidr.ts'
import { GoingAway } from '../net/backends/goingAway.ts'
import type { ListenedConnection, ListenedRequest, ListenedResponse, ListenHandlers } from '../net/listened.ts'
import { clientAddress } from '../wire/forwarded.ts'
import { transportSecurity } from './answerHeaders.ts'
import { bugAnswer, problem } from './answers.ts'
import type { CarrierOptions } from './carrier.ts'
import { Carrier } from './carrier.ts'
import { confirmSessions } from './confirmSessions.ts'
import type { Asked, Caller, OwnAnswer, Passing } from './exchange.ts'
import { answerEvent, connectionEvent, unreadEvent } from './gateEvents.ts'
import { gateSpan, toldTrace } from './gateSpan.ts'
import { hexIds } from './hexIds.ts'
import { OpenExchanges } from './openExchanges.ts'
import { RateLimiter } from './rateLimiter.ts'
import type { AskedTools, ReadAsked } from './readAsked.ts'
import { readAsked, saysOf } from './readAsked.ts'
import { sendAnswer, sendAnswerOver } from './sendAnswer.ts'
import { steps } from './steps/index.ts'
import { tooManyRequests } from './steps/requestRate.ts'
import type { Found, GateParts } from './steps/step.ts'

export interface GateOptions extends Omit<GateParts, 'byAddress' | 'byIdentity'>, CarrierOptions {
  /** As many unguessable octets as are asked for. */
  readonly random: (octets: number) => Uint8Array
}

export interface OpenedGate {
  readonly handlers: ListenHandlers
  /** Ends what is open of a session at once; returns how many exchanges there were. */
  end(session: string): number
  /** Ends what is open of everybody, since the gate ends; WebSockets are told so. Returns how many exchanges there were. */
  goAway(): number
  /** Requests and WebSockets that are open. */
  readonly open: number
  /**
   * Asks for each session of which something is open whether it still lets in, and ends what does not; while it asks, a
   * second call is the same one. Never rejects.
   */
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
  const always = transportSecurity(options.settings.transportSecuritySeconds)
  const exchanges = new OpenExchanges(() => clock.monotonicMs())
  const carry = new Carrier(options, exchanges, () => hex(8))

  /** Asks the steps in their order. Whatever one throws is a bug, and lets nobody pass. */
  const settle = async (asked: Asked, found: Found): Promise<OwnAnswer | Passing> => {
    try {
      for (const step of steps) {
        const outcome = await step.run(asked, found, parts)
        if (outcome !== undefined) return outcome
      }
    } catch (error) {
      options.onBug(error)
    }
    return bugAnswer(asked.traceId)
  }

  /** What it costs to refuse is bounded as well: else whoever is refused could keep the gate busy with it. */
  const unread = (read: Extract<ReadAsked, { ok: false }>, connection: ListenedConnection): OwnAnswer => {
    const traceId = tools.traceId()
    const seconds = parts.byAddress.take(read.sender)
    const answer =
      seconds === 0
        ? problem({ status: read.status, reason: read.reason, says: saysOf(read.reason) }, traceId)
        : tooManyRequests(seconds, 'too-many-of-address', traceId)
    recorder.tell({ ...unreadEvent(answer, connection), traceId })
    return answer
  }

  /** What was thrown where nobody had read the request, or while it was answered. */
  const bug = (error: unknown, connection: ListenedConnection): void => {
    options.onBug(error)
    recorder.tell(unreadEvent({ reason: 'bug', status: 500, outcome: 'failed' }, connection))
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
    if (!read.ok) return sendAnswer(unread(read, connection), response, request.method ?? '', always)
    const found: Found = { caller: { by: 'nobody' } }
    const outcome = await settle(read.asked, found)
    if (outcome.kind === 'pass') return carry.request(read.asked, outcome, request, response)
    tellAnswer(read.asked, found.caller, outcome)
    sendAnswer(outcome, response, read.asked.method, always)
  }

  const onUpgrade = async (
    request: IncomingMessage,
    socket: Duplex,
    head: Uint8Array,
    connection: ListenedConnection,
  ): Promise<void> => {
    const read = readAsked(request, connection, tools)
    if (!read.ok) return sendAnswerOver(unread(read, connection), socket, always)
    const found: Found = { caller: { by: 'nobody' } }
    const outcome = await settle(read.asked, found)
    if (outcome.kind === 'pass') return carry.upgrade(read.asked, outcome, request, socket, head)
    tellAnswer(read.asked, found.caller, outcome)
    sendAnswerOver(outcome, socket, always)
  }

  return {
    handlers: {
      request: (request, response, connection) => {
        onRequest(request, response, connection).catch((error: unknown) => {
          bug(error, connection)
          response.destroy()
        })
      },
      upgrade: (request, socket, head, connection) => {
        socket.on('error', () => {})
        onUpgrade(request, socket, head, connection).catch((error: unknown) => {
          bug(error, connection)
          socket.destroy()
        })
      },
      news: (news) => recorder.tell(connectionEvent(news)),
    },
    end: (session) => exchanges.end(session),
    goAway: () => exchanges.endAll(new GoingAway()),
    confirm: confirmSessions(
      () => exchanges.sessions,
      async (session) => (await options.signIn?.stillIn(session)) !== false,
      (session) => void exchanges.end(session),
    ),
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
