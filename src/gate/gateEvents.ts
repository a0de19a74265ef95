import type { EventActor, GateEvent } from '../model/event.ts'
import type { ConnectionNews, ListenedConnection } from '../net/listened.ts'
import type { Asked, Caller, OwnAnswer, Passing } from './exchange.ts'

/** The event of a request that the gate answered by itself; undefined for what says nothing, such as health. */
export function answerEvent(
  asked: Asked,
  caller: Caller,
  { status, reason, outcome, decided, isTold }: OwnAnswer,
): GateEvent | undefined {
  // A sign-in tells of itself, before it is answered; who looks whether the gate lives tells nothing.
  if (outcome === 'ok' || isTold === true) return undefined
  const isJudged = status === 401 || status === 403
  return {
    kind: isJudged ? 'authorization' : 'http_activity',
    activity: 'request',
    outcome,
    reason,
    ...of(asked, caller),
    http: { ...httpOf(asked), status },
    ...(decided !== undefined && { route: decided.route }),
    ...(decided !== undefined && decided.missing.length > 0 && { detail: missingIn(decided.missing) }),
  }
}

/** Ways in of which is told what was missing; a route with more has a rule that nobody reads. */
const mostWays = 16

/** `way-1` is the first way in of the route. */
function missingIn(missing: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(missing.slice(0, mostWays).map((reasons, at) => [`way-${at + 1}`, reasons]))
}

/** The event of a request that has no one meaning: nothing of what it says is written down. */
export function unreadEvent(
  { reason, status, outcome }: Pick<OwnAnswer, 'reason' | 'status' | 'outcome'>,
  { address, port, localAddress, localPort }: ListenedConnection,
): GateEvent {
  return {
    kind: 'http_activity',
    activity: 'request',
    outcome,
    reason,
    src: { address, port },
    dst: { address: localAddress, port: localPort },
    detail: { status },
  }
}

/** The event of a request that was let pass, once it has ended. */
export function passedEvent(
  asked: Asked,
  { caller, route, way }: Passing,
  ended: {
    readonly status: number
    readonly reason: string
    readonly outcome: GateEvent['outcome']
    /** Its name in the settings. */
    readonly backend: string
    readonly ms: number
  },
): GateEvent {
  const { status, reason, outcome, backend, ms } = ended
  return {
    kind: 'http_activity',
    activity: asked.isUpgrade ? 'upgrade' : 'request',
    outcome,
    reason,
    ...of(asked, caller),
    http: { ...httpOf(asked), status },
    route: route.id,
    detail: { ms, backend, way: way.at + 1 },
  }
}

/** The event of what came in by a way that asks for a stronger sign-in. */
export function grantEvent(asked: Asked, { caller, route, way }: Passing): GateEvent | undefined {
  const asks = way.judged.find(({ asks }) => asks === 'authenticationContext')
  if (asks === undefined) return undefined
  return {
    kind: 'authorization',
    activity: 'step-up',
    outcome: 'ok',
    reason: asks.reason,
    ...of(asked, caller),
    http: httpOf(asked),
    route: route.id,
  }
}

/** The event of what happened to a connection; its end is told with what went over it. */
export function connectionEvent(news: ConnectionNews): GateEvent {
  if (news.kind === 'refused') {
    const { why, address, port, localAddress, localPort, serverName } = news
    return {
      kind: 'network_activity',
      activity: 'connect',
      outcome: 'denied',
      reason: why,
      src: { address, port },
      dst: { address: localAddress, port: localPort },
      ...(serverName !== undefined && { detail: { serverName } }),
    }
  }
  const { address, port, localAddress, localPort, tlsVersion, protocol } = news.connection
  const ended = news.kind === 'closed' ? { ms: news.ms, bytesIn: news.bytesIn, bytesOut: news.bytesOut } : {}
  return {
    kind: 'network_activity',
    activity: news.kind === 'closed' ? 'disconnect' : 'connect',
    outcome: 'ok',
    reason: news.kind,
    src: { address, port },
    dst: { address: localAddress, port: localPort },
    detail: { tlsVersion, protocol, ...ended },
  }
}

function of(asked: Asked, caller: Caller): Pick<GateEvent, 'src' | 'dst' | 'traceId' | 'actor' | 'session'> {
  const { address, connection, traceId } = asked
  const { localAddress, localPort, port } = connection
  return {
    src: address === connection.address ? { address, port } : { address },
    dst: { address: localAddress, port: localPort },
    traceId,
    ...(caller.by !== 'nobody' && { actor: actorOf(caller) }),
    ...(caller.by === 'session' && { session: caller.session }),
  }
}

function actorOf({ identity: { kind, tenantId, objectId } }: Exclude<Caller, { by: 'nobody' }>): EventActor {
  return { kind, tenantId, objectId }
}

/** Without its query, in which secrets travel. */
function httpOf({ method, host, target }: Asked): NonNullable<GateEvent['http']> {
  return { method, host, path: target.path }
}
