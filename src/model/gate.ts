import type { Route } from './route.ts'

/** A certificate chain and its private key, as PEM files: paths, absolute or relative to the site file. */
export interface CertificateFiles {
  /** The leaf first, then what leads to its root. */
  readonly certificate: string
  readonly key: string
}

/** How the gate proves to Entra ID that it is the app which people sign in to. */
export type ClientCredential =
  /** A reference such as `env:GATE_SECRET`, never the secret itself. */
  | { readonly kind: 'secret'; readonly reference: string }
  /** `private_key_jwt` (RFC 7523). */
  | { readonly kind: 'certificate'; readonly files: CertificateFiles }
  /** A token of another issuer that the registration trusts: read anew from its file each time it is used. */
  | { readonly kind: 'federated'; readonly file: string }

/** Browser sign-in. */
export interface SignInSettings {
  /** Application (client) id, a GUID in lower case. */
  readonly client: string
  readonly credential: ClientCredential
  /** Sign-ins that one browser may have begun and not ended, 1 to 20. */
  readonly pending: number
  /** Minutes that a begun sign-in may take, 1 to 60. */
  readonly withinMinutes: number
  /** Return addresses after sign-out, each of the gate's own origin; default: its start page. */
  readonly afterSignOut: string
}

/** Access tokens that callers send. */
export interface ApiSettings {
  /** What tokens may be for; absent with a sign-in: its client id. */
  readonly audiences: readonly string[]
  readonly accepts: 'users' | 'apps' | 'both'
}

export interface SessionSettings {
  /** Minutes without a request after which a session ends, 1 to 1,440. */
  readonly idleMinutes: number
  /** Hours after sign-in at which it ends in any case, 1 to 168. */
  readonly hardHours: number
  /** Minutes after which Entra ID is asked whether the person may still come, 1 to 120. */
  readonly revalidateMinutes: number
  /** Minutes for which a session is kept while Entra ID cannot be asked, 0 to 240; then nobody comes in. */
  readonly graceMinutes: number
  /** The database, a path absolute or relative to the site file. */
  readonly file: string
  /** Sessions that one person may have; the one used least recently gives way. 1 to 100. */
  readonly perPerson: number
}

export interface RecordSettings {
  /** The folder of the record, absolute or relative to the site file. */
  readonly folder: string
  /** Size in MiB at which a new file is begun, 1 to 4,096. */
  readonly rotateMiB: number
  /** Days for which ended files are kept, 1 to 3,650. */
  readonly keepDays: number
  /** GiB of all files together, above which the oldest are removed before their time, 1 to 16,384. The one that is written stays. */
  readonly mostGiB: number
  /** Seconds between signed checkpoints, 1 to 3,600. */
  readonly checkpointSeconds: number
  /**
   * Connections, and requests refused unread or for their number, of one address and reason in a minute that are told one by
   * one; those above are counted. 1 to 10,000.
   */
  readonly refusalsPerMinute: number
}

/** Asks a server whether it is well. */
export interface HealthCheck {
  readonly path: string
  /** 1 to 300. */
  readonly everySeconds: number
  /** 100 to 60,000. */
  readonly timeoutMs: number
}

/** Servers that are alike, behind the gate. */
export interface Backend {
  /** `http://host:port` or `https://host:port`, without a path. */
  readonly urls: readonly string[]
  /** PEM files of CAs that its certificates may be of; none: those of this machine. */
  readonly trust: readonly string[]
  /** The name that its certificates are for and that is sent as SNI; absent: the host of the URL. */
  readonly serverName?: string
  readonly health?: HealthCheck
  /** Keeps a browser at the server that it came to first, by a signed cookie. */
  readonly sticky: boolean
  /** Seconds until the head of an answer, 1 to 3,600. */
  readonly answerSeconds: number
  /** Seconds between two parts of an answer, 1 to 3,600. */
  readonly idleSeconds: number
  /** Connections to each of its servers at most, WebSockets included, 1 to 10,000. */
  readonly connections: number
  /** Sends who asks as a JWT of the gate, whose keys are at `/.postern/keys`. */
  readonly assertion: boolean
  /** The Host that it is sent: the gate's own (`kept`), or that of the URL (`own`). */
  readonly host: 'kept' | 'own'
}

export interface GateLimits {
  /** Seconds for a TLS handshake, 1 to 120. */
  readonly handshakeSeconds: number
  /** Seconds for the head of a request, 1 to 300. */
  readonly headSeconds: number
  /** Octets of all header fields of a request, 8,192 to 1,048,576. */
  readonly headOctets: number
  /** Header fields of a request, 20 to 2,000. */
  readonly headFields: number
  /** Octets of the body of a request, 0 to 1 TiB. */
  readonly bodyOctets: number
  /** Seconds between two parts of a body, 1 to 3,600. */
  readonly bodyIdleSeconds: number
  /** Seconds that a connection may be kept without a request, 1 to 3,600. */
  readonly idleSeconds: number
  /** Connections of all clients, 10 to 1,000,000. */
  readonly connections: number
  /** Connections of one address (IPv6: one /64), 1 to 100,000. */
  readonly connectionsPerAddress: number
  /** Requests a minute of one address (IPv6: one /64) of whoever has not signed in, 1 to 1,000,000. */
  readonly requestsPerAddress: number
  /** Requests a minute of one person or app, 1 to 1,000,000. */
  readonly requestsPerIdentity: number
  /** Requests and WebSockets that one address (IPv6: one /64) of whoever has not signed in may have open, 1 to 1,000,000. */
  readonly exchangesPerAddress: number
  /** Requests and WebSockets that one person or app may have open, 1 to 1,000,000. */
  readonly exchangesPerIdentity: number
  /** Seconds that open requests have to end after SIGTERM, 0 to 600. */
  readonly drainSeconds: number
}

/** Settings of the gate, with their defaults filled in. */
export interface Gate {
  /** Where people open it: `https://host:port`. Never taken from what a client sends. */
  readonly origin?: string
  readonly routes?: readonly Route[]
  /** `address:port`, with brackets for IPv6; absent: every address, at the port of the origin. */
  readonly listen?: readonly string[]
  /** One or more; of several the name that the client asks for chooses, and the first is for all others. */
  readonly certificates: readonly CertificateFiles[]
  readonly clientCertificates?: {
    /** PEM files of the CAs that client certificates are of. */
    readonly authorities: readonly string[]
    readonly ask: 'optional' | 'required'
  }
  /** Ids of tenants, GUIDs in lower case; absent: the site's own. */
  readonly tenants?: readonly string[]
  /** `https://host:port` of a tenant that is played, for rehearsals; absent: Entra ID in the site's cloud. */
  readonly authority?: string
  readonly signIn?: SignInSettings
  readonly api?: ApiSettings
  readonly sessions: SessionSettings
  readonly record: RecordSettings
  readonly backends: Readonly<Record<string, Backend>>
  /** The file of Microsoft's address ranges by service tag; a path. */
  readonly serviceTags?: string
  /** Proxies before the gate, as prefixes in CIDR notation: what they tell of the client is believed. */
  readonly behind: readonly string[]
  readonly limits: GateLimits
  /** Where spans are sent (OTLP over HTTP, JSON): `http://host:port` or `https://host:port`, without a path. Absent: nowhere. */
  readonly traces?: { readonly endpoint: string }
  /** Seconds for which browsers may come by HTTPS alone once they came (RFC 6797), 0 to 63,072,000; 0: not said. */
  readonly transportSecuritySeconds: number
  /** Of 127.0.0.1, for metrics; 0: none. */
  readonly administrationPort: number
}
