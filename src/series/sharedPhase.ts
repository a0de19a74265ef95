import type { Measure } from '../model/series.ts'
import type { Period } from './periods.ts'

/** A series that was searched, and the periods that it has; none is an answer as well. */
export interface SearchedSeries {
  /** As in {@link import('../model/series.ts').Reading.subject}. */
  readonly subject: string
  readonly measure: Measure
  readonly periods: readonly Period[]
}

/** Series that have the same period at the same phase: one thing makes it. */
export interface SharedPhase {
  /** The surest of them, by which the others are told. */
  readonly period: Period
  readonly members: readonly { readonly subject: string; readonly measure: Measure; readonly period: Period }[]
}

/** Two lengths that differ by less, over the cycles that were seen, are the same. */
const sameLength = 0.005
/** Phases may lie as far apart as a twentieth of a period where their windows are narrower. */
const nearPhase = 0.05

/** Brings together what shares kind, period and phase; most members first. */
export function sharedPhases(series: readonly SearchedSeries[]): readonly SharedPhase[] {
  const all = series
    .flatMap(({ subject, measure, periods }) => periods.map((period) => ({ subject, measure, period })))
    .toSorted((one, other) => one.period.p - other.period.p || (one.subject < other.subject ? -1 : 1))
  const groups: { period: Period; members: (typeof all)[number][] }[] = []
  for (const one of all) {
    const group = groups.find(({ period }) => isSamePhase(period, one.period))
    if (group === undefined) groups.push({ period: one.period, members: [one] })
    else group.members.push(one)
  }
  return groups.toSorted((one, other) => other.members.length - one.members.length)
}

/** Whether two periods may be one: as long, and beginning within the windows of each other. */
export function isSamePhase(one: Period, other: Period): boolean {
  if (one.kind !== other.kind) return false
  const periodMs = Math.max(one.periodMs, other.periodMs)
  if (Math.abs(one.periodMs - other.periodMs) > periodMs * sameLength) return false
  // Both are held against each other at their next turn, since the phase of a found period moves with its last digit.
  const apart = Math.abs(one.nextAt - other.nextAt) % periodMs
  const distance = Math.min(apart, periodMs - apart)
  return distance <= Math.max(periodMs * nearPhase, Math.min(one.widthMs, other.widthMs))
}
