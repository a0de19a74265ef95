import type { Measure } from '../../model/series.ts'
import { levelOf } from '../../series/baseline.ts'
import type { TimeLine } from '../../series/index.ts'
import { levelShiftOf, robustZ } from '../../series/index.ts'
import type { Found } from './found.ts'
import { minuteOf, msWords } from './found.ts'
import type { JudgedSubject } from './judgedSubject.ts'
import { measureWords } from './judgedSubject.ts'
import type { Told } from './memory.ts'

/** Medians of so many hours say what was usual. */
const fewestHours = 12
/** From so many deviations on the last hour is worth a search. */
const leastZ = 2
/** From so much on, and from twice as much as before, it is felt. */
const feltMs = 20
const weekMs = 7 * 86_400_000

/**
 * How far the last hour lies above what was usual, in deviations; 0 where it is not worth a search. It costs little, and
 * misses no level that went up: of those that it lets through, most are none.
 *
 * @param medians of hours, oldest first
 */
export function risenBy(medians: readonly number[]): number {
  const last = medians.at(-1)
  const usual = levelOf(Float64Array.from(medians.slice(0, -1)), 'last-day')
  if (last === undefined || usual === undefined || medians.length <= fewestHours) return 0
  const z = robustZ(usual, last)
  return z >= leastZ ? z : 0
}

/**
 * A level that went up and stayed. One that went down is what is usual from then on, and nobody is told.
 *
 * @param line since the last change that is known
 * @returns also where a level that is to be forgotten begins: one that went down
 */
export function risenLevel(
  line: TimeLine,
  { subject, title, facts }: JudgedSubject,
  measure: Measure,
): { readonly at: number; readonly found?: Found } | undefined {
  const shift = levelShiftOf(line)
  if (shift === undefined) return undefined
  const { at, from, to, confidence } = shift
  if (to <= from) return { at }
  const isFelt = to - from >= feltMs && to >= 2 * from
  return {
    at,
    found: {
      subject,
      title,
      code: 'level-shift',
      since: at,
      says: `${measureWords[measure]} takes ${msWords(to)} since ${minuteOf(at)}; before it took ${msWords(from)}`,
      severity: isFelt ? 'medium' : 'low',
      confidence,
      owner: facts.isCloud ? 'cloud' : 'network',
      fix: `look at what was changed at ${minuteOf(at)}: a route, a provider, a rule, the machine itself`,
      mark: `${measure} ${at}`,
      detail: { at, from, to, measure: levelMeasures.indexOf(measure) },
    },
  }
}

/** The measures that a kept detail speaks of, by their places. */
export const levelMeasures: readonly Measure[] = [
  'connect-ms',
  'tls-ms',
  'first-byte-ms',
  'dns-ms',
  'whole-ms',
  'discovery-ms',
  'authorize-ms',
  'token-ms',
  'sync-lag-ms',
]

/**
 * Whether a level that was told is over: it has been nearer to the one before for two hours, or has stood for a week and
 * is what is usual now.
 *
 * @param medians of the last hours of its measure, oldest first
 */
export function levelIsOver(
  { detail: { at = 0, from = 0, to = 0 } }: Told,
  medians: readonly number[],
  now: number,
): boolean {
  if (now - at >= weekMs) return true
  const [one, other] = medians.slice(-2)
  if (one === undefined || other === undefined || now - at < 3 * 3_600_000) return false
  const isBack = (median: number): boolean =>
    Math.log(Math.max(median, 0.01)) < (Math.log(Math.max(from, 0.01)) + Math.log(Math.max(to, 0.01))) / 2
  return isBack(one) && isBack(other)
}
