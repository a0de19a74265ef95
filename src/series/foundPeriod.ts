import { lagProducts } from './autocorrelation.ts'
import type { Asked } from './phaseFold.ts'
import { foldOf } from './phaseFold.ts'

/** A distance between events counts as frequent from so many deviations of chance on. */
const leastPeak = 5
/** Further on, where it is only followed up to more turns. */
const leastFollowed = 3
const mostPeaks = 3

/** A period and its parts and multiples: which of them is the true one is settled by the density of events. */
export const ratios: readonly number[] = [1 / 6, 1 / 5, 1 / 4, 1 / 3, 1 / 2, 2, 3, 4, 5, 6]

/**
 * The period that events seem to have by the distances between all pairs of them. It was looked for, and chosen: it proves
 * nothing until other events have it as well.
 *
 * @param events places in the times
 * @returns undefined where no distance is more frequent than chance has it
 */
export function foundPeriod(asked: Asked, events: readonly number[]): number | undefined {
  const { times, intervalMs } = asked
  const begin = times[0] ?? 0
  const span = (times[times.length - 1] ?? 0) - begin
  const steps = Math.round(span / intervalMs) + 1
  if (events.length < 6 || !(steps <= 65_536)) return undefined
  const stepOf = (place: number): number => Math.round(((times[place] as number) - begin) / intervalMs)
  const happened = new Float64Array(steps)
  const isThere = new Float64Array(steps)
  for (let place = 0; place < times.length; place += 1) isThere[stepOf(place)] = 1
  for (const event of events) happened[stepOf(event)] = 1
  const mostLag = Math.floor(steps * 0.8)
  const { sums, pairs } = lagProducts(happened, isThere, mostLag)
  const rate = ((sums[0] as number) / (pairs[0] as number)) ** 2
  // Three lags together: what is late by a step is still the same.
  const excess = sums.map((_, lag) => {
    if (lag < 2 || lag + 1 > mostLag) return 0
    const met = (sums[lag - 1] as number) + (sums[lag] as number) + (sums[lag + 1] as number)
    const expected = rate * ((pairs[lag - 1] as number) + (pairs[lag] as number) + (pairs[lag + 1] as number))
    return (met - expected) / Math.sqrt(expected + 1)
  })
  const peaks = peaksOf(excess.subarray(0, Math.floor(steps / 5) + 1))
  const followed = peaks.map((lag) => follow(lag, sums, excess) * intervalMs)
  return densestPeriod(asked, events, followed)
}

/** The highest lags that do not lie side by side. */
function peaksOf(excess: Float64Array): readonly number[] {
  const peaks: number[] = []
  const byHeight = [...excess.keys()]
    .filter((lag) => (excess[lag] as number) >= leastPeak)
    .sort((one, other) => (excess[other] as number) - (excess[one] as number))
  for (const lag of byHeight) {
    if (peaks.length === mostPeaks) break
    if (peaks.every((peak) => Math.abs(peak - lag) > 2)) peaks.push(lag)
  }
  return peaks
}

/** The period behind a lag, finer at each doubling: after 64 turns a step of error is a 64th of one. */
function follow(first: number, sums: Float64Array, excess: Float64Array): number {
  let period = centreAt(first, sums)
  for (let turns = 2; turns * period + 3 < excess.length; turns *= 2) {
    const near = Math.round(turns * period)
    let best = near
    for (let lag = near - 2; lag <= near + 2; lag += 1)
      if ((excess[lag] as number) > (excess[best] as number)) best = lag
    if ((excess[best] as number) < leastFollowed) break
    period = centreAt(best, sums) / turns
  }
  return period
}

function centreAt(lag: number, sums: Float64Array): number {
  const [before, here, after] = [sums[lag - 1] ?? 0, sums[lag] ?? 0, sums[lag + 1] ?? 0]
  const all = before + here + after
  return all > 0.5 ? lag + (after - before) / all : lag
}

function densestPeriod(asked: Asked, events: readonly number[], periods: readonly number[]): number | undefined {
  const span = (asked.times[asked.times.length - 1] ?? 0) - (asked.times[0] ?? 0)
  let best: { readonly period: number; readonly score: number } | undefined
  for (const one of periods)
    for (const ratio of [1, ...ratios]) {
      const period = one * ratio
      if (period < 2 * asked.intervalMs || span / period < 4) continue
      const { score } = foldOf(asked, period).densest(events)
      if (best === undefined || score > best.score) best = { period, score }
    }
  if (best === undefined) return undefined
  // A lag of two periods is known more exactly than one of one: they are held against each other when both are exact.
  const exact = [1, 1 / 2, 1 / 3]
    .map((ratio) => best.period * ratio)
    .filter((period) => period >= 2 * asked.intervalMs)
    .map((period) => refined(asked, events, period))
    .map((period) => ({ period, score: foldOf(asked, period).densest(events).score }))
  return exact.toSorted((one, other) => other.score - one.score)[0]?.period
}

/** The period near one by which events lie closest together, over all that is there. */
export function refined(asked: Asked, events: readonly number[], period: number): number {
  const span = (asked.times[asked.times.length - 1] ?? 0) - (asked.times[0] ?? 0)
  let best = period
  for (const fineness of [1, 4]) {
    const step = (asked.intervalMs * period) / (span * fineness)
    const middle = best
    let most = Number.NEGATIVE_INFINITY
    for (const turn of [0, 1, -1, 2, -2, 3, -3, 4, -4]) {
      const tried = middle + turn * step
      const { score } = foldOf(asked, tried).densest(events)
      if (score > most) [most, best] = [score, tried]
    }
  }
  return best
}
