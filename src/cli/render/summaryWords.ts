import type { CheckReport } from '../../model/report.ts'
import { countOf } from './flowWords.ts'

/** The counts of a check in one sentence: what came out, how many required flows are not proven, how many are elsewhere's. */
export function summaryWords({ summary }: CheckReport): string {
  const counts = [
    [summary.blocked, 'blocked'],
    [summary.wrong, 'wrong'],
    [summary.forbiddenOpen, 'open that must be closed'],
    [summary.degraded, 'degraded'],
    [summary.unknown, 'unknown'],
    [summary.open, 'open'],
    [summary.closed, 'closed as it must be'],
    [summary.notRun, 'not run'],
    [summary.notRequired, 'not required'],
  ] as const
  const told = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`)
  const elsewhere =
    summary.elsewhere === 0 ? '' : `; ${summary.elsewhere} more opened by other machines, not judged here`
  if (told.length === 0) return `no flow of this machine${elsewhere}`
  const proven =
    summary.requiredNotProven === 0
      ? 'every required flow is proven'
      : `${countOf(summary.requiredNotProven, 'required flow')} not proven`
  return `${told.join(', ')}; ${proven}${elsewhere}`
}
