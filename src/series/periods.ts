import type { Confidence } from '../model/cause.ts'
import type { Run } from './exceedances.ts'
import { exceedances, runsOf } from './exceedances.ts'
import { median } from './median.ts'
import type { Schedule } from './schedules.ts'
import { humanPeriodsMs, likelySchedule } from './schedules.ts'
import { seededRandom, seedOf } from './seededRandom.ts'
import type { SpikePeriod } from './spikes.ts'
import { isHarmonic, spikePeriods } from './spikes.ts'
import type { TimeLine } from './timeLine.ts'
import { intervalOf } from './timeLine.ts'
import type { WavePeriod } from './waves.ts'
import { wavePeriod, wavePeriodsMs } from './waves.ts'
import type { ZoneClock } from './zoneClock.ts'
import { dayName, timeOfDay } from './zoneClock.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
/** After all tests; what is rarer than this is told: a hundredth would be one series of a hundred, at each look. */
const told = 0.001
/** and what is rarer than this, with enough cycles of which nearly all have it, is likely. */
const sure = 1e-5
const sureCycles = 8
const sureHits = 0.75
/** Below that many readings there is no series. */
const fewestReadings = 60
/** Nor where so many of its turns are missing: what is seen now and then has no form. */
const leastThere = 0.1

/** What comes back at a steady interval. */
export interface Period {
  /** `spike`: high for a short part of each period; `wave`: up and down all the time. A working day is a wave of 24 h. */
  readonly kind: 'spike' | 'wave'
  readonly periodMs: number
  /** When it begins (a wave: is highest), milliseconds since the epoch modulo the period, by UTC or by the wall clock. */
  readonly phaseMs: number
  /** The clock that it keeps to. `wall`: it moved with summer time; `utc` also where no change of clocks lay in between. */
  readonly clock: 'utc' | 'wall'
  /** When, in words: `daily at 02:00 (Europe/Berlin)`, `each 30 min, at minute 7 and 37`. */
  readonly when: string
  /** The next times at which it begins, after the last reading; milliseconds since 1970. */
  readonly nextAt: number
  /** How rarely chance makes this, after all tests that were made (Holm); 0 to 1. */
  readonly p: number
  readonly confidence: Extract<Confidence, 'likely' | 'possible'>
  /** The share of a period for which it is high. */
  readonly duty: number
  /** By how much it is then above what is usual, in the unit of the measure: the median of all times. */
  readonly effect: number
  /** Whole periods that were looked at, and the share of them in which it was there; 0 to 1. */
  readonly cycles: number
  readonly hitShare: number
  /** How wide the window is within which it begins, milliseconds. */
  readonly widthMs: number
  /**
   * Whether the questions came at such steady times that a much shorter period would look the same: then it may be the
   * beat of the two.
   */
  readonly mayBeAliased: boolean
  readonly schedule?: Schedule
}

/**
 * Looks for what comes back in a series of times, loads or counts: spikes by the phase of readings that stand out, waves by
 * the form of winsorised logarithms. Holds for what was measured while it was: missing readings are no sign of anything.
 * Only what chance makes in fewer than one of a thousand series, all tests together, over at least five cycles, is told.
 * Costs some 20 to 60 ms for a week of minutes, in one piece.
 *
 * @param line some days to some weeks, with the times at which was really asked; more than 65,536 steps are looked at for
 *   listed periods only
 * @param clock of the place whose people and schedulers it is about
 * @param seed of the draws; by default it follows from the values, so that the same series is judged alike
 */
export function periodsOf(line: TimeLine, clock: ZoneClock, seed: number = seedOf(line.values)): readonly Period[] {
  return judged(line, exceedances(line), clock, seed)
}

/**
 * The same for what either happens or not, such as a lost question: `values` are 0 where it did not, and something above
 * where it did.
 */
export function eventPeriodsOf(line: TimeLine, clock: ZoneClock, seed: number = seedOf(line.times)): readonly Period[] {
  return judged(line, runsOf(line.times, line.values), clock, seed, false)
}

function judged(
  line: TimeLine,
  runs: readonly Run[],
  clock: ZoneClock,
  seed: number,
  hasWaves = true,
): readonly Period[] {
  const { times, values } = line
  const intervalMs = intervalOf(times)
  if (times.length < fewestReadings || !(intervalMs > 0)) return []
  const span = (times[times.length - 1] as number) - (times[0] as number)
  if (times.length < leastThere * (span / intervalMs)) return []
  const random = seededRandom(seed)
  const wallTimes = wallTimesOf(times, clock)
  const waves = hasWaves ? wavePeriodsMs(intervalMs, span).length + 1 : 0
  const common = { times, intervalMs, random, level: told, ...(wallTimes !== undefined && { wallTimes }) }
  const spikes = spikePeriods({ ...common, runs, otherTests: waves })
  // The form that a spike leaves in the mean cycle is no wave besides.
  const isKnown = (periodMs: number): boolean => spikes.some((spike) => isHarmonic(spike.periodMs, periodMs))
  const wave = hasWaves ? wavePeriod({ ...common, values, otherTests: humanPeriodsMs.length, isKnown }) : undefined
  const mayBeAliased = isOnBeat(times, intervalMs)
  const described = spikes.map((spike) => ofSpike(spike, line, { clock, intervalMs, mayBeAliased }))
  if (wave === undefined) return described
  return [...described, ofWave(wave, line, { clock, intervalMs, mayBeAliased })]
}

interface Surroundings {
  readonly clock: ZoneClock
  readonly intervalMs: number
  readonly mayBeAliased: boolean
}

function ofSpike(spike: SpikePeriod, line: TimeLine, { clock, intervalMs, mayBeAliased }: Surroundings): Period {
  const { periodMs, onWall, window, shape, p, runs } = spike
  const lengths = runs.map(
    ({ first, last }) => (line.times[last] as number) - (line.times[first] as number) + intervalMs,
  )
  const { cycles, hitShare } = shape
  const isSure = p < sure && cycles >= sureCycles && hitShare >= sureHits && !mayBeAliased
  return {
    kind: 'spike',
    periodMs,
    ...timing(periodMs, phaseOf(spike, line, intervalMs, clock), onWall, line, clock),
    ...{ p, cycles, hitShare, mayBeAliased, widthMs: window.widthMs, confidence: isSure ? 'likely' : 'possible' },
    duty: Math.min(1, median(lengths) / periodMs),
    effect: median(runs.map(({ excess }) => excess)),
    ...scheduleOf('spike', periodMs),
  }
}

/** The middle of all begins, which were seen up to one interval late. */
function phaseOf(
  { periodMs, onWall, window, runs }: SpikePeriod,
  line: TimeLine,
  intervalMs: number,
  clock: ZoneClock,
): number {
  const begins = runs.map(({ first }) => {
    const at = line.times[first] as number
    const from = at + (onWall ? clock.offsetAt(at) : 0) - window.phaseMs + window.widthMs
    return from - Math.floor(from / periodMs) * periodMs
  })
  const phase = window.phaseMs - window.widthMs + median(begins) - intervalMs / 2
  return ((phase % periodMs) + periodMs) % periodMs
}

function ofWave(wave: WavePeriod, line: TimeLine, { clock, mayBeAliased }: Surroundings): Period {
  const { periodMs, p, cycles, alike } = wave
  const usual = median(line.values)
  const isSure = p < sure && cycles >= sureCycles && alike >= sureHits && !mayBeAliased
  return {
    kind: 'wave',
    periodMs,
    ...timing(periodMs, wave.phaseMs, wave.onWall, line, clock),
    ...{ p, cycles, hitShare: alike, mayBeAliased, widthMs: wave.highMs, confidence: isSure ? 'likely' : 'possible' },
    duty: wave.highMs / periodMs,
    effect: usual * 2 * Math.sinh(wave.swing / 2),
    ...scheduleOf('wave', periodMs),
  }
}

function scheduleOf(kind: Period['kind'], periodMs: number): Pick<Period, 'schedule'> {
  const schedule = likelySchedule(kind, periodMs)
  return schedule === undefined ? {} : { schedule }
}

function timing(
  periodMs: number,
  phase: number,
  onWall: boolean,
  line: TimeLine,
  clock: ZoneClock,
): Pick<Period, 'phaseMs' | 'clock' | 'when' | 'nextAt'> {
  const last = line.times[line.times.length - 1] as number
  const phaseMs = phase % periodMs
  const offset = onWall ? clock.offsetAt(last) : 0
  const turns = Math.floor((last + offset - phaseMs) / periodMs) + 1
  const shown = turns * periodMs + phaseMs
  const nextAt = onWall ? shown - clock.offsetAt(shown - offset) : shown
  return { phaseMs, clock: onWall ? 'wall' : 'utc', when: whenOf(periodMs, nextAt, clock), nextAt }
}

/** The times of a period in words, by the wall clock as it is at the next one. */
function whenOf(periodMs: number, nextAt: number, clock: ZoneClock): string {
  const near = (whole: number): boolean => Math.abs(periodMs - whole) < whole * 1e-6
  const place = `(${clock.zone})`
  if (near(7 * dayMs)) return `${dayName(nextAt, clock)}s at ${timeOfDay(nextAt, clock)} ${place}`
  if (near(dayMs)) return `daily at ${timeOfDay(nextAt, clock)} ${place}`
  const perDay = Math.round(dayMs / periodMs)
  if (periodMs >= hourMs && near(dayMs / perDay)) {
    const times = Array.from({ length: perDay }, (_, turn) => timeOfDay(nextAt + turn * periodMs, clock))
    const isMany = times.length > 4
    return `each ${lengthWords(periodMs)}, at ${isMany ? `${timeOfDay(nextAt, clock)} and so on` : times.sort().join(', ')} ${place}`
  }
  const perHour = Math.round(hourMs / periodMs)
  if (perHour >= 1 && perHour <= 6 && near(hourMs / perHour)) {
    const minutes = Array.from({ length: perHour }, (_, turn) =>
      Number(timeOfDay(nextAt + turn * periodMs, clock).slice(3)),
    )
    return `each ${lengthWords(periodMs)}, at minute ${minutes.sort((one, other) => one - other).join(', ')} ${place}`
  }
  return `each ${lengthWords(periodMs)}, next at ${timeOfDay(nextAt, clock)} ${place}`
}

function lengthWords(ms: number): string {
  if (ms >= 2 * hourMs - 1) return `${Number((ms / hourMs).toFixed(2))} h`
  return `${Number((ms / minuteMs).toFixed(2))} min`
}

/** Times by the wall clock, where that was changed on the way; undefined where it only lies apart by what is always so. */
function wallTimesOf(times: Float64Array, clock: ZoneClock): Float64Array | undefined {
  const first = clock.offsetAt(times[0] as number)
  let isChanged = false
  const wall = times.map((at) => {
    const offset = clock.offsetAt(at)
    isChanged ||= offset !== first
    return at + offset
  })
  return isChanged ? wall : undefined
}

/** Whether questions come on the beat: nine of ten gaps are whole intervals to a hundredth. */
function isOnBeat(times: Float64Array, intervalMs: number): boolean {
  let steady = 0
  for (let at = 1; at < times.length; at += 1) {
    const turns = ((times[at] as number) - (times[at - 1] as number)) / intervalMs
    if (Math.abs(turns - Math.round(turns)) < 0.01) steady += 1
  }
  return steady >= 0.9 * (times.length - 1)
}
