/** A front that forwards whatever it is asked, and servers behind it that record each octet. */
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { createServer as createHttp, request as httpRequest } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http2'
import { connect as connectHttp2, createServer as createHttp2 } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import type { Caller, HeaderFields } from '../src/gate/exchange.ts'
import { upstreamHeaders } from '../src/gate/upstreamHeaders.ts'
import type { Backend } from '../src/model/gate.ts'
import type { Backends, BackendTools } from '../src/net/backends/openBackends.ts'
import { openBackends } from '../src/net/backends/openBackends.ts'
import type { BackendNews, Forwarded, ForwardPlan } from '../src/net/backends/plan.ts'
import { stickyCookieName } from '../src/net/backends/stickyCookie.ts'
import { systemClock } from '../src/net/clock.ts'
import type { ListenedRequest, ListenedResponse } from '../src/net/listened.ts'
import type { TestServer } from './tcpServer.ts'
import { tcpServer } from './tcpServer.ts'

const usual: Omit<Backend, 'urls'> = {
  trust: [],
  sticky: false,
  answerSeconds: 30,
  idleSeconds: 30,
  connections: 64,
  assertion: false,
  host: 'kept',
}

/** Settings of one backend, with the defaults of the tests. */
export function backendOf(urls: readonly string[], rest: Partial<Backend> = {}): Backend {
  return { ...usual, ...rest, urls }
}

export interface Recording extends TestServer {
  readonly url: string
  /** All that came over each connection, as text of one character an octet. */
  readonly came: string[]
  /** Resolves when something that came satisfies the question. */
  until(enough: (came: readonly string[]) => boolean): Promise<void>
}

/**
 * A server that records what comes.
 *
 * @param answer called with all that came over a connection so far, at each part of it
 */
export async function recordingServer(
  t: TestContext,
  answer: (came: string, socket: Socket, connection: number) => void,
): Promise<Recording> {
  const came: string[] = []
  const watchers = new Set<() => void>()
  const server = await tcpServer(t, (socket) => {
    const connection = came.push('') - 1
    for (const watch of watchers) watch()
    socket.on('data', (chunk: Buffer) => {
      came[connection] += chunk.toString('latin1')
      for (const watch of watchers) watch()
      answer(came[connection] ?? '', socket, connection)
    })
  })
  return {
    ...server,
    url: `http://127.0.0.1:${server.port}`,
    came,
    until: (enough) =>
      new Promise((resolve) => {
        const watch = (): void => {
          if (!enough(came)) return
          watchers.delete(watch)
          resolve()
        }
        watchers.add(watch)
        watch()
      }),
  }
}

/** Answers each request without a body once, in the order in which they came. */
export function eachAnswered(octets: string): (came: string, socket: Socket, connection: number) => void {
  const answered = new Map<Socket, number>()
  return (came, socket) => {
    const heads = came.split('\r\n\r\n').length - 1
    for (let at = answered.get(socket) ?? 0; at < heads; at += 1) socket.write(octets, 'latin1')
    answered.set(socket, heads)
  }
}

export interface FrontOptions {
  readonly plan?: Partial<ForwardPlan>
  readonly caller?: Caller
  readonly tools?: Partial<BackendTools>
  readonly protocol?: 'http/1.1' | 'h2'
}

export interface Front {
  readonly port: number
  readonly url: string
  readonly backends: Backends
  readonly news: BackendNews[]
  /** Requests and handshakes that have come so far. */
  asked(): number
  /** How each request went, in the order in which they ended. */
  readonly went: Forwarded[]
  /** Resolves when so many have ended. */
  ended(count: number): Promise<void>
}

export async function openFront(
  t: TestContext,
  settings: Backend | Readonly<Record<string, Backend>>,
  options: FrontOptions = {},
): Promise<Front> {
  const news: BackendNews[] = []
  const went: Forwarded[] = []
  const watchers = new Set<() => void>()
  const all = 'urls' in settings ? { app: settings as Backend } : (settings as Readonly<Record<string, Backend>>)
  const backends = openBackends(all, {
    trust: {},
    names: {},
    clock: systemClock,
    stickySecret: new Uint8Array(32).fill(7),
    random: (octets) => crypto.getRandomValues(new Uint8Array(octets)),
    onNews: (each) => news.push(each),
    signal: new AbortController().signal,
    ...options.tools,
  })
  const note = (one: Forwarded): void => {
    went.push(one)
    for (const watch of watchers) watch()
  }
  let asked = 0
  const planOf = (request: ListenedRequest): ForwardPlan => {
    asked += 1
    return planFor(request, options, all)
  }
  const handle = (request: ListenedRequest, response: ListenedResponse): void =>
    void backends.forward(planOf(request), request, response).then(note)
  const server =
    options.protocol === 'h2'
      ? createHttp2(handle)
      : createHttp({ maxHeaderSize: 1 << 20, insecureHTTPParser: false }, handle).on(
          'upgrade',
          (request: IncomingMessage, socket: Socket, head: Buffer) =>
            void backends.upgrade(planOf(request), request, socket, head).then(note),
        )
  if ('maxHeadersCount' in server) server.maxHeadersCount = 0
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await backends.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    backends,
    news,
    asked: () => asked,
    went,
    ended: (count) =>
      new Promise((resolve) => {
        const watch = (): void => {
          if (went.length < count) return
          watchers.delete(watch)
          resolve()
        }
        watchers.add(watch)
        watch()
      }),
  }
}

function planFor(
  request: ListenedRequest,
  { plan, caller = { by: 'nobody' } }: FrontOptions,
  all: Readonly<Record<string, Backend>>,
): ForwardPlan {
  const headers = pairsOf(request)
  const [backend = 'app'] = Object.keys(all)
  const cookie = headers.find(([name]) => name === 'cookie')?.[1]
  const sent = cookie?.split('; ').find((pair) => pair.startsWith(`${stickyCookieName(backend)}=`))
  const stickyKey = sent?.slice(sent.indexOf('=') + 1)
  return {
    backend,
    method: request.method ?? 'GET',
    path: request.url ?? '/',
    headers: upstreamHeaders({
      asked: { headers, host: 'gate.example', address: '192.0.2.1', traceId: '0af7651916cd43dd8448eb211c80319c' },
      caller,
      backend: all[backend] ?? { host: 'kept' },
      port: 8443,
      spanId: 'b7ad6b7169203331',
    }),
    ...(stickyKey !== undefined && { stickyKey }),
    bodyLimits: { octets: 1 << 30, idleSeconds: 30 },
    signal: new AbortController().signal,
    ...plan,
  }
}

function pairsOf({ rawHeaders }: ListenedRequest): HeaderFields {
  const pairs: (readonly [string, string])[] = []
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase()
    if (!name.startsWith(':')) pairs.push([name, rawHeaders[at + 1] ?? ''])
  }
  return pairs
}

/** Sends octets, and resolves with all that came until the other end closed. */
export async function sendRaw(port: number, octets: string | Uint8Array): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let came = ''
  socket.on('data', (chunk: Buffer) => {
    came += chunk.toString('latin1')
  })
  socket.on('error', () => {})
  socket.write(typeof octets === 'string' ? Buffer.from(octets, 'latin1') : octets)
  await once(socket, 'close')
  return came
}

/** Header lines of the first request that came over a connection. */
export function linesOf(came: string): readonly string[] {
  const [head = ''] = came.split('\r\n\r\n', 1)
  return head.split('\r\n')
}

/** How many request lines came. */
export const heads = (came: readonly string[]): number => came.join('').match(/ HTTP\/1\.1\r\n/g)?.length ?? 0

/** Asks over HTTP/1.1 with a connection of its own. */
export async function overHttp1(port: number, method = 'GET') {
  const asked = httpRequest({ port, method, agent: false }).end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  const body = await text(answer)
  return { status: answer.statusCode, headers: answer.headers, body, trailers: answer.rawTrailers.length }
}

/** Asks over HTTP/2 with a session of its own. */
export async function overHttp2(port: number, method = 'GET') {
  const session = connectHttp2(`http://127.0.0.1:${port}`)
  const stream = session.request({ ':method': method, ':path': '/' })
  let trailers = 0
  let hints = 0
  stream.on('trailers', () => (trailers += 1)).on('headers', () => (hints += 1))
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders]
  const body = await text(stream)
  session.close()
  return { status: Number(headers[':status']), headers, body, trailers, hints }
}
