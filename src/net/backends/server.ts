import { Pool } from 'undici'
import type { Backend } from '../../model/gate.ts'
import type { BackendReason } from './backendReasons.ts'
import { isServersFault } from './backendReasons.ts'
import type { Choosable } from './chooseServer.ts'
import type { DialSettings } from './dialServer.ts'
import { dialServer } from './dialServer.ts'
import type { BackendNews } from './plan.ts'

/** Failures in a row after which a server is given nothing for a while; after its return one is enough. */
const mostFaults = 3
const firstEjectionMs = 10_000
const longestEjectionMs = 300_000
/** Octets of all header fields of an answer at most. */
const mostHeadOctets = 65_536
/** Servers keep a connection open for 5 seconds at least (Node's default); any that say longer are believed, up to a minute. */
const keepAliveMs = 4000
const longestKeepAliveMs = 60_000

export interface ServerTools {
  readonly tell: (news: BackendNews) => void
  readonly nowMs: () => number
  readonly signal: AbortSignal
}

/** One server of a backend: its connections, and how it has been doing. */
export class Server implements Choosable {
  readonly backend: string
  readonly url: URL
  readonly dial: DialSettings
  readonly pool: Pool
  readonly mostInFlight: number
  readonly sticky: string
  inFlight = 0
  isWell = true
  ejectedUntilMs = 0
  backSinceMs: number | undefined
  #isEjected = false
  #faults = 0
  #ejections = 0
  readonly #tools: ServerTools

  constructor(backend: string, url: URL, settings: Backend, dial: DialSettings, sticky: string, tools: ServerTools) {
    this.backend = backend
    this.url = url
    this.dial = dial
    this.sticky = sticky
    this.mostInFlight = settings.connections
    this.#tools = tools
    this.pool = poolOf(url, dial, tools.signal, {
      connections: settings.connections,
      headersTimeout: settings.answerSeconds * 1000,
      bodyTimeout: settings.idleSeconds * 1000,
    })
  }

  get state(): BackendNews['state'] {
    if (!this.isWell) return 'unwell'
    return this.#isEjected ? 'ejected' : 'well'
  }

  /** An answer came whole: whatever was held against the server is over. */
  answered(): void {
    this.#faults = 0
    if (!this.#isEjected) {
      const calm = this.backSinceMs === undefined || this.#tools.nowMs() - this.backSinceMs > longestEjectionMs
      if (calm) this.#ejections = 0
      return
    }
    this.#isEjected = false
    this.ejectedUntilMs = 0
    this.backSinceMs = Math.min(this.backSinceMs ?? 0, this.#tools.nowMs())
    this.#tell('well', 'answers-again')
  }

  /** Counts what is the server's fault, and has it rest after several in a row: twice as long each time. */
  failed(reason: BackendReason): void {
    if (!isServersFault(reason)) return
    const nowMs = this.#tools.nowMs()
    // Requests that were on their way when it was ejected say nothing new.
    if (this.ejectedUntilMs > nowMs) return
    this.#faults += 1
    if (this.#faults < mostFaults && !this.#isEjected) return
    this.#faults = 0
    this.#isEjected = true
    this.ejectedUntilMs = nowMs + Math.min(longestEjectionMs, firstEjectionMs * 2 ** Math.min(this.#ejections, 10))
    this.#ejections += 1
    this.backSinceMs = this.ejectedUntilMs
    this.#tell('ejected', reason)
  }

  /** What its health check says: told when it changes. */
  judged(isWell: boolean, why: BackendNews['why']): void {
    if (isWell === this.isWell) return
    this.isWell = isWell
    if (isWell) {
      this.backSinceMs = this.#tools.nowMs()
      this.#isEjected = false
      this.ejectedUntilMs = 0
      this.#faults = 0
    }
    this.#tell(isWell ? 'well' : 'unwell', why)
  }

  #tell(state: BackendNews['state'], why: BackendNews['why']): void {
    this.#tools.tell({ backend: this.backend, server: this.url.origin, state, why })
  }
}

/** Connections of HTTP/1.1, one request at a time over each: an answer is never looked for behind another one. */
export function poolOf(
  url: URL,
  dial: DialSettings,
  signal: AbortSignal,
  limits: { readonly connections: number; readonly headersTimeout: number; readonly bodyTimeout: number },
): Pool {
  return new Pool(url.origin, {
    ...limits,
    pipelining: 1,
    allowH2: false,
    useMilo: false,
    maxHeaderSize: mostHeadOctets,
    keepAliveTimeout: keepAliveMs,
    keepAliveMaxTimeout: longestKeepAliveMs,
    connect: (_, callback) =>
      void dialServer(url, dial, signal).then(
        (socket) => callback(null, socket),
        (error: unknown) => callback(error instanceof Error ? error : new Error('no connection'), null),
      ),
  })
}
