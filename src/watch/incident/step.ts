import type { Alert, AlertReason, Incident } from '../../model/incident.ts'
import type { OutletSettings } from '../../model/watch.ts'
import type { ConfirmedNews, Standing } from '../news.ts'
import { isRemembered, recovering } from './damping.ts'
import type { Draft } from './draft.ts'
import { livingOf, put } from './draft.ts'
import { describe } from './incidentWords.ts'
import type { Kept } from './kept.ts'
import { isOver, liveOf, sufferedOf } from './kept.ts'
import { isDue, place } from './place.ts'
import type { IncidentSettings } from './settings.ts'
import { incidentSeverity, isGraver } from './severity.ts'
import { placesOf } from './suspects.ts'
import { takeNews } from './takeNews.ts'
import type { QuietWindow } from './tell.ts'
import { alertsFor, isQuiet, owed, remindAt, tellingOf } from './tell.ts'

/** Everything that is not over, and what is over and would be opened again; immutable. */
export interface IncidentsState {
  readonly incidents: ReadonlyMap<string, Kept>
}

export const noIncidents: IncidentsState = Object.freeze({ incidents: new Map<string, Kept>() })

/** What is so at the time of a step. */
export interface Moment {
  /** Milliseconds since 1970. */
  readonly at: number
  /** Every flow that is watched, by its subject: the newest look at each. Read during the step, and not kept. */
  readonly standings: ReadonlyMap<string, Standing>
  /** Maintenance windows that are open now; absent: none. */
  readonly windows?: readonly QuietWindow[]
}

/** What stays the same from step to step, until the site file changes. */
export interface IncidentMeans {
  readonly site: string
  /** The host that watches. */
  readonly from: string
  readonly settings: IncidentSettings
  readonly outlets: readonly OutletSettings[]
  /** A UUID, another one each time. */
  readonly newId: () => string
  /** Where an incident can be looked at; absent: nowhere. */
  readonly urlOf?: (id: string) => string
}

export interface Delivery {
  /** Name of the outlet. */
  readonly outlet: string
  readonly alert: Alert
}

export interface Step {
  readonly state: IncidentsState
  /** Incidents that are not as they were: to be kept in one transaction with the deliveries, before the next step. */
  readonly changed: readonly Incident[]
  readonly deliveries: readonly Delivery[]
  /** Alerts, whether or not an outlet takes them. */
  readonly alerts: readonly Alert[]
  /** Subjects of flows to be looked at before their turn: they tell who is to blame. The most telling first, at most 24. */
  readonly askSoon: readonly string[]
  /** When the next step is due if nothing happens before, milliseconds since 1970; absent: none is. */
  readonly nextAt?: number
}

/**
 * Takes what has become sure, and the time: gives the incidents as they are then, and who is to be told of what. Pure: the
 * same state, news and moment give the same step, but for the ids.
 */
export function step(
  state: IncidentsState,
  news: readonly ConfirmedNews[],
  moment: Moment,
  means: IncidentMeans,
): Step {
  const { at, standings } = moment
  const draft: Draft = {
    at,
    settings: means.settings,
    standings,
    places: placesOf([...standings.values()].map(({ on }) => on)),
    incidents: new Map(state.incidents),
    living: livingOf(state.incidents.values()),
    loose: new Map(),
    apart: new Map(),
    touched: new Map(),
    newId: means.newId,
  }
  for (const one of news) takeNews(draft, one)
  const askSoon = place(draft)
  describeTouched(draft)
  seeFailing(draft)
  const windows = moment.windows ?? []
  for (const incident of draft.incidents.values()) goOn(draft, incident, windows)
  const told = [...draft.incidents.values()].flatMap((incident) => tell(draft, incident, windows, means))
  const changed = [...draft.incidents.values()].filter((one) => state.incidents.get(one.id) !== one)
  for (const { id, state: is, course } of draft.incidents.values()) {
    if (is === 'closed' && !isRemembered(course, at, draft.settings)) draft.incidents.delete(id)
  }
  const nextAt = nextOf(draft)
  return {
    state: { incidents: draft.incidents },
    changed,
    alerts: told.map(({ alert }) => alert),
    deliveries: told.flatMap(({ alert, to }) => to.map((outlet) => ({ outlet, alert }))),
    askSoon,
    ...(nextAt === undefined ? {} : { nextAt }),
  }
}

function describeTouched(draft: Draft): void {
  for (const [id, alternatives] of draft.touched) {
    const incident = draft.incidents.get(id)
    if (incident === undefined || isOver(incident)) continue
    const failing = liveOf(incident)
    const { suspect, course } = incident
    const described = describe(suspect, sufferedOf(incident), alternatives, course.openedAt)
    if (described === undefined) continue
    const { finding: _, fix: __, alternatives: ___, ...rest } = incident
    const severity = incidentSeverity(suspect, failing)
    put(draft, {
      ...rest,
      ...described,
      ...(alternatives.length === 0 ? {} : { alternatives }),
      severity: isGraver(severity, incident.severity) ? severity : incident.severity,
    })
  }
}

/** The last look that failed is kept to the minute, so that an incident is not written at every look. */
const seenToMs = 60_000

function seeFailing({ incidents, standings }: Draft): void {
  for (const incident of incidents.values()) {
    if (incident.state !== 'open') continue
    let seenAt = incident.lastSeenAt
    for (const { subject, until } of incident.consequences) {
      const standing = until === undefined ? standings.get(subject) : undefined
      if (standing?.isWell === false) seenAt = Math.max(seenAt, standing.at)
    }
    if (seenAt >= incident.lastSeenAt + seenToMs) incidents.set(incident.id, { ...incident, lastSeenAt: seenAt })
  }
}

/** Moves an incident on by what fails of it and by the time. */
function goOn(draft: Draft, incident: Kept, windows: readonly QuietWindow[]): void {
  if (isOver(incident)) return
  const { at, settings } = draft
  const failing = liveOf(incident)
  if (failing.length > 0) return
  let { state, course } = incident
  if (isDue(draft, incident)) {
    const { settlesAt: _, ...settled } = course
    course = settled
  }
  if (state === 'open') {
    state = 'recovering'
    course = recovering(course, Math.max(...incident.consequences.map(({ until = at }) => until)), settings)
  }
  const { overAt = at, wellSince = at } = course
  // A clock that was set back holds nothing open for longer than anything is held.
  const isHeld = overAt > at && overAt - at <= settings.mostHoldMs
  // Who was told that it began is told that it is over, when that may be told.
  const mustWait = course.isTold === true && isQuiet(incident, windows, at)
  if (isHeld || mustWait) {
    if (state !== incident.state || course !== incident.course) put(draft, { ...incident, state, course })
    return
  }
  const { settlesAt: _, ...over } = course
  put(draft, { ...incident, state: 'closed', until: wellSince, course: over })
}

interface Told {
  readonly alert: Alert
  readonly to: readonly string[]
}

function tell(draft: Draft, incident: Kept, windows: readonly QuietWindow[], means: IncidentMeans): readonly Told[] {
  const { at, settings } = draft
  const reason = owed(incident, at, settings)
  if (reason === undefined || isQuiet(incident, windows, at)) return []
  const alert = alertOf(incident, reason, at, means)
  const to = alertsFor(means.outlets, alert).map(({ name }) => name)
  const { severity, suspect, told } = incident
  const { isTold: _, ...course } = incident.course
  put(draft, {
    ...incident,
    told: [...told, { at, reason, severity, suspect, to }],
    course: reason === 'recovered' ? course : { ...course, isTold: true },
  })
  return [{ alert, to }]
}

function alertOf(incident: Kept, reason: AlertReason, at: number, means: IncidentMeans): Alert {
  const { site, from, urlOf, newId, settings } = means
  return {
    id: newId(),
    at,
    reason,
    site,
    from,
    incident: tellingOf(incident, settings.consequencesTold),
    ...(urlOf === undefined ? {} : { url: urlOf(incident.id) }),
  }
}

function nextOf({ at, incidents, settings: { reminderMs } }: Draft): number | undefined {
  let next = Number.POSITIVE_INFINITY
  for (const incident of incidents.values()) {
    if (isOver(incident)) continue
    const { course, silencedUntil, acknowledged, state } = incident
    const reminded = state === 'open' && acknowledged === undefined ? remindAt(incident, reminderMs) : undefined
    for (const time of [course.settlesAt, course.overAt, silencedUntil, reminded]) {
      if (time !== undefined && time > at) next = Math.min(next, time)
    }
  }
  return next === Number.POSITIVE_INFINITY ? undefined : next
}
