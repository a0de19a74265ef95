import { lagProducts } from './autocorrelation.ts'
import { winsorised } from './exceedances.ts'
import type { Asked } from './phaseFold.ts'
import { humanPeriodsMs } from './schedules.ts'
import type { Random } from './seededRandom.ts'
import { leastCycles } from './spikeShape.ts'
import { rarityOf } from './surrogates.ts'

const hourMs = 3_600_000
const mostBins = 48
/** A cycle of fewer readings has no form. */
const fewestBins = 4
/** Of all that moves, the form that comes back must be so much. */
const leastExplained = 0.15
/** From trough to crest, in logarithms: a tenth. */
const leastSwing = Math.log(1.1)
/** Of the cycles, so many must look like the mean of the others. */
const leastAlike = 0.7
/** A series that is less like itself one period later is not taken for periodic. */
const leastCorrelation = 0.15
/** Shorter periods explain as much by this share less: a day is a day, and not two. */
const preferShorter = 0.9
const parts: readonly number[] = [2, 3, 4, 5, 6]

export interface WaveSearch {
  readonly times: Float64Array
  readonly wallTimes?: Float64Array
  readonly values: Float64Array
  readonly intervalMs: number
  readonly random: Random
  readonly otherTests: number
  readonly level: number
  /** Periods that something else accounts for. */
  readonly isKnown: (periodMs: number) => boolean
}

export interface WavePeriod {
  readonly periodMs: number
  readonly onWall: boolean
  /** Where in the period it is highest, and how long of it it lies above its middle. */
  readonly phaseMs: number
  readonly highMs: number
  /** From trough to crest, in logarithms. */
  readonly swing: number
  readonly cycles: number
  /** Share of cycles that look like the others. */
  readonly alike: number
  readonly p: number
}

/** Means by cycle and by place in it, less what moves more slowly; NaN where there is none. */
interface Cycles {
  readonly rows: readonly Float64Array[]
  /** The sum of their squares. */
  readonly squares: number
  readonly bins: number
  /** Whole periods from the first time to the last. */
  readonly cycles: number
  /** The mean square that the form has, reading by reading, less what it has by chance. */
  readonly energy: number
}

interface Candidate {
  readonly periodMs: number
  readonly onWall: boolean
  readonly folded: Cycles
  /** Share of what moves that the mean form explains, less what it does by chance. */
  readonly explained: number
}

/** The listed periods that a wave of such a series may have. */
export function wavePeriodsMs(intervalMs: number, span: number): readonly number[] {
  return humanPeriodsMs.filter((periodMs) => periodMs >= fewestBins * intervalMs && span >= leastCycles * periodMs)
}

/** The period of a series that goes up and down all the time, where it has one. */
export function wavePeriod(search: WaveSearch): WavePeriod | undefined {
  const { times, wallTimes, intervalMs } = search
  const values = winsorised(search.values)
  const span = (times[times.length - 1] ?? 0) - (times[0] ?? 0)
  const utc = { times, intervalMs }
  const periods = wavePeriodsMs(intervalMs, span)
  const listed = periods.flatMap((periodMs) => [
    candidateOf(utc, values, periodMs, false),
    ...(wallTimes !== undefined && periodMs >= 2 * hourMs
      ? [candidateOf({ times: wallTimes, intervalMs }, values, periodMs, true)]
      : []),
  ])
  // Parts of the best one count as tests whether there was one or not.
  const tests = listed.length + parts.length + 1 + search.otherTests
  const most = mostExplained(listed)
  const best =
    most && mostExplained([...listed, ...partsOf(most, { times: wallTimes ?? times, intervalMs }, utc, values)])
  if (best !== undefined && search.isKnown(best.periodMs)) return undefined
  const proven = best && proof(best, best.folded, search, tests)
  if (proven !== undefined) return proven
  const middle = times.length >> 1
  const periodMs = alikePeriod({ times: times.subarray(0, middle), intervalMs }, values.subarray(0, middle))
  if (periodMs === undefined || search.isKnown(periodMs)) return undefined
  if (periodMs < fewestBins * intervalMs || span / 2 < leastCycles * periodMs) return undefined
  const second = { times: times.subarray(middle), intervalMs }
  const rest = candidateOf(second, values.subarray(middle), periodMs, false)
  return proof(candidateOf(utc, values, periodMs, false), rest.folded, search, tests)
}

/** The candidate whose form moves most; a shorter one where its moves nearly as much. */
function mostExplained(candidates: readonly Candidate[]): Candidate | undefined {
  const fit = candidates.filter(({ explained }) => explained >= leastExplained)
  const most = Math.max(0, ...fit.map(({ folded }) => folded.energy))
  return fit
    .filter(({ folded }) => folded.energy >= most * preferShorter)
    .toSorted((one, other) => one.periodMs - other.periodMs || other.explained - one.explained)[0]
}

/** A form that comes back twice, or up to six times, in a period has a part of it as its own. */
function partsOf({ periodMs, onWall }: Candidate, wall: Asked, utc: Asked, values: Float64Array): readonly Candidate[] {
  return parts
    .map((part) => periodMs / part)
    .filter((one) => one >= fewestBins * utc.intervalMs)
    .map((one) => candidateOf(onWall ? wall : utc, values, one, onWall))
}

/** @param tested the cycles that are to prove it */
function proof(
  { periodMs, onWall, folded, explained }: Candidate,
  tested: Cycles,
  { random, level }: WaveSearch,
  tests: number,
): WavePeriod | undefined {
  const form = formOf(folded)
  if (explained < leastExplained || form.swing < leastSwing || folded.cycles < leastCycles) return undefined
  const alike = alikeShare(folded)
  if (alike < leastAlike) return undefined
  const turnOf = (): number => Math.floor(random() * tested.bins)
  const p = Math.min(1, tests * rarityOf(scoreOf(tested), () => scoreOf(tested, turnOf)))
  if (p >= level) return undefined
  return {
    ...{ periodMs, onWall, alike, p, swing: form.swing, cycles: folded.cycles },
    phaseMs: ((form.crest + 0.5) / folded.bins) * periodMs,
    highMs: form.highShare * periodMs,
  }
}

function candidateOf(asked: Asked, values: Float64Array, periodMs: number, onWall: boolean): Candidate {
  const folded = cyclesOf(asked, values, periodMs)
  const share = explainedBy(folded)
  const byChance = 1 / Math.max(1, folded.rows.length)
  return { periodMs, onWall, folded, explained: (share - byChance) / (1 - Math.min(0.5, byChance)) }
}

/** The mean of one whole period around each reading is taken off: what drifts is no wave of that period. */
function cyclesOf({ times, intervalMs }: Asked, values: Float64Array, periodMs: number): Cycles {
  const { length } = times
  // Whole questions to a bin: else every other one being slow would come back as the beat of both.
  const perBin = Math.ceil(Math.round(periodMs / intervalMs) / mostBins)
  const bins = Math.max(1, Math.round(periodMs / (perBin * intervalMs)))
  const [begin, end] = [times[0] ?? 0, times[length - 1] ?? 0]
  const rows: Cells[] = []
  const firstCycle = Math.floor(begin / periodMs)
  let [from, to, sum, squares] = [0, 0, 0, 0]
  for (let at = 0; at < length; at += 1) {
    const time = times[at] as number
    const middle = Math.max(begin + periodMs / 2, Math.min(end - periodMs / 2, time))
    while (to < length && (times[to] as number) < middle + periodMs / 2) sum += values[to++] as number
    while (from < to && (times[from] as number) < middle - periodMs / 2) sum -= values[from++] as number
    const cycle = Math.floor(time / periodMs)
    const row = Math.max(0, cycle - firstCycle)
    const bin = Math.max(0, Math.min(bins - 1, Math.floor(((time - cycle * periodMs) * bins) / periodMs)))
    let cells = rows[row]
    if (cells === undefined) {
      while (rows.length <= row) rows.push({ sums: new Float64Array(bins), counts: new Float64Array(bins) })
      cells = rows[row] as Cells
    }
    const value = (values[at] as number) - sum / Math.max(1, to - from)
    squares += value * value
    cells.sums[bin] = (cells.sums[bin] as number) + value
    cells.counts[bin] = (cells.counts[bin] as number) + 1
  }
  const means = rows.map(({ sums, counts }) => sums.map((each, bin) => each / (counts[bin] as number)))
  return {
    rows: means,
    squares: means.reduce(
      (all, row) => row.reduce((part, mean) => part + (Number.isNaN(mean) ? 0 : mean * mean), all),
      0,
    ),
    bins,
    cycles: Math.floor((end - begin) / periodMs),
    energy: energyOf(rows, squares, length, bins),
  }
}

interface Cells {
  readonly sums: Float64Array
  readonly counts: Float64Array
}

function energyOf(rows: readonly Cells[], squares: number, readings: number, bins: number): number {
  let form = 0
  for (let bin = 0; bin < bins; bin += 1) {
    let [sum, count] = [0, 0]
    for (const { sums, counts } of rows) {
      sum += sums[bin] as number
      count += counts[bin] as number
    }
    if (count > 0) form += (sum * sum) / count
  }
  const noise = Math.max(0, squares - form) / Math.max(1, readings - bins)
  return (form - bins * noise) / Math.max(1, readings)
}

/** Share of the squares that the mean of each bin explains. */
function explainedBy(cycles: Cycles, turnOf: () => number = () => 0): number {
  const { sums, counts } = binsOf(cycles.rows, cycles.bins, turnOf)
  let explained = 0
  for (let bin = 0; bin < cycles.bins; bin += 1)
    explained += (sums[bin] as number) ** 2 / Math.max(1, counts[bin] as number)
  return cycles.squares > 0 ? explained / cycles.squares : 0
}

/**
 * The logarithm of how much better the form explains the cycles than nothing does.
 *
 * @param turnOf by how many bins each cycle is turned: how it moves stays, when it does is lost
 */
function scoreOf(cycles: Cycles, turnOf?: () => number): number {
  return -0.5 * cycles.rows.length * cycles.bins * Math.log(Math.max(1e-9, 1 - explainedBy(cycles, turnOf)))
}

/** Sums and counts of each bin over all cycles. */
function binsOf(rows: readonly Float64Array[], bins: number, turnOf: () => number = () => 0): Cells {
  const [sums, counts] = [new Float64Array(bins), new Float64Array(bins)]
  for (const row of rows) {
    let to = turnOf()
    for (let bin = 0; bin < bins; bin += 1) {
      const value = row[bin] as number
      if (!Number.isNaN(value)) {
        sums[to] = (sums[to] as number) + value
        counts[to] = (counts[to] as number) + 1
      }
      to = to + 1 === bins ? 0 : to + 1
    }
  }
  return { sums, counts }
}

function formOf({ rows, bins }: Cycles): {
  readonly crest: number
  readonly swing: number
  readonly highShare: number
} {
  const { sums, counts } = binsOf(rows, bins)
  const mean = sums.map((sum, bin) => sum / Math.max(1, counts[bin] as number))
  // Weights by which one bin up and the next one down is nothing.
  const form = mean.map(
    (value, bin) => value / 2 + ((mean[(bin + 1) % bins] as number) + (mean[(bin + bins - 1) % bins] as number)) / 4,
  )
  const [low, high] = [Math.min(...form), Math.max(...form)]
  const above = form.filter((value) => value > (low + high) / 2).length
  return { crest: form.indexOf(high), swing: high - low, highShare: above / bins }
}

/** Share of cycles whose form goes up and down with the mean of the others. */
function alikeShare({ rows, bins }: Cycles): number {
  const whole = rows.filter((row) => row.reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0) >= bins / 2)
  if (whole.length < 2) return 0
  const { sums, counts } = binsOf(whole, bins)
  let alike = 0
  for (const row of whole) {
    let [product, own, other] = [0, 0, 0]
    for (let bin = 0; bin < bins; bin += 1) {
      const value = row[bin] as number
      if (Number.isNaN(value)) continue
      const mean = ((sums[bin] as number) - value) / Math.max(1, (counts[bin] as number) - 1)
      product += value * mean
      own += value * value
      other += mean * mean
    }
    if (product > 0.2 * Math.sqrt(own * other)) alike += 1
  }
  return alike / whole.length
}

/**
 * The first high crest of the autocorrelation of a series without its drift. Of winsorised values this keeps the period
 * where a periodogram is drawn off by a few wild ones.
 */
function alikePeriod({ times, intervalMs }: Asked, values: Float64Array): number | undefined {
  const begin = times[0] ?? 0
  const steps = Math.round(((times[times.length - 1] ?? 0) - begin) / intervalMs) + 1
  const mostLag = Math.floor(steps / 4)
  if (!(steps <= 65_536) || mostLag < 2 * fewestBins) return undefined
  const level = new Float64Array(steps)
  const isThere = new Float64Array(steps)
  for (let at = 0; at < times.length; at += 1) {
    const step = Math.round(((times[at] as number) - begin) / intervalMs)
    level[step] = values[at] as number
    isThere[step] = 1
  }
  const { sums, pairs } = lagProducts(lessDrift(level, isThere, mostLag), isThere, mostLag)
  const zero = (sums[0] as number) / (pairs[0] as number)
  const alike = sums.map((sum, lag) => ((pairs[lag] as number) > 20 ? sum / (pairs[lag] as number) / zero : 0))
  let dipped = false
  let best: number | undefined
  for (let lag = 2; lag < mostLag; lag += 1) {
    const here = alike[lag] as number
    dipped ||= here < 0
    if (!dipped || here < leastCorrelation) continue
    if (best === undefined || here > (alike[best] as number) * 1.1) best = lag
  }
  return best === undefined ? undefined : finer(best, alike) * intervalMs
}

/** From crests of more turns, each of which is as exact as a step. */
function finer(first: number, alike: Float64Array): number {
  let period = first
  for (let turns = 2; turns * period * 1.02 + 3 < alike.length; turns *= 2) {
    const reach = Math.max(2, Math.ceil(period * 0.1))
    const near = Math.round(turns * period)
    let best = near
    for (let lag = near - reach; lag <= near + reach; lag += 1) if ((alike[lag] ?? -1) > (alike[best] ?? -1)) best = lag
    if ((alike[best] ?? 0) < leastCorrelation) break
    period = best / turns
  }
  return period
}

function lessDrift(level: Float64Array, isThere: Float64Array, width: number): Float64Array {
  const half = width >> 1
  let [from, to, sum, count] = [0, 0, 0, 0]
  return level.map((value, at) => {
    const middle = Math.max(half, Math.min(level.length - half, at))
    for (; to < Math.min(level.length, middle + half); to += 1) {
      sum += level[to] as number
      count += isThere[to] as number
    }
    for (; from < middle - half; from += 1) {
      sum -= level[from] as number
      count -= isThere[from] as number
    }
    return isThere[at] === 1 ? value - sum / Math.max(1, count) : 0
  })
}
