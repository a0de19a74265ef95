import type { Asked, Window } from './phaseFold.ts'

/** How events lie around the window of a period. */
export interface SpikeShape {
  /** Whole periods from the first time to the last. */
  readonly cycles: number
  /** Periods whose window was asked in at all, and those of them in which something happened. */
  readonly seen: number
  readonly hits: number
  /** `hits` of `seen`, as it would be had nothing been missing; 0 to 1. */
  readonly hitShare: number
  /** How many times as often something happens in the window as beside it. */
  readonly contrast: number
  /** Places in the list of events that lie in the window, or hardly beside it. */
  readonly members: readonly number[]
}

export const leastCycles = 5
/** A period that is met less often than every other time is half a guess. */
const leastHits = 0.55
const leastContrast = 3

/** Whether what was found has the form of a spike that comes back: often enough, and against quiet surroundings. */
export function isSpiky({ cycles, hits, hitShare, contrast }: SpikeShape): boolean {
  return cycles >= leastCycles && hits >= leastCycles - 1 && hitShare >= leastHits && contrast >= leastContrast
}

export function shapeOf(
  { times, intervalMs }: Asked,
  events: readonly number[],
  periodMs: number,
  window: Window,
): SpikeShape {
  const { widthMs } = window
  // Beside: as wide as the window, one width away on either side; all the rest where the period has no room for that.
  const isBeside = (from: number): boolean =>
    5 * widthMs > periodMs
      ? from >= widthMs
      : (from >= 2 * widthMs && from < 3 * widthMs) || (from >= periodMs - 2 * widthMs && from < periodMs - widthMs)
  const seen = new Set<number>()
  const hit = new Set<number>()
  const members: number[] = []
  let [askedInside, askedBeside, inside, beside, next] = [0, 0, 0, 0, 0]
  for (let at = 0; at < times.length; at += 1) {
    const since = (times[at] as number) - window.phaseMs
    const cycle = Math.floor(since / periodMs)
    const from = since - cycle * periodMs
    let met = 0
    while (events[next] === at) {
      met += 1
      if (isMember(from, periodMs, widthMs)) members.push(next)
      next += 1
    }
    if (from < widthMs) {
      askedInside += 1
      inside += met
      seen.add(cycle)
      if (met > 0) hit.add(cycle)
    } else if (isBeside(from)) {
      askedBeside += 1
      beside += met
    }
  }
  const cycles = Math.floor(((times[times.length - 1] ?? 0) - (times[0] ?? 0)) / periodMs)
  const present = Math.min(1, askedInside / Math.max(1, (seen.size * widthMs) / intervalMs))
  return {
    cycles,
    seen: seen.size,
    hits: hit.size,
    hitShare: seen.size === 0 ? 0 : Math.min(1, hit.size / (seen.size * Math.max(0.5, present))),
    contrast: askedInside === 0 ? 0 : inside / askedInside / ((beside + 0.5) / Math.max(1, askedBeside)),
    members,
  }
}

/** Whether a phase, counted from the begin of the window, belongs to it; half a width beside it still does. */
export function isMember(from: number, periodMs: number, widthMs: number): boolean {
  return from < 1.5 * widthMs || from >= periodMs - 0.5 * widthMs
}
