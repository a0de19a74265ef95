/** What would bring whoever asked nearer to a way in. */
export const remedies = ['sign-in', 'step-up', 'ask', 'nothing'] as const
export type AccessRemedy = (typeof remedies)[number]

/** What came of one thing that a way in asks for. */
export interface AskedAccess {
  /** The key of the access rule, as in the site file. */
  readonly asks: string
  readonly ok: boolean
  /** A word of the closed list of the criterion. */
  readonly reason: string
  /** What is so, where it does not hold. */
  readonly says?: string
}

/** An event of a request, as the record has it. */
export interface RecordedStep {
  readonly time: string
  readonly activity: string
  readonly outcome: 'ok' | 'denied' | 'failed'
  readonly reason: string
  /** What the reason means. */
  readonly says: string
  /** What the client was answered. */
  readonly status?: number
}

/** What `postern explain-access --json` prints: whether a request would pass the gate, and what is missing. */
export interface AccessReport {
  readonly postern: string
  readonly kind: 'access'
  readonly site: string
  readonly request: {
    readonly method: string
    readonly host: string
    /** The path that would be judged and forwarded; as it was given, where it is refused. */
    readonly path: string
    readonly who: 'nobody' | 'user' | 'app'
    readonly tenantId?: string
    readonly objectId?: string
    /** Absent: none was given, and it is in no list. */
    readonly address?: string
    readonly at: string
  }
  readonly allowed: boolean
  /** Of a recorded request its reason; else `allowed`, `denied`, `no-route`, `method-not-allowed`, `host-not-served`, or why the request target is refused. */
  readonly because: string
  readonly says: string
  /** The path is left out where the site file has no such route any more. */
  readonly route?: { readonly id: string; readonly path?: string }
  /** The backend that it would be, or was, sent to. */
  readonly backend?: string
  /** Ways in of the route; that which is open alone, where there is one. */
  readonly ways: readonly { readonly at: number; readonly asked: readonly AskedAccess[] }[]
  readonly next?: AccessRemedy
  /** With `step-up`: the authentication context to ask for. */
  readonly context?: string
  /** Where a request of the record was asked about: it was judged then, and not now. */
  readonly recorded?: { readonly traceId: string; readonly events: readonly RecordedStep[] }
}
