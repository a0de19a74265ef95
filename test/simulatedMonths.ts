import type { BudgetLook } from '../src/series/burnRate.ts'
import { badMinutes, burnAlert } from '../src/series/burnRate.ts'
import type { LevelShift, Period } from '../src/series/index.ts'
import { baselineOf, levelShiftOf, lossyPath, periodsOf, zoneClock } from '../src/series/index.ts'
import { seededRandom } from '../src/series/seededRandom.ts'
import type { TimeLine } from '../src/series/timeLine.ts'
import { between } from '../src/series/timeLine.ts'
import { dayMs, monday, noises, simulatedLine } from './simulatedSeries.ts'

const minuteMs = 60_000
const days = 30
/** Of all questions so many are lost by chance, and so are their repetitions. */
const lostByChance = 0.001
const objective = 0.999

/** What a month of one healthy target would have alerted of: every line is false. */
export interface SimulatedMonth {
  readonly noise: string
  readonly alerts: readonly string[]
  /** Single questions that were lost. */
  readonly lost: number
}

/**
 * A month of one target that is well, asked each minute, judged as a watcher would: each lost question is asked again three
 * times and held against the budget, each day levels and losses are judged, each week periods. A judgement that is only
 * possible counts as well.
 */
export function simulatedMonth(seed: number): SimulatedMonth {
  const names = Object.keys(noises)
  const noise = names[seed % names.length] ?? ''
  const make = noises[noise]
  const clock = zoneClock('UTC')
  if (make === undefined || clock === undefined) throw new Error('there is no such noise, or no UTC')
  const line = simulatedLine({ days, latency: make() }, seed)
  const random = seededRandom(seed + 0x5eed)
  const looks = Array.from(line.times, (at): BudgetLook => {
    const isWell = random() >= lostByChance
    return { at, isWell, isConfirmed: !isWell && [1, 2, 3].every(() => random() < lostByChance) }
  })
  const lost = looks.filter(({ isWell }) => !isWell)
  const seen = answered(line, looks)
  const alerts = [
    ...looks.flatMap(({ isWell }, place) => (isWell ? [] : burning(looks.slice(Math.max(0, place - 4320), place + 1)))),
    ...dailyAlerts(seen, looks, clock),
  ]
  for (let day = 7; day <= days; day += 7)
    alerts.push(...periodsOf(between(seen, monday + (day - 7) * dayMs, monday + day * dayMs), clock).flatMap(told))
  return { noise, alerts, lost: lost.length }
}

function dailyAlerts(
  seen: TimeLine,
  looks: readonly BudgetLook[],
  clock: Parameters<typeof baselineOf>[2],
): readonly string[] {
  const alerts: string[] = []
  let baseline: ReturnType<typeof baselineOf> | undefined
  for (let day = 2; day <= days; day += 1) {
    const now = monday + day * dayMs
    if (day >= 21 && day % 7 === 0) baseline = baselineOf(seen, now, clock)
    alerts.push(...shifted(levelShiftOf(between(seen, now - 8 * dayMs, now), baseline)))
    const questions = looks.slice((day - 1) * 1440, day * 1440).map(({ at, isWell }) => ({ at, isLost: !isWell }))
    if (lossyPath(questions) !== undefined) alerts.push(`lossy-path on day ${day}`)
  }
  return alerts
}

/** @param looks of three days, the last one just made */
function burning(looks: readonly BudgetLook[]): readonly string[] {
  const alert = burnAlert(badMinutes(looks), (looks.at(-1)?.at ?? 0) + minuteMs, objective)
  return alert === undefined ? [] : [`burn ${alert.urgency}`]
}

function shifted(shift: LevelShift | undefined): readonly string[] {
  return shift === undefined
    ? []
    : [`level-shift, ${shift.confidence}: ${shift.from.toFixed(1)} to ${shift.to.toFixed(1)}`]
}

/** The load of working days is what the baseline is for, and nobody is told of it. */
function told({ kind, periodMs, confidence, schedule }: Period): readonly string[] {
  return schedule?.word === 'working-hours' ? [] : [`${kind} each ${periodMs / minuteMs} min, ${confidence}`]
}

function answered({ times, values }: TimeLine, looks: readonly BudgetLook[]): TimeLine {
  const isWell = (_: number, at: number): boolean => looks[at]?.isWell ?? false
  return { times: times.filter(isWell), values: values.filter(isWell) }
}
