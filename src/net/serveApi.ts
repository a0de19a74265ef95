import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { cutLater } from './cutLater.ts'
import type { ServedPages } from './servePages.ts'

/** A request that comes from this machine, and from no page of another origin. */
export interface ApiRequest {
  readonly method: string
  /** As it was sent: neither decoded nor shortened. */
  readonly path: string
  /** Without its question mark; empty where there is none. */
  readonly query: string
  /** A header field by its name in lower case; several of one name are joined. */
  readonly field: (name: string) => string | undefined
  /** Reads what was sent along. Never throws. */
  readonly body: () => Promise<ApiBody>
}

export type ApiBody =
  | { readonly ok: string }
  /** `gone`: the client left before all of it had come. */
  | { readonly why: 'too-large' | 'not-utf8' | 'gone' }

export interface WholeAnswer {
  readonly status: number
  readonly fields: Readonly<Record<string, string>>
  readonly body: string
}

/** An answer without an end of its own. */
export interface StreamedAnswer {
  readonly status: number
  readonly fields: Readonly<Record<string, string>>
  /** Begins to write; may go on after it has returned. */
  readonly stream: (sink: AnswerSink) => void
}

export interface AnswerSink {
  /** @returns whether there is room for more; else `onRoom` is called once there is */
  write(text: string): boolean
  onRoom(listen: () => void): void
  /** Ends it with a last text; who does not read it is cut a moment later. */
  end(last?: string): void
  /** Aborts when the client is gone, or the server is closed. */
  readonly signal: AbortSignal
}

export type ApiAnswer = WholeAnswer | StreamedAnswer

/** Why a request is not given to who answers. */
export const apiRefusals = ['foreign-host', 'foreign-page', 'too-many-streams', 'fault'] as const
export type ApiRefusal = (typeof apiRefusals)[number]

export interface ServeApiOptions {
  /** Of 127.0.0.1; 0 takes any that is free. */
  readonly port: number
  readonly answer: (request: ApiRequest) => ApiAnswer | Promise<ApiAnswer>
  /** What is answered to what is refused here. */
  readonly refuse: (refusal: ApiRefusal) => WholeAnswer
  /** Told what `answer` throws: a bug. */
  readonly onFault?: (error: unknown) => void
  /** Octets of a body; default 65,536. */
  readonly mostBodyOctets?: number
  /** Open at once; default 256 connections, and of these 32 that carry a stream. */
  readonly mostConnections?: number
  readonly mostStreams?: number
  /** A connection on which nothing moves for so long is cut: who asks for much and reads nothing. Default 60,000. */
  readonly idleMs?: number
}

/**
 * Serves programs and pages of this machine: bound to 127.0.0.1, and only what names this machine as its host is answered,
 * so that no page reaches it by a name of its own (DNS rebinding); nothing that a page of another origin asks for in the
 * background is, nor anything that it sends. Nobody is allowed anything by CORS.
 */
export async function serveApi(options: ServeApiOptions): Promise<ServedPages> {
  const { port, refuse, onFault = () => {}, mostConnections = 256, mostStreams = 32, idleMs = 60_000 } = options
  const closing = new AbortController()
  const streams = { open: 0, most: mostStreams }
  const server = createServer(
    { maxHeaderSize: 16 * 1024, requestTimeout: 10_000, headersTimeout: 5_000, keepAliveTimeout: 5_000 },
    (request, response) => {
      response.on('error', () => {})
      request.on('error', () => {})
      answered(request, options)
        .catch((error: unknown) => {
          onFault(error)
          return refuse('fault')
        })
        .then((answer) => send({ request, response, answer, streams, refuse, closing: closing.signal }))
        .catch((error: unknown) => {
          onFault(error)
          response.destroy()
        })
    },
  )
  server.maxConnections = mostConnections
  server.setTimeout(idleMs)
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve({ error: error.code ?? error.message }))
    server.listen(port, '127.0.0.1', () => {
      server.removeAllListeners('error')
      server.on('error', () => {})
      const { port: taken } = server.address() as AddressInfo
      resolve({
        ok: {
          url: `http://127.0.0.1:${taken}`,
          close: () =>
            new Promise((done) => {
              server.close(() => done())
              closing.abort()
              server.closeAllConnections()
            }),
        },
      })
    })
  })
}

async function answered(request: IncomingMessage, options: ServeApiOptions): Promise<ApiAnswer> {
  const { answer, refuse, mostBodyOctets = 65_536 } = options
  const { authority, path, query } = targetOf(request)
  const field = (name: string): string | undefined => {
    const value = request.headers[name]
    return Array.isArray(value) ? value.join(', ') : value
  }
  const method = request.method ?? ''
  const foreign = foreignness(method, authority, field)
  if (foreign !== undefined) return refuse(foreign)
  return answer({ method, path, query, field, body: () => readBody(request, mostBodyOctets) })
}

/** Of a target in absolute form the authority counts, and not the Host field (RFC 9112 §3.2.2). */
function targetOf(request: IncomingMessage): {
  readonly authority: string
  readonly path: string
  readonly query: string
} {
  const target = request.url ?? '/'
  const absolute = /^https?:\/\/([^/?#]*)(.*)$/is.exec(target)
  const authority = (absolute === null ? request.headers.host : absolute[1]) ?? ''
  const rest = absolute === null ? target : (absolute[2] ?? '')
  const mark = rest.indexOf('?')
  const path = mark < 0 ? rest : rest.slice(0, mark)
  return { authority, path: path === '' ? '/' : path, query: mark < 0 ? '' : rest.slice(mark + 1) }
}

/**
 * Whether a request may have been made by a page of somebody else: what browsers say of it (Fetch Metadata, and Origin
 * where they do not send that) is held to the host that was asked. A link may lead here; nothing else may.
 */
function foreignness(
  method: string,
  authority: string,
  field: (name: string) => string | undefined,
): 'foreign-host' | 'foreign-page' | undefined {
  if (!/^(127\.0\.0\.1|localhost)(:\d{1,5})?$/i.test(authority)) return 'foreign-host'
  const reads = method === 'GET' || method === 'HEAD'
  const origin = field('origin')
  if (origin !== undefined && origin.toLowerCase() !== `http://${authority.toLowerCase()}`) return 'foreign-page'
  const site = field('sec-fetch-site')
  const isOwn = site === undefined || site === 'same-origin' || site === 'none'
  const isFollowed = reads && field('sec-fetch-mode') === 'navigate' && field('sec-fetch-dest') === 'document'
  return isOwn || isFollowed ? undefined : 'foreign-page'
}

async function readBody(request: IncomingMessage, most: number): Promise<ApiBody> {
  if (Number(request.headers['content-length'] ?? 0) > most) return { why: 'too-large' }
  const parts: Buffer[] = []
  let octets = 0
  try {
    for await (const part of request.iterator({ destroyOnReturn: false })) {
      if (!Buffer.isBuffer(part)) continue
      octets += part.length
      if (octets > most) return { why: 'too-large' }
      parts.push(part)
    }
  } catch {
    return { why: 'gone' }
  }
  try {
    return { ok: new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts)) }
  } catch {
    return { why: 'not-utf8' }
  }
}

const ownFields = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
} as const

interface Sending {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly answer: ApiAnswer
  readonly streams: { open: number; readonly most: number }
  readonly refuse: ServeApiOptions['refuse']
  readonly closing: AbortSignal
}

function send({ request, response, answer, streams, refuse, closing }: Sending): void {
  if ('stream' in answer && request.method !== 'HEAD') {
    if (streams.open >= streams.most) sendWhole(request, response, refuse('too-many-streams'))
    else sendStream({ request, response, answer, streams, closing })
  } else {
    sendWhole(request, response, answer)
  }
}

function sendWhole(request: IncomingMessage, response: ServerResponse, answer: ApiAnswer): void {
  // What a client goes on to send after its answer is read by nobody.
  const isWhole = request.complete || !hasBody(request)
  const text = 'body' in answer ? Buffer.from(answer.body) : undefined
  response.writeHead(answer.status, {
    ...ownFields,
    ...answer.fields,
    ...(text !== undefined && answer.status !== 304 && { 'content-length': String(text.length) }),
    ...(!isWhole && { connection: 'close' }),
  })
  response.end(request.method === 'HEAD' || answer.status === 304 ? undefined : text)
  if (!isWhole) response.once('finish', () => cutLater(request.socket))
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

function sendStream({ request, response, answer, streams, closing }: Omit<Sending, 'refuse'>): void {
  if (!('stream' in answer)) return
  const gone = new AbortController()
  streams.open += 1
  response.once('close', () => {
    streams.open -= 1
    gone.abort()
  })
  response.writeHead(answer.status, { ...ownFields, ...answer.fields, connection: 'close' })
  response.flushHeaders()
  answer.stream({
    write: (text) => !response.writableEnded && response.write(text),
    onRoom: (listen) => response.on('drain', listen),
    end(last) {
      if (!response.writableEnded) response.end(last)
      cutLater(request.socket)
    },
    signal: AbortSignal.any([gone.signal, closing]),
  })
}
