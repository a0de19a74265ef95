import type { RecordedEvent } from '../../model/event.ts'
import { isGuid } from '../../model/guid.ts'
import type { OwnSignIn } from './signInEntry.ts'

/** Activities in which somebody was sent to Entra ID and came back. */
const activities: ReadonlySet<string> = new Set(['sign-in', 'step-up'])

/**
 * A sign-in as the record of the gate has it; undefined for every other event.
 *
 * @param app client id of the gate
 */
export function signInOfEvent(event: RecordedEvent, app: string): OwnSignIn | undefined {
  const { kind, activity, outcome, reason, actor, src, traceId, time, uid, detail } = event
  const at = Date.parse(time)
  if (kind !== 'authentication' || !activities.has(activity) || reason === 'begun' || Number.isNaN(at)) return undefined
  const correlation = detail?.['correlation']
  return {
    ...{ id: uid, at, by: 'gate', app, isIn: outcome === 'ok' },
    ...(actor !== undefined && { person: actor.objectId.toLowerCase() }),
    ...(src !== undefined && { address: src.address }),
    ...(typeof correlation === 'string' && isGuid(correlation) && { correlation }),
    ...(traceId !== undefined && { trace: traceId }),
  }
}
