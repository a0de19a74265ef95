/** Who an exchange is counted for, and what it ends with. */
export interface Owner {
  /** Names the session; absent: a token was sent, or nothing. */
  readonly session?: string
  /** Whose exchanges are counted together: a person, an app, or a network of which nobody has signed in. */
  readonly caller: string
}

export interface OpenedExchange {
  readonly signal: AbortSignal
  /** Says that it has ended by itself. */
  readonly close: () => void
}

/**
 * What is open at the gate and must end when whoever asked for it may no longer come: WebSockets, event streams, long
 * downloads. An exchange is aborted by its signal, in the moment in which the end is told. Each caller has so many at once
 * and no more: else one of them could hold every connection to a backend for as long as it likes.
 */
export class OpenExchanges {
  readonly #open = new Map<Owner, AbortController>()
  /** By caller; one of whom nothing is open is not in it. */
  readonly #counts = new Map<string, number>()
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
   * Opens one.
   *
   * @param most exchanges that its caller may have, this one included
   * @param untilMs how long it may last at most, from now, in milliseconds; absent: as long as it likes
   * @returns undefined where the caller has as many already
   */
  open(owner: Owner, most: number, untilMs?: number): OpenedExchange | undefined {
    const { caller } = owner
    const count = this.#counts.get(caller) ?? 0
    if (count >= most) return undefined
    this.#counts.set(caller, count + 1)
    const controller = new AbortController()
    const own = { ...owner }
    this.#open.set(own, controller)
    const endsAt = untilMs === undefined ? undefined : this.#monotonicMs() + untilMs
    let timer: NodeJS.Timeout | undefined
    const arm = (): void => {
      if (endsAt === undefined) return
      const left = endsAt - this.#monotonicMs()
      if (left <= 0) controller.abort(signInEnded())
      // A timer counts 24 days at most.
      else timer = setTimeout(arm, Math.min(left, 2 ** 30)).unref()
    }
    arm()
    let isOpen = true
    return {
      signal: controller.signal,
      close: () => {
        if (!isOpen) return
        isOpen = false
        clearTimeout(timer)
        this.#open.delete(own)
        this.#countDown(caller)
      },
    }
  }

  /** Ends what a session has open; returns how many there were. */
  end(session: string): number {
    return this.#abort((owner) => owner.session === session, signInEnded())
  }

  /** Ends everything; returns how many there were. */
  endAll(reason: Error): number {
    return this.#abort(() => true, reason)
  }

  /** What is aborted counts until it is closed: its connection to a backend is taken until then. */
  #abort(isMeant: (owner: Owner) => boolean, reason: Error): number {
    const meant = [...this.#open].filter(([owner]) => isMeant(owner))
    for (const [owner, controller] of meant) {
      this.#open.delete(owner)
      controller.abort(reason)
    }
    return meant.length
  }

  #countDown(caller: string): void {
    const left = (this.#counts.get(caller) ?? 0) - 1
    if (left > 0) this.#counts.set(caller, left)
    else this.#counts.delete(caller)
  }
}

const signInEnded = (): Error => new Error('the sign-in has ended')
