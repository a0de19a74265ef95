import type { BoundName } from './bounds.ts'
import { dayMs } from './places.ts'

/** A clock that went on by more since the last tidying was moved, or nobody tidied for as long. */
const leapMs = 2 * dayMs
/** For how long a clock has to go on from where it leapt to, until it is believed. */
const doubtMs = dayMs

type Known = Readonly<Partial<Record<BoundName, number>>>

/**
 * The time by which something is too old to be kept. A clock that leaps ahead is believed when it has gone on from there for a
 * day: one that was wrong for an hour has removed nothing then, and a watcher that was off for a month tidies a day later.
 *
 * @param known what was kept of the last time
 * @param now milliseconds since 1970, by the clock of the machine
 */
export function believedTime(known: Known, now: number): { readonly at: number; readonly kept: Known } {
  const { tidiedAt, believedAt = now, doubtedAt } = known
  const hasLeapt = tidiedAt !== undefined && now - tidiedAt > leapMs
  // Set back, to before the leap: there was one, and it is over.
  const isBack = tidiedAt !== undefined && now < tidiedAt
  const since = isBack ? 0 : (doubtedAt ?? 0) > 0 ? (doubtedAt ?? 0) : hasLeapt ? now : 0
  const isDoubted = since > 0 && now - since < doubtMs
  const at = isDoubted ? Math.min(believedAt, now) : now
  return { at, kept: { tidiedAt: now, believedAt: at, doubtedAt: isDoubted ? since : 0 } }
}
