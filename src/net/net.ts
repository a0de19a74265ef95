import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type {
  AiaFetch,
  Farewell,
  HttpExchange,
  NameLookup,
  RevocationCheck,
  TcpConnect,
  TlsHandshake,
  UdpExchange,
  Unfiled,
} from '../model/observation.ts'
import type { OctetExchange, OctetQuestion } from './askOctets.ts'
import type { VerifiedChain } from './chain.ts'

/** What bounds one wait: an abort frees the socket and the timer at once; the time-out ends the wait as `timeout`. */
export interface Limits {
  readonly signal: AbortSignal
  /** Milliseconds, 1 to 600000. */
  readonly timeoutMs: number
}

export interface LookupQuestion {
  readonly name: string
  readonly type: NameLookup['type']
  /** `system`: the platform's own resolution (getaddrinfo), which knows the hosts file; only for A and AAAA. */
  readonly resolver: { readonly address: string; readonly port: number } | 'system'
  readonly resolverRole: NameLookup['resolverRole']
  /** Ignored when the resolver is `system`. A truncated UDP answer is not retried here: that is a question of its own. */
  readonly transport: 'udp' | 'tcp'
  /**
   * Over UDP: listen to the end of the time-out for a second answer, which only forgery brings, and for answers from
   * elsewhere. Costs that time.
   */
  readonly hearOut?: true
}

export type HelloSize = 'small' | 'post-quantum'

export interface HandshakeQuestion {
  readonly address: string
  readonly port: number
  /** SNI, and the name that the leaf is held against; absent: no SNI, no name judged. */
  readonly serverName?: string
  readonly minVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'
  readonly maxVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'
  readonly alpn?: readonly string[]
  /**
   * `small` (default) fits one segment, as Windows' own hello does; `post-quantum` offers X25519MLKEM768 first and is over
   * 1,400 octets long where TLS 1.3 is offered.
   */
  readonly hello?: HelloSize
  /** Fetch missing issuers from where the certificates say; off by default, since it is a question of its own. */
  readonly fetchIssuers?: boolean
  /** The proxy whose tunnel the connection goes through: it is asked for missing issuers too, and resolves their names. */
  readonly through?: ProxyWay
  /**
   * Keep what the server says in the clear, which is the evidence of a failure: the first octets of what is no TLS,
   * warnings, certificates, the wish for a client certificate. Costs a fifth more; off by default.
   */
  readonly keepOctets?: boolean
}

export interface HttpQuestion {
  readonly url: string
  readonly address: string
  readonly method: 'GET' | 'HEAD' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** The answer is read for where it sends a browser to sign in. */
  readonly readsSignIn?: true
  /** The connection leads to this proxy, which is asked for the whole URL (RFC 9112 §3.2.2) and told who asks. */
  readonly proxy?: string
}

/** A proxy by its name in the site, and where it listens. */
export interface ProxyWay {
  readonly name: string
  readonly address: string
  readonly port: number
}

export interface UpgradeQuestion {
  /** Where the WebSocket lives, with the scheme under which HTTP asks for it: `http` for `ws`, `https` for `wss`. */
  readonly url: string
  readonly address: string
  /** Subprotocols in order of preference, such as `amqp`; none: any service. */
  readonly protocols: readonly string[]
}

/**
 * The wire, as probes are given it. Each call answers with an observation and never throws for what the network did;
 * it throws for misuse only. A call that yields a connection hands it over: the caller closes it.
 */
export interface Net {
  /**
   * Does what is slow the first time (reading the trust stores), so that no measured wait pays for it. May be called
   * again, and need not be called at all.
   */
  prepare(): void
  /** Wall clock, milliseconds since 1970. */
  now(): number
  /** As many unguessable octets as are asked for: an answer that repeats them belongs to its question. */
  random(octets: number): Uint8Array
  lookup(question: LookupQuestion, limits: Limits): Promise<Unfiled<NameLookup>>
  /**
   * Addresses of this machine from which others can be reached over the family of `address`, one an interface; none where
   * it has a single interface, for then there is no choice.
   */
  sources(address: string): readonly string[]
  /** One attempt to one address (RFC 9293), from a stated address of this machine where one is given; no name, no race between families. */
  connect(
    to: { readonly address: string; readonly port: number; readonly localAddress?: string },
    limits: Limits,
  ): Promise<{ readonly seen: Unfiled<TcpConnect>; readonly socket?: Socket }>
  /**
   * Leaves an open connection, after a few octets or none, and listens whether the other end leaves as well. Where nothing
   * is said and there is time, the kernel first asks for a sign of life (keep-alive).
   *
   * @param heldMs hold it for so long instead, with no packet on it, 1 to 600000
   */
  farewell(over: Socket, said: Uint8Array, limits: Limits, heldMs?: number): Promise<Farewell>
  /**
   * A connection to a proxy, and a tunnel through it (CONNECT, RFC 9110 §9.3.6): the proxy resolves the host. What the
   * net was given for the proxy by its name says who asks.
   *
   * @throws RangeError when the host cannot be written
   */
  tunnel(
    proxy: ProxyWay,
    to: { readonly host: string; readonly port: number },
    limits: Limits,
  ): Promise<{
    readonly seen: Unfiled<TcpConnect>
    readonly asked?: Unfiled<HttpExchange>
    readonly socket?: Socket
  }>
  /** TLS over an open connection; the connection is destroyed unless the handshake was established. */
  handshake(
    over: Socket,
    question: HandshakeQuestion,
    limits: Limits,
  ): Promise<{
    readonly seen: Unfiled<TlsHandshake>
    readonly fetched: readonly Unfiled<AiaFetch>[]
    readonly socket?: TLSSocket
    /** The chain of an established handshake that ends in a trust store. */
    readonly verified?: VerifiedChain
  }>
  /**
   * Asks for the state of each certificate of a verified chain below its root, in all the ways there are: the stapled
   * answer, the responder and the list that the certificate names, all at once. Where the first address of a kind does
   * not settle it, the second is asked; each within the time-out. What is shared between certificates is fetched once. Nothing is asked where nothing is named.
   */
  revocation(chain: VerifiedChain, limits: Limits, through?: ProxyWay): Promise<readonly Unfiled<RevocationCheck>[]>
  /** One HTTP/1.1 request over an open connection, which is closed afterwards; no redirect is followed. */
  request(over: Socket, question: HttpQuestion, limits: Limits): Promise<Unfiled<HttpExchange>>
  /** The same with the body itself, the whole of `Location` and `Set-Cookie`, for what must be read or followed further. */
  exchange(
    over: Socket,
    question: HttpQuestion,
    limits: Limits,
  ): Promise<{
    readonly seen: Unfiled<HttpExchange>
    readonly body: Uint8Array
    readonly location?: string
    readonly cookies: readonly string[]
  }>
  /**
   * Octets of any protocol over an open connection, under TLS or not, and one whole answer, after which the connection is
   * left open and the caller closes it.
   */
  askOctets(
    over: Socket,
    question: OctetQuestion,
    limits: Limits,
  ): Promise<{ readonly seen: OctetExchange; readonly answer?: Uint8Array }>
  /**
   * One datagram on a connected socket, and the first answer to it.
   *
   * @param isOurs passes over what answers another question: only where nothing else comes is it handed over; default: all is ours
   */
  datagram(
    to: { readonly address: string; readonly port: number },
    payload: Uint8Array,
    limits: Limits,
    isOurs?: (answer: Uint8Array) => boolean,
  ): Promise<{ readonly seen: Unfiled<UdpExchange>; readonly answer?: Uint8Array }>
  /**
   * How long this platform takes to believe that a connection is refused, in milliseconds: what is given less time looks
   * silent where it refuses. Absent: no longer than the way there and back.
   */
  readonly refusalMs?: number
  /** Asks a time server for the time and holds it against this machine's clock (NTP, RFC 5905), which is never set. */
  askTime(to: { readonly address: string; readonly port: number }, limits: Limits): Promise<Unfiled<UdpExchange>>
  /** The opening handshake of a WebSocket over an open connection (RFC 6455), which is closed afterwards. */
  upgrade(over: Socket, question: UpgradeQuestion, limits: Limits): Promise<Unfiled<HttpExchange>>
}
