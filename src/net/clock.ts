/** The two clocks that an observation needs: one to say when, one to say how long. */
export interface Clock {
  /** Wall clock, milliseconds since 1970. */
  now(): number
  /** A clock that is never set back, in milliseconds from any origin. */
  monotonicMs(): number
}

export const systemClock: Clock = Object.freeze({ now: () => Date.now(), monotonicMs: () => performance.now() })

/** Starts a measurement; what it returns says when that was and how long ago, to a tenth of a millisecond. */
export function startStamp(clock: Clock): () => { readonly at: string; readonly ms: number } {
  const at = new Date(clock.now()).toISOString()
  const startMs = clock.monotonicMs()
  return () => ({ at, ms: msSince(clock, startMs) })
}

/** Milliseconds since a reading of the monotonic clock, to a tenth. */
export function msSince(clock: Clock, startMs: number): number {
  return Math.max(0, Math.round((clock.monotonicMs() - startMs) * 10) / 10)
}
