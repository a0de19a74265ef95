import type { Incident } from '../../model/incident.ts'
import type { Kept } from './kept.ts'
import type { IncidentsState } from './step.ts'

/** What a person did to an incident; undefined where there is none of that id, or it is over. */
export type Edited = { readonly state: IncidentsState; readonly changed: readonly Incident[] } | undefined

/** Somebody has taken it on: there are no more reminders. */
export function acknowledge(
  state: IncidentsState,
  id: string,
  by: { readonly at: number; readonly by: string },
): Edited {
  return edit(state, id, (incident) => ({ ...incident, acknowledged: by }))
}

export function addNote(
  state: IncidentsState,
  id: string,
  note: { readonly at: number; readonly by: string; readonly text: string },
): Edited {
  return edit(state, id, (incident) => ({ ...incident, notes: [...incident.notes, note] }))
}

/** Nobody is told of it until then, milliseconds since 1970; what is owed by then is told afterwards. */
export function silence(state: IncidentsState, id: string, until: number): Edited {
  return edit(state, id, (incident) => ({ ...incident, silencedUntil: until }))
}

function edit(state: IncidentsState, id: string, change: (incident: Kept) => Kept): Edited {
  const incident = state.incidents.get(id)
  if (incident === undefined || incident.state === 'closed') return undefined
  const edited = change(incident)
  return { state: { incidents: new Map(state.incidents).set(id, edited) }, changed: [edited] }
}
