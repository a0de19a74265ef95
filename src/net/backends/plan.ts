import type { BackendReason } from './backendReasons.ts'

/** Header fields in their order, names in lower case. */
export type Fields = readonly (readonly [name: string, value: string])[]

/** A page of the gate's own, in the place of an answer that did not come. */
export interface OwnPage {
  /** Names in lower case; `content-length` is added. */
  readonly headers: Fields
  readonly body: string
}

/** What is to be sent on, as it was judged. */
export interface ForwardPlan {
  /** Name of the backend in the settings. */
  readonly backend: string
  readonly method: string
  /** Path and query, octet for octet as they were judged; begins with a slash. */
  readonly path: string
  /**
   * Names and values by turns, as they are to be sent. `host` only where the backend is not to be sent its own; no field of
   * one connection.
   */
  readonly headers: readonly string[]
  /** Value of the cookie {@link stickyCookieName} as the client sent it. */
  readonly stickyKey?: string
  readonly bodyLimits: {
    /** Octets of the request's body at most. */
    readonly octets: number
    /** Seconds between two parts of it. */
    readonly idleSeconds: number
  }
  /** Its abort ends the exchange wherever it is, as the end of a session does; `GoingAway` as its reason: the gate ends. */
  readonly signal: AbortSignal
  /** Has the last word on the header fields of a backend's answer; default: they are sent as they are. */
  answer?(status: number, fields: Fields): Fields
  /** What is answered where no backend answered; default: one line of text. */
  page?(status: number, reason: BackendReason): OwnPage
}

/** How it went, for the record. */
export interface Forwarded {
  /** Of the answer that the client was sent; absent where it was sent none. */
  readonly status?: number
  /** `http://host:port` of the server that answered, or that was tried last. */
  readonly server?: string
  /** Absent: the answer of the backend was handed on whole. */
  readonly reason?: BackendReason
  /** Octets of the request's body that were sent on, and of the answer's. Of a WebSocket: of all that was said. */
  readonly octetsOut: number
  readonly octetsIn: number
  /** Servers that were asked: 0 to 2. */
  readonly attempts: number
}

/** What became of a server. */
export interface BackendNews {
  readonly backend: string
  readonly server: string
  readonly state: 'well' | 'unwell' | 'ejected'
  /** Of the closed list, or what the question for its health met. */
  readonly why: BackendReason | 'health-status' | 'health-timeout' | 'answers-again'
}

/** A server at this moment. */
export interface ServerState {
  readonly backend: string
  readonly server: string
  readonly state: BackendNews['state']
  /** Requests and WebSockets that it has at this moment. */
  readonly inFlight: number
}
