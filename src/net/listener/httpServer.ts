import type { TLSSocket } from 'node:tls'
import type { GateLimits } from '../../model/gate.ts'
import type { Clock } from '../clock.ts'
import type { ListenedRequest, ListenHandlers } from '../listened.ts'
import type { Connection } from './connection.ts'

export interface HttpOptions {
  readonly limits: GateLimits
  readonly handlers: ListenHandlers
  readonly clock: Clock
}

/** Serves one version of HTTP on connections whose handshake is done. */
export interface HttpServer {
  serve(socket: TLSSocket, connection: Connection): void
  /** Asks clients to end: whoever has no request open is ended now, and others after theirs. */
  drain(): void
  /** Frees timers; connections are the caller's. */
  close(): void
}

/** What a client that is refused by the listener itself reads. */
export const refusalTexts = {
  'bad-framing': { status: 400, text: 'The request can be read in more than one way.\n' },
  'head-too-large': { status: 431, text: 'The header fields of the request are too large, or too many.\n' },
  'head-timeout': { status: 408, text: 'The head of the request took too long.\n' },
  'protocol-flood': { status: 429, text: 'Too many requests at once on one connection.\n' },
} as const satisfies Readonly<Record<string, { readonly status: number; readonly text: string }>>
export type AnsweredRefusal = keyof typeof refusalTexts

/** Whether more of a body is wanted than has come: it is the client that keeps it waiting. */
export function isBodyAwaited(request: ListenedRequest): boolean {
  if (request.complete) return false
  return request.readableFlowing === true || (request.listenerCount('readable') > 0 && request.readableLength === 0)
}

export const plainTextType = 'text/plain; charset=utf-8'
