import type { Measure } from '../../model/series.ts'
import type { TimeLine } from '../../series/index.ts'
import { daysUntil, saturationOf, trendOf } from '../../series/index.ts'
import { between } from '../../series/timeLine.ts'
import type { Found } from './found.ts'
import { msWords } from './found.ts'
import type { JudgedSubject } from './judgedSubject.ts'
import { measureWords } from './judgedSubject.ts'

const dayMs = 86_400_000
/** A time-out that is met later than that is nothing to plan for yet. */
const mostDays = 30
/** And one that the trend has come less than a quarter of the way to is a forecast of nothing. */
const leastShare = 0.25
/** Values of a quieter day say nothing of its slowest hundredth. */
export const fewestOfDay = 200

/**
 * A time that rises towards the time-out: the slowest hundredth of each day, of at least eight days.
 *
 * @param line one point a day
 */
export function nearingTimeout(
  line: TimeLine,
  { subject, title, facts }: JudgedSubject,
  measure: Measure,
  timeoutMs: number,
): Found | undefined {
  const trend = trendOf(line)
  const arrival = trend && daysUntil(trend, timeoutMs)
  if (trend === undefined || arrival === undefined || arrival.days > mostDays) return undefined
  if (trend.now < leastShare * timeoutMs || !(trend.perDay > 0)) return undefined
  const days = Math.max(0, Math.round(arrival.days))
  const severity = days <= 7 ? 'high' : 'medium'
  return {
    subject,
    title,
    code: 'timeout-nears',
    since: line.times[0] ?? 0,
    says: `${measureWords[measure]} gets slower by ${msWords(trend.perDay)} a day; the slowest of a hundred take ${msWords(trend.now)} and meet the time-out of ${msWords(timeoutMs)} in ${days} days`,
    severity,
    confidence: 'possible',
    owner: facts.isCloud ? 'cloud' : 'network',
    fix: 'find what grows: load, the table behind it, the length of the way',
    mark: severity,
  }
}

/** What the limit of connections to one place is, where it is known. */
export interface ConnectionLimit {
  readonly most: number
  /** `local ports of connect01 to one place`. */
  readonly of: string
}

/**
 * A place that has, or soon will have, as many connections as there can be; or that answers the later the more there are,
 * in each half of the time by itself, of two days or more: busy hours that once were slow are no sign.
 */
export function saturatedPlace(
  place: string,
  counts: TimeLine,
  handshakes: TimeLine,
  limit: ConnectionLimit | undefined,
): Found | undefined {
  const whole = saturationOf(counts, handshakes, limit?.most)
  if (whole === undefined) return undefined
  const { connections, arrival, slower, confidence } = whole
  const [first = 0, last = 0] = [counts.times[0], counts.times.at(-1)]
  const isNear = limit !== undefined && connections >= 0.8 * limit.most
  if (!isNear && arrival === undefined) {
    const middle = (first + last) / 2
    const halves = [between(counts, first, middle), between(counts, middle, last + 1)]
    const isSteady = halves.every((half) => saturationOf(half, handshakes)?.slower !== undefined)
    if (last - first < 4 * dayMs || !isSteady) return undefined
  }
  const parts = [
    ...(isNear && limit !== undefined
      ? [`${Math.round(connections)} connections of at most ${limit.most} (${limit.of})`]
      : []),
    ...(!isNear && arrival !== undefined && limit !== undefined
      ? [`connections meet the limit of ${limit.most} (${limit.of}) in ${Math.round(arrival.days)} days`]
      : []),
    ...(slower === undefined
      ? []
      : [`connecting takes ${msWords(slower.busy)} in busy times and ${msWords(slower.quiet)} in quiet ones`]),
  ]
  const severity = isNear ? 'high' : arrival !== undefined ? 'medium' : 'low'
  return {
    subject: place,
    title: `connections to ${place.replace(/^target:/, '')}`,
    code: 'saturation',
    since: first,
    says: parts.join('; '),
    severity,
    confidence,
    owner: isNear || arrival !== undefined ? 'host' : 'network',
    mark: severity,
  }
}
