import type { Clock } from '../clock.ts'

/** How much of something is borne: so many at once, and so many a second after that. */
export interface Rate {
  readonly burst: number
  readonly perSecond: number
}

/** Counts against a rate; what it returns says whether one more is borne. */
export function bucketOf({ burst, perSecond }: Rate, clock: Clock): () => boolean {
  let left = burst
  let lastMs = clock.monotonicMs()
  return () => {
    const nowMs = clock.monotonicMs()
    left = Math.min(burst, left + ((nowMs - lastMs) / 1000) * perSecond)
    lastMs = nowMs
    if (left < 1) return false
    left -= 1
    return true
  }
}
