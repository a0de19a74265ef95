import type { Random } from '../src/series/seededRandom.ts'
import { normalDraw, seededRandom } from '../src/series/seededRandom.ts'
import type { Point, TimeLine } from '../src/series/timeLine.ts'
import { timeLineOf } from '../src/series/timeLine.ts'

const minuteMs = 60_000
export const dayMs = 86_400_000
/** Monday, 2 February 2026, midnight UTC. */
export const monday = Date.UTC(2026, 1, 2)

/** What a series is made of; times in milliseconds, latency in milliseconds. */
export interface Simulated {
  readonly from?: number
  readonly days: number
  readonly everyMs?: number
  /** By how much a question may be sent earlier or later than its turn; by default a tenth of the interval each way. */
  readonly jitterMs?: number
  /** What is measured where nothing is added. */
  readonly latency: (at: number, random: Random) => number
  /** What comes back. */
  readonly spikes?: Spikes
  /** Share of readings that are missing, and that are anywhere up to 20 times as high. */
  readonly missing?: number
  readonly outliers?: number
}

export interface Spikes {
  readonly periodMs: number
  readonly phaseMs: number
  readonly lastMs: number
  /** How many times as high. */
  readonly times: number
  /** By how much a begin lies before or after its turn, at most. */
  readonly jitterMs?: number
  /** By how much each period is longer than the last turn says: the begin wanders off. */
  readonly driftMs?: number
}

/** One seeded series. */
export function simulatedLine(simulated: Simulated, seed: number): TimeLine {
  const random = seededRandom(seed)
  const { from = monday, days, everyMs = minuteMs, jitterMs = everyMs / 10, latency, spikes } = simulated
  const points: Point[] = []
  const begins = new Map<number, number>()
  for (let turn = 0; turn < (days * dayMs) / everyMs; turn += 1) {
    const at = from + turn * everyMs + (2 * random() - 1) * jitterMs
    let value = latency(at, random)
    if (spikes !== undefined && isHigh(at, from, spikes, begins, random)) value *= spikes.times
    if (random() < (simulated.outliers ?? 0)) value *= 2 + 18 * random()
    if (random() >= (simulated.missing ?? 0)) points.push({ at, value })
  }
  return timeLineOf(points)
}

function isHigh(at: number, from: number, spikes: Spikes, begins: Map<number, number>, random: Random): boolean {
  const { periodMs, phaseMs, lastMs, jitterMs = 0, driftMs = 0 } = spikes
  const period = periodMs + driftMs
  const first = from - (from % periodMs) + phaseMs
  const turn = Math.floor((at - first) / period)
  return [turn - 1, turn, turn + 1].some((one) => {
    const off = begins.get(one) ?? (2 * random() - 1) * jitterMs
    begins.set(one, off)
    const begin = first + one * period + off
    return at >= begin && at < begin + lastMs
  })
}

/** Kinds of noise without any period, by name; a new one for each series, since some remember what they were. */
export const noises: Readonly<Record<string, () => Simulated['latency']>> = {
  white: () => (_, random) => 20 * Math.exp(0.12 * normalDraw(random)),
  'heavy tails': () => (_, random) => 18 + 2 * (1 - random()) ** (-1 / 1.5),
  'random walk': () => {
    let level = 0
    return (_, random) => {
      level = level * 0.9995 + 0.02 * normalDraw(random)
      return 20 * Math.exp(level + 0.08 * normalDraw(random))
    }
  },
  bursts: () => {
    let left = 0
    return (_, random) => {
      if (left <= 0 && random() < 3 / 1440) left = 2 + Math.floor(-20 * Math.log(1 - random()))
      left -= 1
      return 20 * Math.exp(0.1 * normalDraw(random)) * (left > 0 && random() < 0.5 ? 3 : 1)
    }
  },
  'office hours': () => (at, random) => {
    const load = officeLoad(at)
    const high = random() < 0.002 + 0.01 * load ? 3 + 3 * random() : 1
    return 20 * (1 + 0.6 * load) * Math.exp((0.08 + 0.1 * load) * normalDraw(random)) * high
  },
}

/** 0 at night and at the weekend, near 1 at noon of a working day; UTC. */
export function officeLoad(at: number): number {
  const day = Math.floor(at / dayMs + 4) % 7
  const hour = (at % dayMs) / (dayMs / 24)
  return day === 0 || day === 6 ? 0 : Math.exp(-(((hour - 13) / 3) ** 2))
}
