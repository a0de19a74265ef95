import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { cutLater } from '../cutLater.ts'
import { errorCode } from '../errno.ts'
import type { ListenedConnection } from '../listened.ts'
import type { Connection } from './connection.ts'
import type { AnsweredRefusal, HttpOptions, HttpServer } from './httpServer.ts'
import { isBodyAwaited, plainTextType, refusalTexts } from './httpServer.ts'
import { http1Problem, upgradeHasBody } from './requestFraming.ts'

/** Requests of one connection that may be open at a time: clients that send one before the last is answered are rare. */
const mostPipelined = 16

/** How often heads are looked at that take too long. */
const checkEveryMs = 500

/** One connection of HTTP/1 and what is open on it. */
interface Served {
  readonly connection: Connection
  readonly listened: ListenedConnection
  readonly socket: TLSSocket
  readonly open: Map<ServerResponse, IncomingMessage>
  answered: number
  /** The one that came last, which may have been answered before all of it had come. */
  last: IncomingMessage | undefined
  /** It was refused: nothing that it sends is read as a request any more. */
  isOver: boolean
  isUpgraded: boolean
}

/** What all connections of HTTP/1 share. */
interface Serving extends Pick<HttpOptions, 'limits' | 'handlers'> {
  readonly served: Map<Duplex, Served>
  isDraining: boolean
}

/** Serves HTTP/1.1 and 1.0 by the platform's parser in its strict mode, and refuses what that lets pass. */
export function serveHttp1({ limits, handlers }: HttpOptions): HttpServer {
  const served = new Map<Duplex, Served>()
  const serving: Serving = { limits, handlers, served, isDraining: false }
  const server = openServer(limits)
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => take(serving, request, response)
  server.on('request', onRequest)
  // The platform would answer 417 by itself, and no one be told.
  server.on('checkExpectation', onRequest)
  server.on('upgrade', (request, socket, head) => handOver(serving, request, socket, head))

  // For proxies: its target is a place and no path.
  server.on('connect', (request, socket) => {
    socket.on('error', () => {})
    const one = served.get(request.socket)
    if (one === undefined || one.isOver) socket.destroy()
    else refuse(one, 'bad-framing')
  })

  server.on('clientError', (error, socket) => {
    const one = served.get(socket)
    // What comes after a refusal is read and dropped until the connection is cut, and is wrong each time.
    if (one?.isOver === true) return
    const problem = one === undefined ? undefined : problemOf(error, one)
    if (one === undefined || problem === undefined) socket.destroy()
    else refuse(one, problem)
  })

  server.on('timeout', (socket) => {
    const one = served.get(socket)
    if (one === undefined || one.open.size === 0 || isStalled(one)) socket.destroy()
    // The server behind is thinking, or has nothing to say yet: that is its own matter.
    else socket.setTimeout(limits.bodyIdleSeconds * 1000)
  })

  return {
    serve(socket, connection) {
      const { listened } = connection
      if (listened === undefined) return void socket.destroy()
      served.set(socket, {
        connection,
        listened,
        socket,
        open: new Map(),
        answered: 0,
        last: undefined,
        isOver: false,
        isUpgraded: false,
      })
      socket.once('close', () => served.delete(socket))
      server.emit('connection', socket)
    },
    drain() {
      serving.isDraining = true
      for (const one of served.values()) {
        if (one.open.size === 0 && !one.isUpgraded) end(one)
        for (const response of one.open.keys()) {
          if (!response.headersSent) response.setHeader('connection', 'close')
        }
      }
    },
    close() {
      server.close()
    },
  }
}

function take(serving: Serving, request: IncomingMessage, response: ServerResponse): void {
  const one = serving.served.get(request.socket)
  // What came behind a request that was refused is of whoever sent that.
  if (one === undefined || one.isOver) return
  const problem = one.open.size >= mostPipelined ? 'protocol-flood' : http1Problem(request, serving.limits)
  if (problem !== undefined) {
    refuse(one, problem, request)
    return
  }
  one.open.set(response, request)
  one.last = request
  response.once('close', () => {
    one.open.delete(response)
    one.answered += 1
    if (serving.isDraining && one.open.size === 0 && !one.isUpgraded) end(one)
  })
  if (serving.isDraining) response.setHeader('connection', 'close')
  serving.handlers.request(request, response, one.listened)
}

function handOver({ served, limits, handlers }: Serving, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  // Behind a body that is not whole it is a stream of the platform's own, whose errors nobody else takes.
  socket.on('error', () => {})
  const one = served.get(request.socket)
  if (one === undefined || one.isOver) return void socket.destroy()
  // An answer that is owed yet would come in the midst of the other protocol.
  const isMixed = one.open.size > 0 || upgradeHasBody(request)
  const problem = isMixed ? 'bad-framing' : http1Problem(request, limits)
  if (problem !== undefined) {
    refuse(one, problem)
    return
  }
  one.isUpgraded = true
  one.socket.setTimeout(0)
  handlers.upgrade(request, socket, head, one.listened)
}

/** The platform's server, which listens at nothing: it is handed connections. */
function openServer(limits: HttpOptions['limits']): Server {
  const server = createServer({
    maxHeaderSize: limits.headOctets,
    headersTimeout: limits.headSeconds * 1000,
    // Uploads take as long as they take, if only something comes.
    requestTimeout: 0,
    keepAliveTimeout: limits.idleSeconds * 1000,
    keepAliveTimeoutBuffer: 0,
    connectionsCheckingInterval: checkEveryMs,
    insecureHTTPParser: false,
    // A missing one is refused here, so that it is told.
    requireHostHeader: false,
  })
  // The platform drops fields above its limit and says nothing of it: they are counted here.
  server.maxHeadersCount = 0
  server.timeout = limits.bodyIdleSeconds * 1000
  // It looks for late heads from the moment that it listens.
  server.emit('listening')
  return server
}

/** Whether it is the client that keeps an open request waiting: it sends no body, or does not read the answer. */
function isStalled({ open, socket }: Served): boolean {
  if (socket.writableLength > 0) return true
  return [...open].some(([response, request]) => response.writableLength > 0 || isBodyAwaited(request))
}

function problemOf(error: Error, one: Served): AnsweredRefusal | undefined {
  const code = errorCode(error) ?? ''
  if (code === 'HPE_HEADER_OVERFLOW') return 'head-too-large'
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    // Opened ahead by a browser and not used: nobody is to be accused of that.
    return one.answered === 0 && one.socket.bytesRead === 0 ? undefined : 'head-timeout'
  }
  // The client left in the middle of a request.
  if (code === 'HPE_INVALID_EOF_STATE') return undefined
  return code.startsWith('HPE_') ? 'bad-framing' : undefined
}

/**
 * Tells and answers it, and ends the connection: where the next request begins is not certain any more.
 *
 * @param request what is refused, where it came so far
 */
function refuse(one: Served, why: AnsweredRefusal, request?: IncomingMessage): void {
  one.isOver = true
  one.connection.refused(why)
  // Behind an answer that is on its way, or that was to a request whose rest is wrong, there is no place for another.
  const isAnswered = request === undefined && one.last?.complete === false
  if (one.open.size > 0 || isAnswered || !one.socket.writable) return void one.socket.destroy()
  const { status, text } = refusalTexts[why]
  one.socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      `content-type: ${plainTextType}`,
      `content-length: ${text.length}`,
      'cache-control: no-store',
      'connection: close',
      '',
      text,
    ].join('\r\n'),
  )
  // What is not read when a socket closes takes the answer away with it.
  request?.resume()
  cutLater(one.socket)
}

function end({ socket }: Served): void {
  socket.end()
  cutLater(socket)
}
