import process from 'node:process'
import { periodsOf } from '../src/series/periods.ts'
import { normalDraw, seededRandom } from '../src/series/seededRandom.ts'
import { decodeSketch, encodeSketch, Sketch } from '../src/series/sketch.ts'
import { zoneClock } from '../src/series/zoneClock.ts'
import type { SimulatedMonth } from '../test/simulatedMonths.ts'
import { simulatedMonth } from '../test/simulatedMonths.ts'
import type { Simulated } from '../test/simulatedSeries.ts'
import { noises, simulatedLine } from '../test/simulatedSeries.ts'
import type { Bench, Figure } from './figure.ts'
import { figure } from './figure.ts'

const minuteMs = 60_000
const runs = 9
const months = 1000
/** Series of each row that the share of hits and of false periods is counted over. */
const weeks = 20

function secondsSince(start: bigint): number {
  return Number(process.hrtime.bigint() - start) / 1e9
}

function clockOfUtc(): NonNullable<ReturnType<typeof zoneClock>> {
  const clock = zoneClock('UTC')
  if (clock === undefined) throw new Error('the platform does not know UTC')
  return clock
}

function noise(name: string): Simulated['latency'] {
  const make = noises[name]
  if (make === undefined) throw new Error(`there is no noise ${name}`)
  return make()
}

/** Milliseconds of processor time that a search takes, each of another series; the first two are warm-up. */
function searches(simulated: () => Omit<Simulated, 'days'>): readonly number[] {
  const clock = clockOfUtc()
  return Array.from({ length: runs + 2 }, (_, seed) => {
    const line = simulatedLine({ days: 7, ...simulated() }, seed + 1)
    const start = process.cpuUsage()
    periodsOf(line, clock)
    const { user, system } = process.cpuUsage(start)
    return (user + system) / 1000
  }).slice(2)
}

function insertsPerSecond(): number {
  const random = seededRandom(1)
  const values = Float64Array.from({ length: 1_000_000 }, () => 20 * Math.exp(0.5 * normalDraw(random)))
  const sketch = new Sketch()
  const start = process.hrtime.bigint()
  for (const value of values) sketch.add(value)
  return values.length / secondsSince(start)
}

/** An hour of five-minute sketches is read, merged and written again. */
function rollUpsPerSecond(): number {
  const random = seededRandom(2)
  const parts = Array.from({ length: 12 }, () => {
    const sketch = new Sketch()
    for (let at = 0; at < 5; at += 1) sketch.add(20 * Math.exp(0.2 * normalDraw(random)))
    return encodeSketch(sketch)
  })
  const hours = 20_000
  const start = process.hrtime.bigint()
  for (let hour = 0; hour < hours; hour += 1) {
    const whole = new Sketch()
    for (const part of parts) whole.merge(decodeSketch(part) ?? new Sketch())
    encodeSketch(whole)
  }
  return hours / secondsSince(start)
}

const spike = (periodMin: number, lastMin: number, more: Partial<NonNullable<Simulated['spikes']>> = {}) => ({
  spikes: { periodMs: periodMin * minuteMs, phaseMs: 7 * minuteMs, lastMs: lastMin * minuteMs, times: 2, ...more },
})

const hitRows: readonly (readonly [what: string, minutes: number, more: Partial<Simulated>])[] = [
  ['30 min', 30, spike(30, 2)],
  ['30 min, only half as high', 30, spike(30, 2, { times: 1.5 })],
  ['30 min, 30 % missing, 5 % outliers', 30, { ...spike(30, 2), missing: 0.3, outliers: 0.05 }],
  ['30 min, jitter of 2 min each way', 30, spike(30, 2, { jitterMs: 2 * minuteMs })],
  ['30 min, drift of 3 s a cycle', 30.05, spike(30, 2, { driftMs: 3000 })],
  ['30 min, a quarter of the time', 30, spike(30, 7)],
  ['5 min', 5, spike(5, 1)],
  ['47 min, 10 % missing, 1 % outliers', 47, { ...spike(47, 3), missing: 0.1, outliers: 0.01 }],
  ['47 min, 30 % missing, 5 % outliers', 47, { ...spike(47, 3), missing: 0.3, outliers: 0.05 }],
  ['90 min', 90, spike(90, 3)],
  ['6 h, 5 % outliers', 360, { ...spike(360, 2), outliers: 0.05 }],
  ['10 h', 600, spike(600, 5)],
  ['24 h', 1440, spike(1440, 10)],
  ['24 h, 30 % missing, 1 % outliers', 1440, { ...spike(1440, 10), missing: 0.3, outliers: 0.01 }],
  ['24 h, two weeks of it', 1440, { ...spike(1440, 10), missing: 0.3, outliers: 0.01, days: 14 }],
  [
    'wave of 4 h',
    240,
    {
      latency: (at, random) =>
        20 * (1 + 0.3 * Math.sin(at / ((120 * minuteMs) / Math.PI))) * Math.exp(0.12 * normalDraw(random)),
    },
  ],
]

/** Shares of weeks in which the true period, and in which another one, was told. */
function hits(): readonly (readonly string[])[] {
  const clock = clockOfUtc()
  return hitRows.map(([what, minutes, more]) => {
    const told = Array.from({ length: weeks }, (_, seed) =>
      periodsOf(simulatedLine({ days: 7, latency: noise('white'), ...more }, seed + 1), clock),
    )
    const isTrue = ({ periodMs }: { readonly periodMs: number }): boolean =>
      Math.abs(periodMs / minuteMs / minutes - 1) < 0.002
    const met = told.filter((periods) => periods.some(isTrue)).length
    const wrong = told.filter((periods) => !periods.every(isTrue)).length
    return [what, `${met} of ${weeks}`, `${wrong} of ${weeks}`]
  })
}

function falseAlerts(told: readonly SimulatedMonth[]): readonly Figure[] {
  const alerts = told.reduce((sum, month) => sum + month.alerts.length, 0)
  return [figure(`false alerts in ${months} simulated target-months`, '', [alerts], { most: 1 })]
}

export const bench: Bench = {
  question: 'what does judging over time cost, what does it find, and how often does it tell of nothing?',
  async run(show) {
    const rates = (measure: () => number): readonly number[] => {
      measure()
      return Array.from({ length: 5 }, measure)
    }
    const figures = [
      figure(
        'period search, a week of minutes of noise',
        'ms',
        searches(() => ({ latency: noise('white') })),
      ),
      figure(
        'period search, a week with a spike',
        'ms',
        searches(() => ({ latency: noise('white'), ...spike(30, 2) })),
      ),
      figure('sketch inserts', '/s', rates(insertsPerSecond)),
      figure('hours rolled up from twelve sketches', '/s', rates(rollUpsPerSecond)),
    ]
    show({ title: 'periods of a week of minutes', columns: ['', 'told', 'another one told'], rows: hits() })
    const told = Array.from({ length: months }, (_, seed) => simulatedMonth(seed + 1))
    const alerting = told.filter(({ alerts }) => alerts.length > 0)
    if (alerting.length > 0)
      show({
        title: 'what was told of targets that are well',
        columns: ['', 'alerts'],
        rows: alerting.map(({ noise: name, alerts }) => [name, alerts.join('; ')]),
      })
    return [...figures, ...falseAlerts(told)]
  },
}
