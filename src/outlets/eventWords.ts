import type { RecordedEvent } from '../model/event.ts'
import { printableText } from '../wire/printable-text.ts'

/** An event in one line: `authentication sign-in denied: token-expired`. */
export function eventWords({ kind, activity, outcome, reason, count = 1 }: RecordedEvent): string {
  const times = count > 1 ? ` (${count} times)` : ''
  return `${kind} ${printableText(activity, 40)} ${outcome}: ${printableText(reason, 80)}${times}`
}

/** Its members as names and texts, in a fixed order; texts of others are one line of at most 1,000 characters. */
export function eventMembers(event: RecordedEvent): readonly (readonly [name: string, text: string])[] {
  const { uid, kind, activity, outcome, reason, actor, src, dst, traceId, session, http, route, detail, count } = event
  const members: readonly (readonly [string, string | number | boolean | undefined])[] = [
    ...([
      ['uid', uid],
      ['kind', kind],
      ['activity', activity],
      ['outcome', outcome],
      ['reason', reason],
    ] as const),
    ...([
      ['actorKind', actor?.kind],
      ['tenant', actor?.tenantId],
      ['actor', actor?.objectId],
    ] as const),
    ...([
      ['src', src?.address],
      ['srcPort', src?.port],
      ['dst', dst?.address],
      ['dstPort', dst?.port],
    ] as const),
    ...([
      ['method', http?.method],
      ['host', http?.host],
      ['path', http?.path],
      ['status', http?.status],
    ] as const),
    ...([
      ['route', route],
      ['session', session],
      ['traceId', traceId],
      ['count', count],
    ] as const),
    ...Object.entries(detail ?? {}).map(([name, value]) => [`detail.${name}`, value] as const),
  ]
  return members.flatMap(([name, value]) =>
    value === undefined ? [] : [[printableText(name, 60), printableText(String(value), 1000)] as const],
  )
}

/** How grave an event is, as in OCSF: a denial is what a gate is for. */
export function eventSeverity({ kind, outcome }: RecordedEvent): 'high' | 'medium' | 'low' | 'info' {
  if (kind === 'detection_finding') return 'high'
  return outcome === 'ok' ? 'info' : outcome === 'denied' ? 'low' : 'medium'
}
