import type { CertificateFacts, TrustStore } from './certificateFacts.ts'
import type { IcmpErrorSeen, SegmentSeen } from './packetFacts.ts'
import type { PathHop } from './pathHop.ts'
import type { ServiceAnswer, ServiceQuestion } from './serviceAnswer.ts'
import type { SignInRequest } from './signInRequest.ts'
import type { TimeAnswer } from './timeAnswer.ts'

/**
 * What was seen on the wire, in the terms of the wire: no blame, no guess. A report keeps these, so that a judgement
 * can be repeated, and improved, from the file alone.
 */
export type Observation =
  | NameLookup
  | TcpConnect
  | UdpExchange
  | TlsHandshake
  | ServiceExchange
  | HttpExchange
  | AiaFetch
  | RevocationCheck
  | PacketEvidence
  | ConnectSeries
  | PathTrace
  | ToolLimit

/**
 * Why an observation was made: `probe` is the question itself, `repeat` the same question again, `control` the same
 * question with one thing varied, `posture` the same, asked of a server that works to learn what it takes besides, and
 * `context` was made for another flow and is shown because it decides here too.
 */
export type ObservationRole = 'probe' | 'repeat' | 'control' | 'posture' | 'context'

/** What a control varies against its probe. */
export const variations = [
  'resolver',
  'name',
  'transport',
  'port',
  'host',
  'address',
  'server-name',
  'tls-version',
  'hello-size',
  'tls',
  'plain-http',
  'proxy',
  'path',
  'source',
  'crowd',
  'payload',
  'idle',
  'time-to-live',
] as const
export type Variation = (typeof variations)[number]

interface Observed {
  /** Unique in one report: `e` and a number. */
  readonly id: string
  readonly role: ObservationRole
  /** Only on controls, and on what a posture asks. */
  readonly varies?: Variation
  /** When it began, ISO 8601 UTC with milliseconds. */
  readonly at: string
  /** How long it took, in milliseconds with one decimal. */
  readonly ms: number
  /** For how much of that this process itself was kept from looking, in milliseconds: the wire may have been as much quicker. */
  readonly ownLagMs?: number
}

/** One DNS question to one resolver (RFC 1035), or to the platform's own resolution when `resolver` is `system`. */
export interface NameLookup extends Observed {
  readonly kind: 'name-lookup'
  readonly name: string
  readonly type: 'A' | 'AAAA' | 'SRV' | 'SOA' | 'NS' | 'TXT' | 'CNAME'
  /** Address and port of the resolver (`10.1.0.5:53`, `[::1]:53`), or `system`. */
  readonly resolver: string
  /** What the resolver is to the site; `none`: at that address there is none, and what answers there is on the way. */
  readonly resolverRole: 'internal' | 'control' | 'system' | 'target' | 'none'
  readonly transport: 'udp' | 'tcp' | 'system'
  readonly outcome:
    | 'answer'
    | 'no-data'
    | 'name-error'
    | 'server-failure'
    | 'refused-by-policy'
    | 'other-rcode'
    | 'timeout'
    | 'refused'
    | 'unreachable'
    | 'malformed'
    | 'mismatch'
    | 'tool-limit'
    | 'aborted'
  /** DNS RCODE as a number (RFC 1035 §4.1.1, RFC 6895), when an answer came. */
  readonly rcode?: number
  readonly authoritative?: boolean
  /** The UDP answer had TC set: the whole one is to be had over TCP. */
  readonly truncated?: boolean
  /** Addresses in canonical text, `SRV` as `priority weight port target`, others as their text. */
  readonly answers: readonly string[]
  /** Names that the answer went through (CNAME), in order. */
  readonly aliases: readonly string[]
  /** Smallest TTL of the answer, in seconds. */
  readonly ttlSec?: number
  /** Where the answer came from, when that is not the resolver that was asked. */
  readonly answeredBy?: string
  /** A second answer under the same id, which says something else: one of the two is forged. */
  readonly contradictedBy?: { readonly outcome: 'answer' | 'other'; readonly answers: readonly string[] }
  /** The banner of `postern listen`, where that answered in the place of a name server. */
  readonly listener?: string
  /** Over TCP, of what is no DNS: printable octets as they are and others as `\xNN`; at most 80. */
  readonly firstOctets?: string
  readonly detail?: string
}

/** One TCP connection attempt to one address: never a race between several. */
export interface TcpConnect extends Observed {
  readonly kind: 'tcp-connect'
  readonly address: string
  readonly port: number
  readonly outcome:
    | 'connected'
    | 'refused'
    | 'timeout'
    | 'host-unreachable'
    | 'net-unreachable'
    | 'admin-prohibited'
    | 'reset'
    | 'no-local-network'
    | 'tool-limit'
    | 'aborted'
    | 'error'
  /** The platform's word, such as ECONNREFUSED. */
  readonly code?: string
  readonly localAddress?: string
  /** By which its packets are found; absent where the system had chosen none yet. */
  readonly localPort?: number
  /** The proxy that was dialled, by its name in the site; absent where the target itself was. */
  readonly proxy?: string
  /** What came of the connection, where it was made to be left again with next to nothing said. */
  readonly farewell?: Farewell
}

/** A connection that this side leaves (FIN, RFC 9293 §3.6), with few octets said on it or none: who lives says goodbye. */
export interface Farewell {
  /** How long nobody said anything before, in milliseconds; absent where we left at once, or as soon as it lived. */
  readonly heldMs?: number
  readonly bytesOut: number
  readonly bytesIn: number
  /**
   * `ended`, `reset`: the other end left as well. `lost`: before anything was said, not even a keep-alive (RFC 9293
   * §3.8.4) was acknowledged. `silence`: neither within the time-out.
   */
  readonly outcome: 'ended' | 'reset' | 'lost' | 'silence' | 'aborted'
}

/** One datagram sent and its answer, or none. */
export interface UdpExchange extends Observed {
  readonly kind: 'udp-exchange'
  readonly address: string
  readonly port: number
  readonly outcome: 'answer' | 'timeout' | 'refused' | 'unreachable' | 'tool-limit' | 'aborted' | 'error'
  readonly code?: string
  /** Of a silence on a platform that does not pass on that a datagram was refused (Windows): it may have been. */
  readonly refusalUnheard?: true
  readonly bytesOut: number
  readonly bytesIn: number
  /** The banner of `postern listen`, where that answered in the service's place. */
  readonly listener?: string
  /** What a time server answered; present where time was asked for and something came. */
  readonly time?: TimeAnswer
  /** What was asked in a service's own protocol, and of what. */
  readonly asked?: ServiceQuestion
  readonly of?: string
  /** What the service said; absent where something came and is no answer to the question: then `detail` says why. */
  readonly answer?: ServiceAnswer
  readonly detail?: string
}

/** One question in a service's own protocol over a connection that stands, and what came back. */
export interface ServiceExchange extends Observed {
  readonly kind: 'service-exchange'
  /** The proxy whose tunnel it went through, by its name in the site: address and port are then the proxy's. */
  readonly through?: string
  readonly address: string
  readonly port: number
  /** It was asked inside TLS. */
  readonly inTls?: true
  readonly asked: ServiceQuestion
  /** What it was asked about, where the question alone does not say it: a realm, an interface, a domain. */
  readonly of?: string
  readonly outcome: 'answer' | 'other-protocol' | 'reset' | 'closed' | 'timeout' | 'aborted' | 'error'
  readonly code?: string
  readonly bytesOut: number
  readonly bytesIn: number
  /** Of what is another protocol, or no whole answer: printable octets as they are and others as `\xNN`; at most 80. */
  readonly firstOctets?: string
  /** What the service said; present where the outcome is `answer`. */
  readonly answer?: ServiceAnswer
  /** Why what came is no answer to the question. */
  readonly detail?: string
}

/** One TLS handshake on one connection (RFC 5246, RFC 8446). */
export interface TlsHandshake extends Observed {
  readonly kind: 'tls-handshake'
  /** The proxy whose tunnel it went through, by its name in the site: address and port are then the proxy's. */
  readonly through?: string
  readonly address: string
  readonly port: number
  /** The SNI that was sent; absent when none was. */
  readonly serverName?: string
  readonly offered: {
    readonly minVersion: string
    readonly maxVersion: string
    readonly alpn: readonly string[]
    /** A key share beyond the usual ones, which makes the ClientHello longer than one segment. */
    readonly hello?: 'post-quantum'
    /** Octets of the ClientHello with its record header. */
    readonly helloOctets?: number
  }
  readonly outcome:
    | 'established'
    | 'alert'
    | 'reset'
    | 'closed'
    | 'timeout'
    | 'not-tls'
    | 'local-refusal'
    | 'aborted'
    | 'error'
  /** The alert that the server sent, as its number and name (RFC 8446 §6). */
  readonly alert?: {
    readonly number: number
    readonly name: string
    /** Sent as a warning, which ends no handshake: `outcome` says what did. */
    readonly warning?: true
  }
  /**
   * The first octets of an answer that is not TLS, printable ones as they are and others as `\xNN`; at most 80 octets.
   * A first handshake keeps none: they are on the repetition that follows its failure.
   */
  readonly firstOctets?: string
  readonly code?: string
  readonly bytesOut: number
  readonly bytesIn: number
  readonly version?: string
  readonly cipher?: string
  readonly alpn?: string
  /** The leaf first, then each issuer in order as far as signatures could be followed; strays are left out. */
  readonly chain: readonly CertificateFacts[]
  /** Certificates that the server sent, strays included. */
  readonly sentCertificates: number
  /** Stores that hold the root in which the chain ends, signatures verified; dates and names are judged apart. */
  readonly anchoredIn: readonly TrustStore[]
  /** True when every signature from the leaf to the last certificate of `chain` verified. */
  readonly signaturesVerify: boolean
  /** Whether the leaf names what was asked for (RFC 9525); absent when no name was asked for. */
  readonly nameMatches?: boolean
  readonly stapledOcsp: boolean
  /**
   * A CertificateRequest was seen (RFC 5246 §7.4.4, RFC 8446 §4.3.2); absent where none was, where the handshake failed
   * before octets were kept or after encryption had begun, and in an established TLS 1.1 or older, which hides it.
   */
  readonly clientCertificateRequested?: true
}

/** Whether a handshake ended without a word after the ClientHello: by a reset, by an end, or by silence. */
export function isCutHello({ outcome, bytesIn }: Pick<TlsHandshake, 'outcome' | 'bytesIn'>): boolean {
  return bytesIn === 0 && (outcome === 'reset' || outcome === 'closed' || outcome === 'timeout')
}

/** One HTTP request and its answer (RFC 9110), without following redirects. */
export interface HttpExchange extends Observed {
  readonly kind: 'http-exchange'
  /** The proxy that it went to, or through the tunnel of, by its name in the site: the address is then the proxy's. */
  readonly through?: string
  readonly url: string
  readonly address: string
  readonly method: 'GET' | 'HEAD' | 'POST' | 'CONNECT'
  /** The proxy was told who asks (Basic, RFC 7617); what it was told is nowhere. */
  readonly showedCredentials?: true
  readonly outcome: 'response' | 'not-http' | 'reset' | 'closed' | 'timeout' | 'too-large' | 'aborted' | 'error'
  readonly status?: number
  /** Header fields that a judgement uses, names in lower case: `server`, `location`, `content-type`, `x-ms-request-id` … */
  readonly headers: Readonly<Record<string, string>>
  /** Milliseconds from the last octet of the request to the first of the answer. */
  readonly firstByteMs?: number
  readonly body: {
    readonly kind: 'json' | 'html' | 'xml' | 'text' | 'binary' | 'empty'
    readonly bytes: number
    /** The `<title>` of a page, at most 120 characters. */
    readonly title?: string
    /** Members of a JSON document that a judgement uses, such as `issuer`; entityID and SingleSignOnService of SAML metadata. */
    readonly members: Readonly<Record<string, string>>
  }
  readonly firstOctets?: string
  /** Octets that had come of an answer that was never whole; absent where none came, or another outcome speaks of them. */
  readonly bytesIn?: number
  readonly code?: string
  /** What came of the wish to go on in WebSocket; present where the request was one (RFC 6455 §4.1) and was answered. */
  readonly upgrade?: WebSocketUpgrade
  /** What the answer says in the service's own protocol, where one was spoken inside HTTP. */
  readonly answer?: ServiceAnswer
  /** Where the answer sends a browser to sign in; read of own apps alone. */
  readonly signIn?: SignInRequest
}

/** The opening handshake of a WebSocket, and what came in answer to one ping behind it (RFC 6455). */
export interface WebSocketUpgrade {
  /** Subprotocols that were offered, such as `amqp`. */
  readonly offered: readonly string[]
  /** `accepted`: 101 that belongs to this handshake; `not-switched`: another status; `not-websocket`: 101, and no such answer. */
  readonly outcome: 'accepted' | 'not-switched' | 'not-websocket'
  readonly protocol?: string
  /** Why a 101 is none, or what of the frames behind it breaks the protocol. */
  readonly why?: string
  /** What came behind an accepted handshake, the most telling of it: `nothing` in the time that was left. */
  readonly heard?: 'pong' | 'close' | 'frame' | 'violation' | 'ended' | 'nothing'
  /** Milliseconds from the ping to what was heard. */
  readonly pongMs?: number
  /** The code of a Close frame that the server sent first (RFC 6455 §7.4). */
  readonly closeCode?: number
  /** By which Azure Service Bus can find the request: only the service itself writes one. */
  readonly trackingId?: string
}

/** Whether a proxy has opened the tunnel that it was asked for (RFC 9110 §9.3.6). */
export function isTunnel({
  method,
  outcome,
  status = 0,
}: Pick<HttpExchange, 'method' | 'outcome' | 'status'>): boolean {
  return method === 'CONNECT' && outcome === 'response' && status >= 200 && status < 300
}

/** The issuer of a certificate fetched from where the certificate says (RFC 5280 §4.2.2.1), because it was not sent. */
export interface AiaFetch extends Observed {
  readonly kind: 'aia-fetch'
  readonly url: string
  /** The proxy that was asked for it, by its name in the site. */
  readonly through?: string
  readonly outcome:
    | 'certificate'
    | 'not-a-certificate'
    | 'wrong-issuer'
    | 'http-status'
    | 'unreachable'
    | 'timeout'
    | 'refused-address'
    | 'tool-limit'
    | 'aborted'
  readonly status?: number
  readonly subject?: string
  /** Octets that had come of an answer that was not whole in time; absent where none came. */
  readonly bytesIn?: number
  readonly detail?: string
}

/**
 * The state of one certificate, asked where the certificate itself says: a list fetched (RFC 5280 §5), a responder asked
 * (RFC 6960), or the answer that a server stapled to its handshake (RFC 6066 §8).
 */
export interface RevocationCheck extends Observed {
  readonly kind: 'revocation-check'
  readonly method: 'crl' | 'ocsp' | 'staple'
  /** Absent for a stapled answer: nothing was fetched. */
  readonly url?: string
  /** The proxy that was asked for it, by its name in the site. */
  readonly through?: string
  /** Distinguished name of the certificate that was asked about, RFC 4514 order, and its serial number in hexadecimal. */
  readonly subject: string
  readonly serial: string
  readonly outcome:
    | 'good'
    | 'revoked'
    /** The responder is right and knows nothing of the certificate. */
    | 'unknown-certificate'
    /** Genuine, and past its nextUpdate by the time of `at`. */
    | 'stale'
    /** Genuine, and its thisUpdate is still to come. */
    | 'not-yet-valid'
    /** Signed by nobody who may speak for the issuer. */
    | 'bad-signature'
    /** Of another issuer, about another certificate, or in part only (a delta list). */
    | 'other-certificate'
    /** Neither a list nor an answer: `detail` says what came instead. */
    | 'not-an-answer'
    /** The responder's own refusal (RFC 6960 §4.2.1): `detail` is its word. */
    | 'responder-refused'
    | 'http-status'
    | 'too-large'
    | 'unreachable'
    | 'timeout'
    /** Where the certificate sends us is no place for it to name. */
    | 'refused-address'
    | 'tool-limit'
    | 'aborted'
  readonly status?: number
  readonly thisUpdate?: string
  readonly nextUpdate?: string
  readonly revokedAt?: string
  /** CRLReason (RFC 5280 §5.3.1), such as `keyCompromise`. */
  readonly reason?: string
  /** Octets of what was fetched. */
  readonly bytes?: number
  /** Octets that had come of an answer that was not whole in time; absent where none came. */
  readonly bytesIn?: number
  /** Title of the page that came instead of an answer, at most 120 characters. */
  readonly title?: string
  readonly detail?: string
}

/**
 * What the packets of one attempt show that the system does not say: who refused it, and what came besides. Of the packets
 * themselves nothing is kept. `at` and `ms` are those of the attempt.
 */
export interface PacketEvidence extends Observed {
  readonly kind: 'packet-evidence'
  /** The attempt: the id of a `tcp-connect` or a `udp-exchange`. */
  readonly of: string
  readonly address: string
  readonly port: number
  readonly transport: 'tcp' | 'udp'
  /** SYNs or datagrams that left this machine. */
  readonly sent: number
  readonly synAck?: SegmentSeen
  /** The first reset that came, and how far the connection was by then. */
  readonly rst?: SegmentSeen & { readonly before: 'syn-ack' | 'payload' | 'end' }
  /** This machine itself refused what came: a connection that it had given up. */
  readonly ownRst?: true
  readonly icmp: readonly IcmpErrorSeen[]
  /** Of TCP: segments with payload that were sent more than once. */
  readonly resent?: number
  /** Packets that the kernel dropped during the whole capture: what was not seen proves little then. */
  readonly lost?: number
}

/**
 * New connections to one place at a steady pace, each left as soon as it stood, and what came of all of them. `ms` is from
 * the first that was sent to the last. A SYN to which nothing comes is sent again a whole number of seconds later (RFC 6298
 * §2.1), which shows in how long the connection took.
 */
export interface ConnectSeries extends Observed {
  readonly kind: 'connect-series'
  readonly address: string
  readonly port: number
  /** `loss`: at a pace that no path minds; `rate`: at this one of several paces. */
  readonly asked: 'loss' | 'rate'
  /** Connections a second that were meant. */
  readonly perSecond: number
  /** `whole`: as many as were meant; else the series ended early. */
  readonly outcome: 'whole' | 'aborted' | 'tool-limit'
  /** All that the following numbers count. */
  readonly sent: number
  /** Stood by the first SYN. */
  readonly prompt: number
  /** Stood by one that was sent again. */
  readonly repeated: number
  /** Stood so much later than the quickest that one SYN could have been sent again, and at no time at which one is. */
  readonly late: number
  /** Had no answer within the time-out. */
  readonly lost: number
  /** Refused, reset, or unreachable by somebody's word. */
  readonly refused: number
  /** Repeated and lost ones in each tenth of the series. */
  readonly missedByTenth: readonly number[]
  /** How long those took that stood by the first SYN, less this process's own lag; absent where none did. */
  readonly roundTripMs?: {
    readonly least: number
    readonly median: number
    readonly p95: number
    readonly most: number
  }
}

/** Connections of a series that had to be tried again, or did not come about. */
export function missedOf({ repeated, lost, refused }: Pick<ConnectSeries, 'repeated' | 'lost' | 'refused'>): number {
  return repeated + lost + refused
}

/**
 * How far packets for one place come, by a path tool of the platform: each hop in turn is made the last one that they may
 * reach, and says so, or is silent.
 */
export interface PathTrace extends Observed {
  readonly kind: 'path-trace'
  readonly tool: 'traceroute' | 'tracert'
  readonly address: string
  /** What was sent. ICMP echo has no port: a rule for a port does not concern it. */
  readonly sent: 'tcp-syn' | 'udp' | 'icmp-echo'
  /** Absent for ICMP echo. */
  readonly port?: number
  /** In their order, without this machine's own word; of those that are silent to the end the first stands for all. */
  readonly hops: readonly PathHop[]
  /**
   * `reached`: the address itself answered. `stopped`: somebody said that it goes no further. `silent`: from some hop on
   * nobody answered. `hop-limit`: the last hop that was asked answered, and is not the end. `cut-short`: its time was over.
   */
  readonly outcome: 'reached' | 'stopped' | 'silent' | 'hop-limit' | 'cut-short'
  /** How the address answered a SYN, where that was sent and the tool tells. */
  readonly reply?: 'syn-ack' | 'reset'
}

/** Something on this machine, not on the path, kept the question from being asked. */
export interface ToolLimit extends Observed {
  readonly kind: 'tool-limit'
  readonly limit:
    | 'no-probe-yet'
    | 'no-ipv4'
    | 'no-ipv6'
    | 'no-descriptors'
    | 'no-ports'
    | 'no-right'
    /** The time of the whole check was over. */
    | 'budget'
    /** The time of this one question was over, in the middle of the conversation. */
    | 'question-budget'
    | 'aborted'
    /** The probe itself failed. */
    | 'fault'
  readonly detail: string
}

/** An observation as the wire gave it, before a check files it under an id and a role. */
export type Unfiled<O extends Observation = Observation> = O extends unknown ? Omit<O, 'id' | 'role' | 'varies'> : never
