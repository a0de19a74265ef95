/** Who an exchange belongs to: it ends with the session, or with everything of the identity. */
export interface Owner {
  /** Names the session; absent: a token was sent. */
  readonly session?: string
  /** `tenant object`. */
  readonly identity?: string
}

/**
 * What is open at the gate and must end when whoever asked for it may no longer come: WebSockets, event streams, long
 * downloads. An exchange is aborted by its signal, in the moment in which the end is told.
 */
export class OpenExchanges {
  readonly #open = new Map<Owner, AbortController>()
  readonly #monotonicMs: () => number

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs
  }

  get size(): number {
    return this.#open.size
  }

  /** Names of the sessions of which something is open. */
  get sessions(): ReadonlySet<string> {
    return new Set([...this.#open.keys()].flatMap(({ session }) => session ?? []))
  }

  /**
   * Opens one; `close` says that it has ended by itself.
   *
   * @param untilMs how long it may last at most, from now, in milliseconds; absent: as long as it likes
   */
  open(owner: Owner, untilMs?: number): { readonly signal: AbortSignal; readonly close: () => void } {
    const controller = new AbortController()
    const own = { ...owner }
    this.#open.set(own, controller)
    const endsAt = untilMs === undefined ? undefined : this.#monotonicMs() + untilMs
    let timer: NodeJS.Timeout | undefined
    const arm = (): void => {
      if (endsAt === undefined) return
      const left = endsAt - this.#monotonicMs()
      if (left <= 0) controller.abort(new Error('the sign-in has ended'))
      // A timer counts 24 days at most.
      else timer = setTimeout(arm, Math.min(left, 2 ** 30)).unref()
    }
    arm()
    return {
      signal: controller.signal,
      close: () => {
        clearTimeout(timer)
        this.#open.delete(own)
      },
    }
  }

  /** Ends what belongs to a session or an identity, or with neither everything; returns how many there were. */
  end({ session, identity }: Owner): number {
    let ended = 0
    for (const [owner, controller] of this.#open) {
      const isMeant =
        (session === undefined && identity === undefined) ||
        (session !== undefined && owner.session === session) ||
        (identity !== undefined && owner.identity === identity)
      if (!isMeant) continue
      controller.abort(new Error('the sign-in has ended'))
      this.#open.delete(owner)
      ended += 1
    }
    return ended
  }
}
