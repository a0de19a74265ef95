import type { Severity } from '../../model/finding.ts'
import { severities } from '../../model/finding.ts'
import type { Alert, AlertReason, Consequence, Incident } from '../../model/incident.ts'
import type { MaintenanceWindow, OutletSettings } from '../../model/watch.ts'
import type { Kept } from './kept.ts'
import type { IncidentSettings } from './settings.ts'
import { isGraver } from './severity.ts'
import { isLive, isSoft, troubleOf } from './trouble.ts'

/** A window that is open now. */
export type QuietWindow = Pick<MaintenanceWindow, 'name' | 'of'>

/**
 * The outlets that an alert goes to: those that take alerts of its gravity. That it is over is told to whoever was told that
 * it had begun, and to nobody else.
 */
export function alertsFor(outlets: readonly OutletSettings[], { reason, incident }: Alert): readonly OutletSettings[] {
  const told = new Set((incident.told ?? []).flatMap(({ to }) => to))
  return outlets.filter(({ takes, least, name }) => {
    if (!takes.includes('alerts')) return false
    switch (reason) {
      case 'test':
        return true
      case 'recovered':
        return told.has(name)
      case 'opened':
      case 'worse':
      case 'reminder':
        return least === undefined || isAtLeast(incident.severity, least)
      default:
        return reason satisfies never
    }
  })
}

function isAtLeast(severity: Severity, least: Severity): boolean {
  return severities.indexOf(severity) <= severities.indexOf(least)
}

/** What people are to be told of an incident and have not been; undefined where there is nothing. */
export function owed(
  incident: Kept,
  now: number,
  { reminderMs }: Pick<IncidentSettings, 'reminderMs'>,
): AlertReason | undefined {
  const { state, course, suspect, severity, acknowledged, mergedInto, told } = incident
  if (state === 'closed') return mergedInto === undefined && course.isTold === true ? 'recovered' : undefined
  if (state === 'recovering' || course.settlesAt !== undefined) return undefined
  const last = told.findLast(({ reason }) => reason !== 'reminder')
  if (last === undefined || course.isTold !== true) return 'opened'
  const isOther = last.suspect.kind !== suspect.kind || last.suspect.name !== suspect.name
  if (isOther || isGraver(severity, last.severity)) return 'worse'
  const remindedAt = remindAt(incident, reminderMs)
  return acknowledged === undefined && remindedAt !== undefined && remindedAt <= now ? 'reminder' : undefined
}

/** When a reminder is due, were nobody to acknowledge. */
export function remindAt(incident: Kept, reminderMs: number | undefined): number | undefined {
  const last = incident.told.at(-1)
  return last === undefined || reminderMs === undefined ? undefined : last.at + reminderMs
}

/** Whether nobody is told of it now: somebody silenced it, or windows cover everything that fails of it. */
export function isQuiet(incident: Kept, windows: readonly QuietWindow[], now: number): boolean {
  if ((incident.silencedUntil ?? 0) > now) return true
  if (windows.length === 0) return false
  const failing = incident.consequences.filter(isLive)
  const concerned = failing.length > 0 ? failing : incident.consequences
  return concerned.every((one) => windows.some((window) => covers(window, one)))
}

/** A window speaks of hosts, networks and flow ids, or of the whole site. */
function covers({ of }: QuietWindow, consequence: Consequence): boolean {
  if (of === undefined) return true
  const [flow, from, to] = consequence.subject.split('|')
  const hosts = troubleOf(consequence).weighed.suspects.flatMap(({ kind, name }) => (kind === 'host' ? [name] : []))
  return [consequence.subject, flow, from, to, ...hosts].some((word) => word !== undefined && of.includes(word))
}

/** An incident as it is told: with the gravest of its consequences, without what is kept for the next step. */
export function tellingOf(incident: Incident, most: number): Incident {
  const { course: _, consequences, ...rest } = incident
  const listed = consequences
    .toSorted((one, other) => Number(isLive(other)) - Number(isLive(one)) || rankOf(one) - rankOf(other))
    .slice(0, most)
    .map(({ weighed: _weighed, ...one }) => one)
  const left = consequences.length - listed.length
  return { ...rest, consequences: listed, ...(left === 0 ? {} : { consequencesLeftOut: left }) }
}

function rankOf(consequence: Consequence): number {
  const trouble = troubleOf(consequence)
  return severities.indexOf(trouble.weighed.severity) + (isSoft(trouble) ? severities.length : 0)
}
