import type { Suspect } from '../../model/incident.ts'
import type { Standing } from '../news.ts'
import type { Kept } from './kept.ts'
import { isOver } from './kept.ts'
import type { IncidentSettings } from './settings.ts'
import type { Places } from './suspects.ts'
import type { Trouble } from './trouble.ts'
import { isLive, troubleId, troubleOf } from './trouble.ts'

/** A failure that stands in no incident, and how it was confirmed. */
export interface Loose {
  readonly trouble: Trouble
  readonly looks: number
  readonly vantages: readonly string[]
  /** The incident that it was taken out of, to be weighed anew. */
  readonly origin?: string
}

/** What one step works on; whatever is put into it is new, and the state before stays as it was. */
export interface Draft {
  readonly at: number
  readonly settings: IncidentSettings
  readonly standings: ReadonlyMap<string, Standing>
  readonly places: Places
  readonly incidents: Map<string, Kept>
  /** The incident in which something fails, by {@link troubleId}. */
  readonly living: Map<string, string>
  /** Failures that wait for their incident, by {@link troubleId}. */
  readonly loose: Map<string, Loose>
  /** Incidents that were taken apart, and the one that the first of it went to, once it did. */
  readonly apart: Map<string, string | undefined>
  /** Those of which other things fail than before, with whom else they may come of. */
  readonly touched: Map<string, readonly Suspect[]>
  readonly newId: () => string
}

export function livingOf(incidents: Iterable<Kept>): Map<string, string> {
  const living = new Map<string, string>()
  for (const incident of incidents) {
    if (isOver(incident)) continue
    for (const one of incident.consequences) {
      if (isLive(one)) living.set(troubleId(one), incident.id)
    }
  }
  return living
}

export function put(draft: Draft, incident: Kept): void {
  draft.incidents.set(incident.id, incident)
}

/** Marks that an incident is to be described anew. */
export function touch(draft: Draft, id: string, alternatives?: readonly Suspect[]): void {
  draft.touched.set(id, alternatives ?? draft.touched.get(id) ?? draft.incidents.get(id)?.alternatives ?? [])
}

/** Puts a failure into an incident; one that stood there and was over goes on, with its first time. */
export function add(draft: Draft, id: string, { trouble, looks, vantages }: Loose): void {
  const incident = draft.incidents.get(id)
  if (incident === undefined) return
  const own = troubleId(trouble)
  const past = incident.consequences.find((one) => troubleId(one) === own)
  const joined = past === undefined ? trouble : { ...trouble, since: Math.min(past.since, trouble.since) }
  put(draft, {
    ...incident,
    since: Math.min(incident.since, trouble.since),
    confirmedBy: {
      looks: Math.max(incident.confirmedBy.looks, looks),
      vantages: [...new Set([...incident.confirmedBy.vantages, ...vantages])],
    },
    consequences:
      past === undefined
        ? [...incident.consequences, joined]
        : incident.consequences.map((one) => (one === past ? joined : one)),
  })
  draft.living.set(own, id)
  touch(draft, id)
}

/** Ends a failure where it stands; undefined where nothing of that id fails. */
export function end(draft: Draft, troubleIdOf: string, at: number, ended?: Trouble['ended']): Trouble | undefined {
  const id = draft.living.get(troubleIdOf)
  const incident = id === undefined ? undefined : draft.incidents.get(id)
  const past = incident?.consequences.find((one) => isLive(one) && troubleId(one) === troubleIdOf)
  if (incident === undefined || past === undefined) return undefined
  const until = Math.max(at, past.since)
  const over = ended === undefined ? { ...past, until } : { ...past, until, ended }
  put(draft, { ...incident, consequences: incident.consequences.map((one) => (one === past ? over : one)) })
  draft.living.delete(troubleIdOf)
  touch(draft, incident.id)
  return troubleOf(over)
}

/**
 * Takes failures out of their incident, to be weighed anew.
 *
 * @param goesOn whether the incident is to go on with what most of them come to; else it stays as it is without them
 */
export function loosen(draft: Draft, incident: Kept, goesOn = true): void {
  const { looks, vantages } = incident.confirmedBy
  for (const one of incident.consequences) {
    if (!isLive(one)) continue
    const own = troubleId(one)
    draft.living.delete(own)
    draft.loose.set(own, { trouble: troubleOf(one), looks, vantages, ...(goesOn ? { origin: incident.id } : {}) })
  }
  if (goesOn) draft.apart.set(incident.id, undefined)
  put(draft, { ...incident, consequences: incident.consequences.filter((one) => !isLive(one)) })
}
