import type { Http2Server, Http2ServerRequest, Http2ServerResponse, Http2Session } from 'node:http2'
import { constants, createServer } from 'node:http2'
import type { TLSSocket } from 'node:tls'
import type { Clock } from '../clock.ts'
import { cutLater } from '../cutLater.ts'
import type { ListenedConnection, Refusal } from '../listened.ts'
import { bucketOf } from './bucket.ts'
import type { Connection } from './connection.ts'
import { sessionRefusal } from './http2Refusal.ts'
import type { HttpOptions, HttpServer } from './httpServer.ts'
import { isBodyAwaited, plainTextType, refusalTexts } from './httpServer.ts'
import { http2Problem } from './requestFraming.ts'

/** What one connection may do besides asking. */
const rates = {
  /** Requests that are taken back or refused (CVE-2023-44487): a page that is left takes back a hundred at once. */
  resets: { burst: 300, perSecond: 30 },
  /** Some clients measure their bandwidth by pings. */
  pings: { burst: 500, perSecond: 20 },
  settings: { burst: 20, perSecond: 1 },
} as const

const mostStreams = 100
/** Frames without meaning, such as DATA that holds nothing (CVE-2019-9518). */
const mostInvalidFrames = 100
/** Octets of uploads on their way: of one request, and of all of a connection. */
const streamWindow = 256 * 1024
const sessionWindow = 1024 * 1024
/** Octets of frames that belong to no request, while none is open. */
const mostIdleOctets = 1024 * 1024
const lookEveryMs = 500
/** For clients that do not end their side. */
const lingerMs = 1000
/** Above every stream: no request is refused yet, but none should follow (RFC 9113 §6.8). */
const lastOfAll = 2 ** 31 - 1

interface Drip {
  /** When the first of them was seen, by the monotonic clock. */
  sinceMs: number
  /** At how many looks there were more than at the look before. */
  looks: number
  octets: number
}

/** One connection of HTTP/2 and what is open on it. */
interface Served {
  readonly session: Http2Session
  readonly socket: TLSSocket
  readonly connection: Connection
  readonly listened: ListenedConnection
  readonly mayReset: () => boolean
  open: number
  /** When the last request ended, or the session began, by the monotonic clock. */
  quietSinceMs: number
  /** Octets of TCP that had come by then. */
  quietSinceOctets: number
  /** Octets that come one after the other and make no request: a head in drops. */
  readonly drip: Drip
  isOver: boolean
}

/**
 * Serves HTTP/2 within bounds. The platform shows a request when its head is whole: one that comes in drops is known by
 * octets that keep coming and make none, and only where no other request is open, which would wait for it too.
 */
export function serveHttp2({ limits, handlers, clock }: HttpOptions): HttpServer {
  const served = new Map<Http2Session, Served>()
  let isDraining = false
  const server = openServer(limits.headOctets)

  function take(request: Http2ServerRequest, response: Http2ServerResponse): void {
    const { session } = request.stream
    const one = session === undefined ? undefined : served.get(session)
    if (one === undefined || one.isOver) {
      request.stream.close(constants.NGHTTP2_REFUSED_STREAM)
      return
    }
    track(one, request, clock)
    const problem = http2Problem(request, limits)
    if (problem !== undefined) {
      refuseRequest(one, problem, request, response)
      return
    }
    watchProgress(request, limits.bodyIdleSeconds * 1000)
    handlers.request(request, response, one.listened)
  }
  server.on('request', take)
  // The platform would answer both by itself, and tell nobody.
  server.on('connect', (request, response) => server.emit('request', request, response))
  server.on('checkExpectation', take)

  const timer = setInterval(() => {
    const nowMs = clock.monotonicMs()
    for (const one of served.values()) {
      if (one.open > 0 || one.isOver) continue
      if (nowMs - one.quietSinceMs > limits.idleSeconds * 1000) end(one)
      else if (strayOctets(one) > limits.headOctets + mostIdleOctets) {
        cut(one, 'protocol-flood')
      } else if (isDripping(one, nowMs, limits.headSeconds * 1000)) cut(one, 'head-timeout')
    }
  }, lookEveryMs).unref()

  function begin(session: Http2Session, socket: TLSSocket, connection: Connection): void {
    const { listened } = connection
    if (listened === undefined) {
      session.destroy()
      return
    }
    const one: Served = {
      session,
      socket,
      connection,
      listened,
      mayReset: bucketOf(rates.resets, clock),
      open: 0,
      quietSinceMs: clock.monotonicMs(),
      quietSinceOctets: connection.raw.bytesRead,
      drip: { sinceMs: 0, looks: 0, octets: 0 },
      isOver: false,
    }
    served.set(session, one)
    const mayPing = bucketOf(rates.pings, clock)
    const maySet = bucketOf(rates.settings, clock)
    session.setLocalWindowSize(sessionWindow)
    session.on('ping', () => {
      one.drip.looks = 0
      if (!mayPing()) cut(one, 'protocol-flood')
    })
    session.on('remoteSettings', () => {
      one.drip.looks = 0
      if (!maySet()) cut(one, 'protocol-flood')
    })
    session.on('error', (error) => {
      const why = sessionRefusal(error, one.open > 0 ? 0 : strayOctets(one))
      if (why !== undefined && !one.isOver) connection.refused(why)
      one.isOver = true
    })
    session.once('close', () => {
      served.delete(session)
      cutLater(socket)
    })
    if (isDraining) farewell(one)
  }

  return {
    serve(socket, connection) {
      // It is emitted at once, or not at all for a socket that is gone.
      const onSession = (session: Http2Session): void => begin(session, socket, connection)
      server.once('session', onSession)
      server.emit('connection', socket)
      server.off('session', onSession)
    },
    drain() {
      isDraining = true
      for (const one of served.values()) farewell(one)
    },
    close() {
      clearInterval(timer)
      server.close()
    },
  }
}

/** The platform's server, which listens at nothing: it is handed connections. */
function openServer(headOctets: number): Http2Server {
  const server = createServer({
    settings: {
      maxConcurrentStreams: mostStreams,
      initialWindowSize: streamWindow,
      // The platform resets streams with more; what is a little more is answered, so that whoever asks knows why.
      maxHeaderListSize: 2 * headOctets,
      enableConnectProtocol: false,
    },
    // Counted here, and answered, up to as many as can come in that many octets.
    maxHeaderListPairs: 65_536,
    maxSessionInvalidFrames: mostInvalidFrames,
    maxSessionRejectedStreams: mostStreams,
    maxOutstandingPings: 10,
    maxSettings: 32,
    streamResetBurst: 2 * rates.resets.burst,
    streamResetRate: 2 * rates.resets.perSecond,
  })
  // Whatever ends a session is told where it is served.
  server.on('sessionError', () => {})
  return server
}

/** How a stream ends that the client took back, or that it made fail (CVE-2025-8671); not those that we gave up. */
const byClient: ReadonlySet<number | undefined> = new Set([
  constants.NGHTTP2_CANCEL,
  constants.NGHTTP2_PROTOCOL_ERROR,
  constants.NGHTTP2_STREAM_CLOSED,
  constants.NGHTTP2_FLOW_CONTROL_ERROR,
  constants.NGHTTP2_FRAME_SIZE_ERROR,
  constants.NGHTTP2_REFUSED_STREAM,
])

/** A frame that is whole is one look; what keeps coming at more of them and ends in nothing is a head in drops. */
const leastDripLooks = 4

function isDripping(one: Served, nowMs: number, headMs: number): boolean {
  const { drip } = one
  const octets = strayOctets(one)
  if (octets > drip.octets) {
    if (drip.looks === 0) drip.sinceMs = nowMs
    drip.looks += 1
  }
  drip.octets = octets
  return drip.looks >= leastDripLooks && nowMs - drip.sinceMs > headMs
}

/** How many octets came since a request was open. */
const strayOctets = ({ connection, quietSinceOctets }: Served): number => connection.raw.bytesRead - quietSinceOctets

function track(one: Served, { stream }: Http2ServerRequest, clock: Clock): void {
  one.open += 1
  one.drip.looks = 0
  one.drip.octets = 0
  stream.once('close', () => {
    one.open -= 1
    one.quietSinceMs = clock.monotonicMs()
    one.quietSinceOctets = one.connection.raw.bytesRead
    if (byClient.has(stream.rstCode) && !one.isOver && !one.mayReset()) cut(one, 'protocol-flood')
  })
}

/** Ends a stream when it is the client that keeps it waiting: it sends no body, or does not read the answer. */
function watchProgress(request: Http2ServerRequest, idleMs: number): void {
  const { stream } = request
  stream.setTimeout(idleMs)
  stream.on('timeout', () => {
    // Answered, and the rest of the body is neither read nor ended.
    if (stream.writableFinished) stream.close(constants.NGHTTP2_NO_ERROR)
    else if (isBodyAwaited(request) || stream.writableLength > 0) stream.close(constants.NGHTTP2_CANCEL)
    else stream.setTimeout(idleMs)
  })
}

function refuseRequest(
  one: Served,
  why: 'bad-framing' | 'head-too-large',
  { stream }: Http2ServerRequest,
  response: Http2ServerResponse,
): void {
  one.connection.refused(why)
  if (!one.mayReset()) {
    cut(one, 'protocol-flood')
    return
  }
  const { status, text } = refusalTexts[why]
  response.writeHead(status, { 'content-type': plainTextType, 'cache-control': 'no-store' })
  // What was to come behind it is not wanted any more (RFC 9113 §8.1).
  response.end(text, () => stream.close(constants.NGHTTP2_NO_ERROR))
}

/** Ends a connection that is no client's any more. */
function cut(one: Served, why: Refusal): void {
  if (one.isOver) return
  one.isOver = true
  one.connection.refused(why)
  one.session.destroy(undefined, constants.NGHTTP2_ENHANCE_YOUR_CALM)
  cutLater(one.socket)
}

/** Two steps, so that what is on its way is served: first that no request should follow, then which was the last. */
function farewell(one: Served): void {
  const { session } = one
  if (session.destroyed || session.closed) return
  session.goaway(constants.NGHTTP2_NO_ERROR, lastOfAll)
  const timer = setTimeout(() => end(one), lingerMs)
  session.ping(() => {
    clearTimeout(timer)
    end(one)
  })
}

/** Ends it when its last request has ended. */
function end({ session, socket }: Served): void {
  if (!session.closed && !session.destroyed) session.close(() => cutLater(socket))
}
