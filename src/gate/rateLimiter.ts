/** Callers that are remembered at most; the one that came least recently is forgotten. */
export const mostRemembered = 100_000

/**
 * Counts requests by caller, as a bucket that fills evenly: so many a minute, and as many at once. Memory is bounded: of
 * more callers than are remembered, those who come least are forgotten, and begin with a full bucket.
 */
export class RateLimiter {
  readonly #perMinute: number
  readonly #now: () => number
  readonly #most: number
  /** By caller, the least recent first. */
  readonly #buckets = new Map<string, { left: number; at: number }>()

  /**
   * @param perMinute requests a minute, 1 or more
   * @param monotonicMs milliseconds of a clock that is never set back
   */
  constructor(perMinute: number, monotonicMs: () => number, most = mostRemembered) {
    this.#perMinute = perMinute
    this.#now = monotonicMs
    this.#most = most
  }

  /** Takes one; returns 0, or the seconds until there is one again. */
  take(caller: string): number {
    const left = this.#left(caller)
    this.#buckets.delete(caller)
    this.#buckets.set(caller, { left: left >= 1 ? left - 1 : left, at: this.#now() })
    if (this.#buckets.size > this.#most) {
      const [oldest] = this.#buckets.keys()
      if (oldest !== undefined) this.#buckets.delete(oldest)
    }
    return this.#secondsFor(left)
  }

  /** What {@link take} would return; takes nothing. */
  wait(caller: string): number {
    return this.#secondsFor(this.#left(caller))
  }

  #left(caller: string): number {
    const kept = this.#buckets.get(caller)
    const filled =
      kept === undefined ? this.#perMinute : kept.left + ((this.#now() - kept.at) / 60_000) * this.#perMinute
    return Math.min(this.#perMinute, filled)
  }

  #secondsFor(left: number): number {
    return left >= 1 ? 0 : Math.max(1, Math.ceil(((1 - left) * 60) / this.#perMinute))
  }
}
