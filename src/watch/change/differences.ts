import type { ChangedSubject, StoodAs } from '../../model/changeReport.ts'
import { fisherGreater } from '../../series/exactTests.ts'
import { comparedMeasures } from './stoodAs.ts'

/** Losses of each hundred paths are compared: what chance makes once in ten thousand is a difference. */
const mostP = 1e-4
/** Medians differ from half as much again on, and from 5 ms on. */
const [leastFactor, leastMs] = [1.5, 5]
const mostNamed = 3

/**
 * What differs between how something stood before and after; empty where nothing does. Where a name had several addresses,
 * or a place several certificates, another one is no difference as long as one of those before is still met.
 */
export function differencesOf(before: StoodAs, after: StoodAs): readonly string[] {
  return [
    ...differs('verdict', before.verdict, after.verdict),
    ...differs('cause', before.cause ?? 'none', after.cause ?? 'none'),
    ...losses(before, after),
    ...sets('address', before.addresses, after.addresses),
    ...sets('certificate (SHA-256)', before.certificates.map(inShort), after.certificates.map(inShort)),
    ...comparedMeasures.flatMap((measure) => {
      const [was, is] = [before.medians[measure], after.medians[measure]]
      if (was === undefined || is === undefined) return []
      const [less, more] = [Math.min(was, is), Math.max(was, is)]
      return more < leastFactor * less || more - less < leastMs
        ? []
        : [`${measure.replace(/-ms$/, '')} ${Number(was.toFixed(1))} ms -> ${Number(is.toFixed(1))} ms`]
    }),
  ]
}

/** By whether most looks were well: one that loses more looks than before has broken as well. */
export function changeOf(before: StoodAs, after: StoodAs): ChangedSubject['change'] {
  const wellBefore = isWell(before)
  if (wellBefore !== isWell(after)) return wellBefore ? 'broke' : 'mended'
  if (losses(before, after).length === 0) return 'changed'
  return shareOf(after) > shareOf(before) ? 'broke' : 'mended'
}

export function isWell(stood: StoodAs): boolean {
  return shareOf(stood) < 0.5
}

function shareOf({ looks, notWell }: StoodAs): number {
  return notWell / looks
}

function losses(before: StoodAs, after: StoodAs): readonly string[] {
  const isRarer =
    fisherGreater(before.notWell, before.looks, after.notWell, after.looks) <= mostP ||
    fisherGreater(after.notWell, after.looks, before.notWell, before.looks) <= mostP
  return isRarer ? [`failed ${before.notWell} of ${before.looks} looks -> ${after.notWell} of ${after.looks}`] : []
}

function sets(what: string, before: readonly string[], after: readonly string[]): readonly string[] {
  if (before.length === 0 || after.length === 0) return []
  const isAlike =
    before.length > 1 || after.length > 1 ? after.some((one) => before.includes(one)) : before[0] === after[0]
  // One that is met besides the one before is a pool that has grown, or a change that is under way.
  const hasNew = before.length === 1 && after.some((one) => !before.includes(one))
  return isAlike && !hasNew ? [] : [`${what} ${named(before)} -> ${named(after)}`]
}

function differs(what: string, before: string, after: string): readonly string[] {
  return before === after ? [] : [`${what} ${before} -> ${after}`]
}

function inShort(sha256: string): string {
  return sha256.slice(0, 16)
}

function named(values: readonly string[]): string {
  const rest = values.length - mostNamed
  return `${values.slice(0, mostNamed).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}
