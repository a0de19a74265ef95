import type { RecordedEvent } from '../model/event.ts'
import { eventKinds } from '../model/event.ts'
import { severities } from '../model/finding.ts'
import type { Alert } from '../model/incident.ts'
import { alertReasons } from '../model/incident.ts'
import type { Told } from './outlet.ts'

/**
 * Reads what waited in a spool: the JSON of an alert or of a recorded event, which are told apart by their members.
 *
 * @returns undefined for what is neither, such as what a later version wrote
 */
export function readTold(body: string): Told | undefined {
  const value = parsed(body)
  if (isAlert(value)) return { kind: 'alert', alert: value }
  return isEvent(value) ? { kind: 'event', event: value } : undefined
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

function isAlert(value: unknown): value is Alert {
  const { id, at, reason, site, from, incident, url = '' } = membersOf(value)
  return (
    areIds([id]) && areTexts([site, from, url]) && isTime(at) && isOneOf(alertReasons, reason) && isIncident(incident)
  )
}

function isIncident(value: unknown): boolean {
  const { id, suspect, cause, confidence, severity, owner, says, fix = '', since, until = since } = membersOf(value)
  const { consequences, flaps, lastSeenAt } = membersOf(value)
  const { kind, name } = membersOf(suspect)
  return (
    areIds([id]) &&
    areTexts([kind, name, cause, confidence, owner, says, fix]) &&
    isOneOf(severities, severity) &&
    [since, until, lastSeenAt].every(isTime) &&
    typeof flaps === 'number' &&
    Array.isArray(consequences) &&
    consequences.every((each) => areTexts([membersOf(each)['title'], membersOf(each)['subject']]))
  )
}

function isEvent(value: unknown): value is RecordedEvent {
  const { kind, activity, outcome, reason, time, uid } = membersOf(value)
  return (
    isOneOf(eventKinds, kind) &&
    isOneOf(['ok', 'denied', 'failed'], outcome) &&
    areTexts([activity, reason, uid]) &&
    typeof time === 'string' &&
    !Number.isNaN(Date.parse(time))
  )
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function areTexts(values: readonly unknown[]): boolean {
  return values.every((each) => typeof each === 'string')
}

/** Milliseconds that a date can be made of. */
function isTime(value: unknown): boolean {
  return typeof value === 'number' && Math.abs(value) <= 8.64e15
}

function isOneOf(words: readonly string[], value: unknown): boolean {
  return typeof value === 'string' && words.includes(value)
}

/** What stands in header fields and ids of messages as it is. */
function areIds(values: readonly unknown[]): boolean {
  return values.every((each) => typeof each === 'string' && /^[\w.:-]{1,128}$/.test(each))
}
