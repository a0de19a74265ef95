import type { Flow, Transport } from './flow.ts'
import type { PortRange } from './ports.ts'
import type { Service } from './service.ts'

/**
 * What a listener has seen of a planned flow. `connected`: a TCP connection stood, so that both ways are open. `arrived`: a
 * datagram came; whether the answer went back is known to who asked. `half-open`: a connection was asked for, and nobody
 * heard the answer: the way back is cut. `not-seen`: nothing came, by which the way there is cut, or nobody tried.
 * `not-listened`: nothing stood open for it.
 */
export const listenStates = ['connected', 'arrived', 'half-open', 'not-seen', 'not-listened'] as const
export type ListenState = (typeof listenStates)[number]

/** Who came, by address, and how often. */
export interface ListenPeer {
  /** Canonical RFC 5952 text; empty where who came was gone before it could be told. */
  readonly address: string
  readonly times: number
}

/** A port that was to be open, and where it is. */
export interface ListenDoor {
  readonly port: number
  readonly transport: Exclude<Transport, 'icmp'>
  /** The range of the plan that it stands for. */
  readonly range?: PortRange
  /** Addresses of this machine on which it is open; `0.0.0.0` and `::` are all of a family. */
  readonly open: readonly string[]
  /** Addresses on which it could not be opened, with the platform's word: EADDRINUSE, EACCES. */
  readonly left: readonly { readonly address: string; readonly code: string }[]
}

export interface ListenFlow extends Pick<Flow, 'flow' | 'from' | 'to' | 'necessity' | 'expect'> {
  /** Null where the plan names none. */
  readonly port: number | null
  readonly range?: PortRange
  readonly transport: Exclude<Transport, 'icmp'>
  readonly service: Service
  readonly seen: ListenState
  /** Why nothing stood open for it. */
  readonly why?: string
  /** First octets came, not only a connection. */
  readonly spoke: boolean
  /** The first of those who came; the plan knows them by their address, unless it gives none for this flow. */
  readonly peers: readonly ListenPeer[]
  /** How often further ones came. */
  readonly furtherTimes: number
}

/** What `postern listen` has seen. */
export interface ListenReport {
  /** Version of Postern. */
  readonly postern: string
  readonly kind: 'listen'
  readonly site: string
  /** The host of the site that was answered for. */
  readonly as: string
  /** ISO 8601 UTC. */
  readonly startedAt: string
  readonly durationMs: number
  /** Whether half-open connections can be seen on this machine. */
  readonly seesHalfOpen: boolean
  readonly summary: {
    readonly connected: number
    readonly arrived: number
    readonly halfOpen: number
    readonly notSeen: number
    readonly notListened: number
  }
  readonly doors: readonly ListenDoor[]
  readonly flows: readonly ListenFlow[]
  /** Who came and is no planned opener by its address: a translation on the way, or somebody else. */
  readonly others: readonly (ListenPeer & Pick<ListenDoor, 'port' | 'transport'>)[]
  /** How often further ones came. */
  readonly furtherOthers: number
}
