import type { Random } from './seededRandom.ts'

/** A window wider than that share of a period is no spike any more. */
const widestShare = 1 / 6
const mostBins = 1440
const fewestBins = 4

/** When events may happen: the times at which was asked. Events are places in it. */
export interface Asked {
  /** Milliseconds since 1970, or by the clock on the wall, in growing order. */
  readonly times: Float64Array
  readonly intervalMs: number
}

/** The window of the phase in which events are densest. */
export interface Window {
  /**
   * The log-likelihood ratio of one rate inside and another outside against one rate (M. Kulldorff, "A spatial scan
   * statistic", Communications in Statistics 26, 1997), the highest over all places and widths.
   */
  readonly score: number
  /** From the begin of a period (times that it divides), milliseconds. */
  readonly phaseMs: number
  readonly widthMs: number
}

/** Times laid over each other by a period. */
export interface Fold {
  /** @param events places in the times; each may stand several times */
  densest(events: ArrayLike<number>): Window
  /** What a turn needs: the first place of each cycle, and the end. */
  readonly cycles: Int32Array
}

/**
 * Lays times over each other by a period and counts, so that what was not asked (gaps, nights) is no sign of anything: a
 * window is held against how often was asked in it.
 */
export function foldOf({ times, intervalMs }: Asked, periodMs: number): Fold {
  const bins = Math.max(fewestBins, Math.min(mostBins, Math.round(periodMs / intervalMs)))
  const binOf = new Uint16Array(times.length)
  const asked = new Float64Array(2 * bins + 1)
  const begins: number[] = []
  let cycle = Number.NaN
  for (let at = 0; at < times.length; at += 1) {
    const time = times[at] as number
    const whole = Math.floor(time / periodMs)
    const bin = Math.max(0, Math.min(bins - 1, Math.floor(((time - whole * periodMs) * bins) / periodMs)))
    binOf[at] = bin
    asked[bin + 1] = (asked[bin + 1] as number) + 1
    if (whole !== cycle) begins.push(at)
    cycle = whole
  }
  sumUp(asked, bins)
  const widths = widthsOf(bins)
  const met = new Float64Array(2 * bins + 1)
  const densest = (events: ArrayLike<number>): Window => {
    met.fill(0)
    for (let at = 0; at < events.length; at += 1) {
      const bin = binOf[events[at] as number] as number
      met[bin + 1] = (met[bin + 1] as number) + 1
    }
    sumUp(met, bins)
    const best = densestOf(met, asked, widths, bins, events.length)
    return { score: best.score, phaseMs: (best.start / bins) * periodMs, widthMs: (best.width / bins) * periodMs }
  }
  return { densest, cycles: Int32Array.from([...begins, times.length]) }
}

/** Counts by bin become sums up to each bin, over two turns. */
function sumUp(counts: Float64Array, bins: number): void {
  for (let at = 1; at <= bins; at += 1) counts[at + bins] = counts[at] as number
  for (let at = 1; at <= 2 * bins; at += 1) counts[at] = (counts[at] as number) + (counts[at - 1] as number)
}

function widthsOf(bins: number): readonly number[] {
  const widths = [1]
  for (let width = 2; width <= bins * widestShare; width = Math.ceil(width * 1.5)) widths.push(width)
  return widths
}

function densestOf(
  met: Float64Array,
  asked: Float64Array,
  widths: readonly number[],
  bins: number,
  events: number,
): { readonly score: number; readonly start: number; readonly width: number } {
  let best = { score: 0, start: 0, width: 1 }
  const perAsked = events / (asked[bins] as number)
  for (const width of widths) {
    for (let start = 0; start < bins; start += 1) {
      const inside = (met[start + width] as number) - (met[start] as number)
      // Two events are never a pattern, and most windows hold fewer: their logarithms need not be taken.
      if (inside < 3) continue
      const expected = ((asked[start + width] as number) - (asked[start] as number)) * perAsked
      if (inside <= expected) continue
      const outside = events - inside
      const score =
        inside * Math.log(inside / expected) + (outside > 0 ? outside * Math.log(outside / (events - expected)) : 0)
      if (score > best.score) best = { score, start, width }
    }
  }
  return best
}

/**
 * Events as they might have happened without a period: the gaps between them in another order, and each as long as memory
 * of nothing would make it (times a draw from the exponential distribution), since gaps that are all alike stay a period in
 * any order. Clusters and missing times stay.
 */
export function shuffledGaps(events: readonly number[], asked: number, random: Random): Int32Array {
  const gaps = Float64Array.from(
    { length: events.length + 1 },
    (_, at) => (events[at] ?? asked) - (events[at - 1] ?? 0),
  )
  let total = 0
  for (let at = gaps.length - 1; at >= 0; at -= 1) {
    const other = Math.floor(random() * (at + 1))
    const kept = gaps[at] as number
    gaps[at] = gaps[other] as number
    gaps[other] = kept
    gaps[at] = ((gaps[at] as number) + 0.5) * -Math.log(1 - random())
    total += gaps[at] as number
  }
  const places = new Int32Array(events.length)
  let sum = 0
  for (let at = 0; at < places.length; at += 1) {
    sum += gaps[at] as number
    places[at] = Math.min(asked - 1, Math.floor((sum / total) * asked))
  }
  return places
}

/** Events as they might have happened without a phase: those of each cycle turned by an angle of its own. Bursts stay. */
export function turnedCycles(events: readonly number[], cycles: Int32Array, random: Random): Int32Array {
  const places = new Int32Array(events.length)
  let cycle = 0
  let turn = random()
  for (let at = 0; at < places.length; at += 1) {
    const event = events[at] as number
    while (event >= (cycles[cycle + 1] as number)) {
      cycle += 1
      turn = random()
    }
    const begin = cycles[cycle] as number
    const length = (cycles[cycle + 1] as number) - begin
    places[at] = begin + ((event - begin + Math.floor(turn * length)) % length)
  }
  return places
}
