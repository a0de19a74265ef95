import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import type { Duplex } from 'node:stream'

/** A request over HTTP/1.1 or HTTP/2: what both have in common is all that the gate uses. */
export type ListenedRequest = IncomingMessage | Http2ServerRequest
export type ListenedResponse = ServerResponse | Http2ServerResponse

/** A connection over which requests come, once its handshake is done. */
export interface ListenedConnection {
  /** Counted from 1 by the listener. */
  readonly id: number
  /** Of the peer, canonical RFC 5952 text; IPv4 as such, also where the socket is one of IPv6. */
  readonly address: string
  readonly port: number
  readonly localAddress: string
  readonly localPort: number
  readonly tlsVersion: 'TLSv1.2' | 'TLSv1.3'
  readonly protocol: 'http/1.1' | 'h2'
  /** As the client asked for it (SNI), in lower case. */
  readonly serverName?: string
  /** SHA-256 of a client certificate that was verified, in lower-case hexadecimal. */
  readonly certificateSha256?: string
}

/** Why a connection ended before any request: a closed list. */
export const refusals = {
  'plain-http': 'plain HTTP on the port of TLS',
  'not-tls': 'something else than TLS on the port of TLS',
  'tls-version': 'no version of TLS in common: 1.2 and 1.3 are spoken',
  'tls-parameters': 'no cipher suite or group in common',
  'tls-aborted': 'the client ended the handshake',
  'tls-alert': 'the client refused the certificate or the handshake by an alert',
  'handshake-timeout': 'the handshake took too long',
  'client-certificate-missing': 'a client certificate is required and none was sent',
  'client-certificate-invalid': 'the client certificate is not of a CA that is asked for, or out of its dates',
  'too-many-connections': 'all connections that the gate may have are taken',
  'too-many-of-address': 'all connections that one address may have are taken',
  'bad-framing': 'what came was no request that has one meaning',
  'head-too-large': 'the header fields of a request were too large, or too many',
  'head-timeout': 'the head of a request took too long',
  'protocol-flood': 'HTTP/2 frames, or requests that wait for no answer, came in a flood',
} as const satisfies Readonly<Record<string, string>>
export type Refusal = keyof typeof refusals

/** What happened to a connection. */
export type ConnectionNews =
  | { readonly kind: 'opened'; readonly connection: ListenedConnection }
  | {
      readonly kind: 'closed'
      readonly connection: ListenedConnection
      readonly bytesIn: number
      readonly bytesOut: number
      readonly ms: number
    }
  | {
      readonly kind: 'refused'
      readonly why: Refusal
      readonly address: string
      readonly port: number
      readonly localAddress: string
      readonly localPort: number
      readonly serverName?: string
      /** The connection was open already: a request over it was refused. */
      readonly connection?: ListenedConnection
    }

/** What the gate is called with. */
export interface ListenHandlers {
  request(request: ListenedRequest, response: ListenedResponse, connection: ListenedConnection): void
  /** An HTTP/1.1 request that asks for another protocol; whoever is called owns the socket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Uint8Array, connection: ListenedConnection): void
  news(news: ConnectionNews): void
}
