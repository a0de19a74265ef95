import type { Incident, IncidentCourse, Telling } from '../../model/incident.ts'
import type { Trouble } from './trouble.ts'
import { isLive, suspicionOf, troubleOf } from './trouble.ts'
import { partsOf } from './ways.ts'

/** An incident with all that its next step needs. */
export interface Kept extends Incident {
  readonly course: IncidentCourse
  readonly told: readonly Telling[]
}

/** An incident as the store has it; one that was kept without its course goes on as one that nobody was told of. */
export function keptOf(incident: Incident): Kept {
  const { confirmedAt, until, consequences } = incident
  const ended = consequences.reduce((most, one) => Math.max(most, one.until ?? 0), 0)
  const isMended = incident.state !== 'open'
  const course: IncidentCourse = incident.course ?? {
    openedAt: confirmedAt,
    penalty: { value: 0, at: confirmedAt },
    longestQuietMs: 0,
    ...(isMended ? { wellSince: until ?? ended, overAt: until ?? ended } : {}),
  }
  return { ...incident, course, told: incident.told ?? [] }
}

/** What fails of it now. */
export function liveOf({ consequences }: Kept): readonly Trouble[] {
  return consequences.filter(isLive).map(troubleOf)
}

/** All that failed of it since it was opened, and was not found to be of another cause. */
export function sufferedOf({ consequences, course }: Kept): readonly Trouble[] {
  return consequences
    .filter(({ until, ended }) => ended !== 'other-cause' && (until === undefined || until >= course.openedAt))
    .map(troubleOf)
}

/** The suspicions that it stands for: what else falls under one of them is no news. */
export function suspicionsOfIncident({ suspect, ...codes }: Kept): readonly string[] {
  return partsOf(suspect).map((part) => suspicionOf(part, codes))
}

/** Whether it is over: closed, or put under another one. */
export function isOver({ state }: Kept): boolean {
  return state === 'closed'
}

/** Whether it is still open to be weighed anew with what fails meanwhile. */
export function isSettling({ course }: Kept): boolean {
  return course.settlesAt !== undefined
}
