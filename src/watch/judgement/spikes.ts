import type { Measure } from '../../model/series.ts'
import { exceedances } from '../../series/exceedances.ts'
import type { Period, SearchedSeries, SharedPhase, TimeLine } from '../../series/index.ts'
import { attribute, sharedPhases } from '../../series/index.ts'
import { intervalOf } from '../../series/timeLine.ts'
import type { Found } from './found.ts'
import { msWords } from './found.ts'
import type { JudgedSubject } from './judgedSubject.ts'
import { measureWords } from './judgedSubject.ts'
import { levelMeasures } from './levels.ts'
import type { Told } from './memory.ts'

/** What is above what is usual by so much is felt. */
const feltMs = 50
/** So many begins that were looked at and at which nothing began end a pattern. */
const mostMissed = 6
const hourMs = 3_600_000

/** A series that was searched, and when. */
export interface Searched extends SearchedSeries {
  readonly at: number
}

/** So much of a series that is high now and then, in hours, that it is worth a search; the more, the sooner. */
export function spikiness(hours: readonly { readonly usual: number; readonly most: number }[]): number {
  return hours.reduce((sum, { usual, most }) => {
    const isHigh = most > 1.2 * usual && most > usual + 2
    return isHigh ? sum + Math.min(2, Math.log(most / Math.max(usual, 0.1))) : sum
  }, 0)
}

/**
 * What comes back, by everything that was searched: told where one series has it beyond doubt, or several subjects share it.
 * The load of working hours is none.
 *
 * @returns one for each subject, the surest of its periods
 */
export function periodicSpikes(
  searched: readonly Searched[],
  subjects: ReadonlyMap<string, JudgedSubject>,
): readonly Found[] {
  const found = new Map<string, Found>()
  const facts = [...subjects.values()].map((one) => one.facts)
  for (const shared of sharedPhases(searched)) {
    if (!isWorth(shared)) continue
    const attribution = attribute(shared, searched, facts)
    const members = [...new Set(shared.members.map(({ subject }) => subject))]
    for (const { subject, measure, period } of shared.members) {
      const one = subjects.get(subject)
      if (one === undefined || found.has(subject)) continue
      const { suspect, owner, says } = attribution
      found.set(subject, {
        subject,
        title: one.title,
        code: 'periodic-spike',
        since: period.nextAt - Math.max(1, period.cycles) * period.periodMs,
        says: `${wordsOf(period, measure)}${members.length > 1 ? `, with ${members.length - 1} more that share the phase` : ''}; ${says}`,
        severity: period.effect >= feltMs ? 'medium' : 'low',
        confidence: shared.period.confidence,
        owner,
        ...(period.schedule !== undefined && {
          fix: `see whether it is this, and move or throttle it: ${period.schedule.says}`,
        }),
        ...(suspect !== undefined && { suspect }),
        mark: suspect === undefined ? '' : `${suspect.kind} ${suspect.name}`,
        detail: {
          periodMs: period.periodMs,
          nextAt: period.nextAt,
          widthMs: period.widthMs,
          isWave: period.kind === 'wave' ? 1 : 0,
          measure: levelMeasures.indexOf(measure),
        },
      })
    }
  }
  return [...found.values()]
}

function isWorth({ period, members }: SharedPhase): boolean {
  if (period.schedule?.word === 'working-hours') return false
  const subjects = new Set(members.map(({ subject }) => subject))
  return period.confidence === 'likely' || subjects.size > 1
}

function wordsOf({ kind, when, effect, cycles, hitShare, schedule, mayBeAliased }: Period, measure: Measure): string {
  const what = kind === 'spike' ? 'goes up' : 'goes up and down'
  return [
    `${measureWords[measure]} ${what} by ${msWords(effect)} ${when}, in ${Math.round(100 * hitShare)} of 100 turns of ${cycles}`,
    ...(schedule === undefined ? [] : [`likely ${schedule.says}`]),
    ...(mayBeAliased ? ['it may come more often than is looked'] : []),
  ].join('; ')
}

/** The same length to a hundredth: what was told of it still holds. */
export function isSamePeriod({ detail }: Told, periodMs: number): boolean {
  const before = detail['periodMs'] ?? 0
  return Math.abs(before - periodMs) <= 0.01 * Math.max(before, periodMs)
}

/** From when on readings are needed to see whether a pattern that was told is over. */
export function spanOfSpike({ detail }: Told): number {
  return Math.max(3 * hourMs, (mostMissed + 2) * (detail['periodMs'] ?? 0))
}

/** Whether at none of the last begins that were looked at anything began. */
export function spikeIsOver({ detail }: Told, line: TimeLine, now: number): boolean {
  const { periodMs = 0, nextAt = 0, widthMs = 0, isWave = 0 } = detail
  if (!(periodMs > 0) || isWave === 1) return false
  const begins = exceedances(line).map(({ first }) => line.times[first] as number)
  const step = intervalOf(line.times)
  const reach = Math.max(widthMs, periodMs / 20) + step
  let turn = nextAt + Math.floor((now - nextAt) / periodMs) * periodMs
  let missed = 0
  for (; turn - reach >= (line.times[0] ?? now) && missed < mostMissed; turn -= periodMs) {
    if (turn + reach > now) continue
    const from = turn - reach
    const to = turn + reach
    if (begins.some((at) => at >= from && at <= to)) return false
    if (line.times.some((at) => at >= from && at <= to)) missed += 1
  }
  return missed >= mostMissed
}
