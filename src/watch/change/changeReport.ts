import type { ChangedSubject, ChangeReport, ComparedTime, NotCompared } from '../../model/changeReport.ts'
import type { Span } from '../../model/series.ts'
import type { HistoryStore } from '../../store/history/historyStore.ts'
import { changeOf, differencesOf, isWell } from './differences.ts'
import { stoodAs } from './stoodAs.ts'

const dayMs = 86_400_000
const hourMs = 3_600_000
const mostIncidents = 200

/** What is compared. */
export interface Change {
  readonly site: string
  readonly name: string
  /** When it began and ended; milliseconds since 1970. */
  readonly startedAt: number
  readonly endedAt: number
  /** Everything that is watched, with what a reader knows it by. */
  readonly subjects: readonly { readonly subject: string; readonly title: string }[]
}

const order: Readonly<Record<ChangedSubject['change'], number>> = { broke: 0, mended: 1, changed: 2 }

/**
 * Everything that is watched, before a change and after it: up to a day after it ended, and as long before it began, an hour
 * at the least. What was not looked at in one of the two times is listed apart, since nothing is known of it.
 *
 * @param now milliseconds since 1970
 * @param postern the version that compares
 */
export function changeReport(
  store: Pick<HistoryStore, 'samples' | 'quantiles' | 'gaps' | 'incidents'>,
  { site, name, startedAt, endedAt, subjects }: Change,
  now: number,
  postern: string,
): ChangeReport {
  const after: Span = { from: endedAt, to: Math.max(endedAt, Math.min(now, endedAt + dayMs)) }
  const before: Span = { from: startedAt - Math.max(hourMs, after.to - after.from), to: startedAt }
  const changes: ChangedSubject[] = []
  const notCompared: NotCompared[] = []
  const stillFailing: ChangeReport['stillFailing'][number][] = []
  let same = 0
  for (const { subject, title } of subjects) {
    const [was, is] = [
      stoodAs(store, subject, before),
      after.to > after.from ? stoodAs(store, subject, after) : undefined,
    ]
    if (was === undefined || is === undefined) {
      const lacks = was === undefined ? (is === undefined ? 'both' : 'before') : 'after'
      notCompared.push({ subject, title, lacks })
      continue
    }
    const differences = differencesOf(was, is)
    if (differences.length > 0) {
      changes.push({ subject, title, change: changeOf(was, is), before: was, after: is, differences })
      continue
    }
    same += 1
    if (!isWell(is)) stillFailing.push({ subject, title, ...(is.cause !== undefined && { cause: is.cause }) })
  }
  const count = (change: ChangedSubject['change']): number => changes.filter((one) => one.change === change).length
  const incidents = store
    .incidents({ from: startedAt, to: Math.max(after.to, startedAt + 1) }, mostIncidents)
    .filter(({ since }) => since >= startedAt)
  return {
    postern,
    kind: 'change',
    site,
    name,
    startedAt: new Date(startedAt).toISOString(),
    endedAt: new Date(endedAt).toISOString(),
    before: comparedTime(store, before),
    after: comparedTime(store, after),
    summary: {
      compared: same + changes.length,
      same,
      broke: count('broke'),
      mended: count('mended'),
      changed: count('changed'),
      notCompared: notCompared.length,
      stillFailing: stillFailing.length,
    },
    changes: changes.toSorted((one, other) => order[one.change] - order[other.change]),
    notCompared,
    stillFailing,
    incidents: incidents.map(({ id, since, severity, says, state }) => ({
      id,
      since: new Date(since).toISOString(),
      severity,
      says,
      isOver: state === 'closed',
    })),
  }
}

function comparedTime(store: Pick<HistoryStore, 'gaps'>, { from, to }: Span): ComparedTime {
  const iso = (at: number): string => new Date(at).toISOString()
  const gaps = to > from ? store.gaps({ from, to }) : []
  return {
    from: iso(from),
    to: iso(to),
    gaps: gaps.map((gap) => ({ from: iso(gap.from), to: iso(gap.to), why: gap.why })),
  }
}
