import type { Run } from './exceedances.ts'
import { foundPeriod, ratios, refined } from './foundPeriod.ts'
import { median } from './median.ts'
import type { Asked, Window } from './phaseFold.ts'
import { foldOf, shuffledGaps, turnedCycles } from './phaseFold.ts'
import { humanPeriodsMs } from './schedules.ts'
import type { Random } from './seededRandom.ts'
import type { SpikeShape } from './spikeShape.ts'
import { isMember, isSpiky, leastCycles, shapeOf } from './spikeShape.ts'
import { rarityOf } from './surrogates.ts'

/** Two schedules on one path are seen apart; more than three are no pattern that anybody can act on. */
const mostPeriods = 3
const fewestEvents = 5
/** Candidates whose form is looked at, the densest ones. */
const mostTried = 6
/** Where readings stand out more often than that, it is no spike. */
const mostShare = 0.3
/** Scores below it are met by chance in every series. */
const leastScore = 8
const hourMs = 3_600_000

/** What is known of one series for the search. */
export interface SpikeSearch {
  readonly times: Float64Array
  /** The same by the clock on the wall, where that was changed in between. */
  readonly wallTimes?: Float64Array
  readonly intervalMs: number
  readonly runs: readonly Run[]
  readonly random: Random
  /** Tests that are made besides these, and the p below which one counts after all of them. */
  readonly otherTests: number
  readonly level: number
}

export interface SpikePeriod {
  readonly periodMs: number
  readonly onWall: boolean
  readonly window: Window
  readonly shape: SpikeShape
  /** After all tests (Holm). */
  readonly p: number
  /** The runs that belong to it. */
  readonly runs: readonly Run[]
}

interface Candidate {
  readonly periodMs: number
  readonly onWall: boolean
  readonly window: Window
  /** One that was found in the first half: only the second half can prove it. */
  readonly isFound: boolean
}

interface Tried {
  readonly candidate: Candidate
  readonly shape: SpikeShape
}

/** What is left to be explained: times that count, and the runs by the place of their begin among them. */
interface Left {
  readonly utc: Asked
  readonly wall: Asked | undefined
  readonly runs: readonly Run[]
  readonly events: readonly number[]
}

/** Periods at which something stands out for a short time; the surest first, each explaining what those before did not. */
export function spikePeriods(search: SpikeSearch): readonly SpikePeriod[] {
  const { times, runs } = search
  const high = runs.reduce((sum, { first, last }) => sum + last - first + 1, 0)
  if (high > mostShare * times.length) return []
  const periods: SpikePeriod[] = []
  let left = wholeOf(search)
  while (periods.length < mostPeriods && left.events.length >= fewestEvents) {
    const period = surest(search, left, periods.length)
    if (period === undefined) break
    periods.push(period)
    left = without(left, period)
  }
  return periods
}

function wholeOf({ times, wallTimes, intervalMs, runs }: SpikeSearch): Left {
  return {
    utc: { times, intervalMs },
    wall: wallTimes === undefined ? undefined : { times: wallTimes, intervalMs },
    runs,
    events: runs.map(({ first }) => first),
  }
}

function surest(search: SpikeSearch, left: Left, accepted: number): SpikePeriod | undefined {
  const span = spanOf(left.utc)
  const listed = humanPeriodsMs
    .filter((periodMs) => isWithin(periodMs, search.intervalMs, span))
    .flatMap((periodMs) => [
      candidateOf(left, periodMs, false),
      ...(left.wall !== undefined && periodMs >= 2 * hourMs ? [candidateOf(left, periodMs, true)] : []),
    ])
  const found = foundIn(left)
  const densest = listed.toSorted(byScore)[0]
  const related =
    densest === undefined || densest.window.score < leastScore ? [] : relatedTo(left, densest, listed, span)
  const all = [...listed, ...related, ...(found === undefined ? [] : [found])].toSorted(byScore)
  // Parts and multiples, and one that is found, count as tests whether they were tried or not.
  const tests = listed.length + ratios.length + 1 + search.otherTests - accepted
  const tried = all
    .slice(0, mostTried)
    .filter(({ window }) => window.score >= leastScore)
    .map((candidate) => ({
      candidate,
      shape: shapeOf(askedBy(left, candidate), left.events, candidate.periodMs, candidate.window),
    }))
  const spiky = tried
    .filter((one) => isSpiky(one.shape) && !tried.some((other) => isPartOf(other, one)))
    // Half a period is as dense where windows are coarse, but is met every other time only.
    .toSorted((one, other) => weightOf(other) - weightOf(one))
  const failed: number[] = []
  for (const { candidate, shape } of spiky) {
    const { periodMs, onWall, window } = candidate
    // What is not beyond chance at its own period is not so at a part or a multiple of it.
    if (failed.some((other) => isHarmonic(other, periodMs))) continue
    const p = Math.min(1, rarity(left, candidate, search.random) * tests)
    if (p < search.level)
      return { periodMs, onWall, window, shape, p, runs: shape.members.flatMap((member) => left.runs[member] ?? []) }
    failed.push(periodMs)
  }
  return undefined
}

/** Whether a denser candidate is a part of another one that is hardly hit more often: then the other is a choice of its hits. */
function isPartOf(denser: Tried, other: Tried): boolean {
  return (
    denser.candidate.periodMs < 0.9 * other.candidate.periodMs &&
    denser.candidate.window.score >= other.candidate.window.score &&
    isHarmonic(denser.candidate.periodMs, other.candidate.periodMs) &&
    other.shape.hitShare < 1.5 * denser.shape.hitShare
  )
}

/** Whether one of two periods is, to a fiftieth, a multiple of the other. */
export function isHarmonic(one: number, other: number): boolean {
  const ratio = Math.max(one, other) / Math.min(one, other)
  return Math.abs(ratio - Math.round(ratio)) < 0.02
}

function weightOf({ candidate, shape }: Tried): number {
  return candidate.window.score * shape.hitShare
}

function byScore(one: Candidate, other: Candidate): number {
  return other.window.score - one.window.score
}

function askedBy(left: Left, { onWall }: Pick<Candidate, 'onWall'>): Asked {
  return onWall ? (left.wall ?? left.utc) : left.utc
}

function candidateOf(left: Left, periodMs: number, onWall: boolean): Candidate {
  const window = foldOf(askedBy(left, { onWall }), periodMs).densest(left.events)
  return { periodMs, onWall, window, isFound: false }
}

function isWithin(periodMs: number, intervalMs: number, span: number): boolean {
  // A question every N seconds sees nothing that comes back in less than 2 N.
  return periodMs >= 2 * intervalMs && span >= leastCycles * periodMs
}

/** What events of each third listed period would be, and what two at once: the true period is the densest of them. */
function relatedTo(
  left: Left,
  { periodMs, onWall }: Candidate,
  known: readonly Candidate[],
  span: number,
): readonly Candidate[] {
  return ratios
    .map((ratio) => periodMs * ratio)
    .filter(
      (one) => isWithin(one, left.utc.intervalMs, span) && !known.some((other) => Math.abs(other.periodMs - one) < 1),
    )
    .map((one) => candidateOf(left, one, onWall))
}

function foundIn(left: Left): Candidate | undefined {
  const half = halves(left)
  const first = foundPeriod(half.first, half.firstEvents)
  if (first === undefined || !isWithin(first, left.utc.intervalMs, spanOf(half.second))) return undefined
  const periodMs = refined(left.utc, left.events, first)
  const candidate = candidateOf(left, periodMs, false)
  // One that stays within its window of a listed one to the end is that one.
  const turns = spanOf(left.utc) / periodMs
  const reach = Math.max(left.utc.intervalMs, candidate.window.widthMs) / turns
  if (humanPeriodsMs.some((listed) => Math.abs(listed - periodMs) < reach)) return undefined
  return { ...candidate, isFound: true }
}

function halves({ utc, events }: Left): {
  readonly first: Asked
  readonly firstEvents: readonly number[]
  readonly second: Asked
  readonly secondEvents: readonly number[]
} {
  const { times, intervalMs } = utc
  const middle = times.length >> 1
  return {
    first: { times: times.subarray(0, middle), intervalMs },
    firstEvents: events.filter((event) => event < middle),
    second: { times: times.subarray(middle), intervalMs },
    secondEvents: events.filter((event) => event >= middle).map((event) => event - middle),
  }
}

/** How rarely chance makes events as dense: the less rare of two kinds of chance. */
function rarity(left: Left, candidate: Candidate, random: Random): number {
  const { second, secondEvents } = halves(left)
  const [asked, events] = candidate.isFound ? [second, secondEvents] : [askedBy(left, candidate), left.events]
  const fold = foldOf(asked, candidate.periodMs)
  const { score } = fold.densest(events)
  if (score < leastScore) return 1
  const turned = rarityOf(score, () => fold.densest(turnedCycles(events, fold.cycles, random)).score)
  if (turned > 0.01) return turned
  return Math.max(
    turned,
    rarityOf(score, () => fold.densest(shuffledGaps(events, asked.times.length, random)).score),
  )
}

function spanOf({ times }: Asked): number {
  return (times[times.length - 1] ?? 0) - (times[0] ?? 0)
}

/** The same without the runs of a period, and without the times at which they are expected. */
function without(left: Left, { periodMs, onWall, window, shape, runs }: SpikePeriod): Left {
  const { times, intervalMs } = askedBy(left, { onWall })
  const lasting = median(runs.map(({ first, last }) => (last - first) * intervalMs))
  const counts = (at: number): boolean => {
    const since = (times[at] as number) - window.phaseMs
    const from = since - Math.floor(since / periodMs) * periodMs
    return !isMember(from, periodMs, window.widthMs) && from > window.widthMs + lasting + intervalMs
  }
  const kept = Int32Array.from(times.keys().filter(counts))
  const placeOf = new Map(Array.from(kept, (at, place) => [at, place]))
  const pick = ({ times: all, intervalMs }: Asked): Asked => ({
    times: Float64Array.from(kept, (at) => all[at] as number),
    intervalMs,
  })
  const members = new Set(shape.members)
  const stay = left.runs
    .map((run, index) => ({ run, index, place: placeOf.get(left.events[index] as number) }))
    .filter(({ index, place }) => !members.has(index) && place !== undefined)
  return {
    utc: pick(left.utc),
    wall: left.wall === undefined ? undefined : pick(left.wall),
    runs: stay.map(({ run }) => run),
    events: stay.map(({ place }) => place ?? 0),
  }
}
