import type { Incident } from '../../model/incident.ts'
import type { Sample } from '../../model/sample.ts'
import type { ConfirmedNews } from '../news.ts'
import { isRemembered } from './damping.ts'
import { isOver, keptOf, liveOf } from './kept.ts'
import type { IncidentSettings } from './settings.ts'
import type { IncidentsState } from './step.ts'

/**
 * The state after a restart: what was kept goes on, and nobody is told twice of what they were told.
 *
 * @param kept those that are not closed, and those of the last {@link import('./damping.ts').rememberedMs}
 * @param latest the newest sample of each flow: looks that failed after their incident was written count for when it was last seen
 */
export function restoreIncidents(
  kept: readonly Incident[],
  latest: readonly Sample[],
  now: number,
  settings: IncidentSettings,
): IncidentsState {
  const failedAt = new Map(latest.flatMap(({ key, at, isWell }): [string, number][] => (isWell ? [] : [[key, at]])))
  const incidents = kept
    .map(keptOf)
    .filter((incident) => !isOver(incident) || isRemembered(incident.course, now, settings))
    .map((incident) => {
      const seen = liveOf(incident).map(({ subject }) => failedAt.get(subject) ?? 0)
      const lastSeenAt = Math.max(incident.lastSeenAt, ...seen)
      return lastSeenAt === incident.lastSeenAt ? incident : { ...incident, lastSeenAt }
    })
  return { incidents: new Map(incidents.map((incident) => [incident.id, incident])) }
}

/** Subjects that fail by what incidents say: whoever looks goes on from there, and tells when they are well. */
export function failingSubjects({ incidents }: IncidentsState): ReadonlySet<string> {
  return new Set(
    [...incidents.values()].flatMap((incident) =>
      isOver(incident)
        ? []
        : liveOf(incident).flatMap(({ subject, weighed }) => (weighed.of === 'look' ? [subject] : [])),
    ),
  )
}

/** News of flows that fail and that nobody looks at any more, such as after the site file has changed. */
export function unwatchedNews(
  state: IncidentsState,
  watched: { has(subject: string): boolean },
  at: number,
): readonly ConfirmedNews[] {
  return [...failingSubjects(state)]
    .filter((subject) => !watched.has(subject))
    .map((subject) => ({ kind: 'unwatched', subject, at }))
}
