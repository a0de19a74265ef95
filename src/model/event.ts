/** What happened, by the names of `design` that others rely on; each is mapped to a class of OCSF. */
export const eventKinds = [
  'network_activity',
  'authentication',
  'authorization',
  'http_activity',
  'account_change',
  'config_change',
  'detection_finding',
] as const
export type EventKind = (typeof eventKinds)[number]

/** Who did it: tenant id and object id, GUIDs in lower case, and never a name. */
export interface EventActor {
  readonly kind: 'user' | 'app'
  readonly tenantId: string
  readonly objectId: string
}

export interface EventPlace {
  /** Canonical RFC 5952 text. */
  readonly address: string
  readonly port?: number
}

/**
 * Something that happened, before it is written down. No token, code, cookie, secret or body is ever in one, and no text
 * that a client could choose except method, host and path.
 */
export interface GateEvent {
  readonly kind: EventKind
  /** What was done, such as `connect`, `sign-in`, `token`, `request`, `step-up`, `sign-out`, `revoke`, `reload`. */
  readonly activity: string
  readonly outcome: 'ok' | 'denied' | 'failed'
  /** A word of the closed list of the gate's reasons. */
  readonly reason: string
  readonly actor?: EventActor
  readonly src?: EventPlace
  readonly dst?: EventPlace
  /** 32 hexadecimal digits (W3C Trace Context), the same for all that came of one request. */
  readonly traceId?: string
  /** 16 hexadecimal digits that name a session, and do not let anybody into it. */
  readonly session?: string
  readonly http?: {
    readonly method: string
    readonly host: string
    /** As it was judged, without its query. */
    readonly path: string
    readonly status?: number
  }
  /** Id of the route that decided. */
  readonly route?: string
  /** What a criterion, a step or a reload adds: words and numbers of ours. */
  readonly detail?: Readonly<Record<string, string | number | boolean>>
  /** More than one: so many alike within the minute before, counted and not told one by one. */
  readonly count?: number
}

/** An event as it is kept: with time, id and its place in the chain. */
export interface RecordedEvent extends GateEvent {
  /** ISO 8601, UTC, with milliseconds. */
  readonly time: string
  /** A UUID (version 7), by which the same event is told from its copies. */
  readonly uid: string
  /** SHA-256 in hexadecimal over the one before and this event's own text. */
  readonly chain: string
}

/** Where the rooms of the gate tell what happened. */
export interface Recorder {
  /** Takes an event, which is written with those that come soon after. Never throws. */
  tell(event: GateEvent): void
  /** Resolves when the event would outlive this machine's power; rejects where it could not be written. */
  tellDurably(event: GateEvent): Promise<void>
}
