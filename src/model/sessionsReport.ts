/** A session of a browser, as it is listed: nothing in here lets anybody in. */
export interface ListedSession {
  /** 16 hexadecimal digits, by which the record names it as well. */
  readonly session: string
  readonly tenantId: string
  readonly objectId: string
  /** For people to read, and for nothing else. */
  readonly name?: string
  readonly signedInAt: string
  readonly usedAt: string
  /** When Entra ID last said that the person may come. */
  readonly validatedAt: string
}

/** What `postern sessions list --json` and `postern sessions end --json` print. */
export interface SessionsReport {
  readonly postern: string
  readonly kind: 'sessions'
  readonly site: string
  readonly at: string
  readonly done: 'listed' | 'ended'
  readonly sessions: readonly ListedSession[]
}
