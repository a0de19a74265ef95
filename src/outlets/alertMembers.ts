import type { Alert } from '../model/incident.ts'
import { printableText } from '../wire/printable-text.ts'

/** An alert as names and texts, in a fixed order; texts of others are one line of at most 1,000 characters. */
export function alertMembers({
  id,
  reason,
  site,
  from,
  incident,
  url,
}: Alert): readonly (readonly [name: string, text: string])[] {
  const { suspect, cause, confidence, severity, owner, says, fix, since, until, consequences, flaps } = incident
  const members: readonly (readonly [string, string | number | undefined])[] = [
    ...([
      ['alert', id],
      ['reason', reason],
      ['site', site],
      ['from', from],
      ['incident', incident.id],
    ] as const),
    ...([
      ['suspectKind', suspect.kind],
      ['suspect', suspect.name],
      ['cause', cause],
    ] as const),
    ...([
      ['confidence', confidence],
      ['severity', severity],
      ['owner', owner],
      ['says', says],
    ] as const),
    ...([
      ['fix', fix],
      ['since', new Date(since).toISOString()],
    ] as const),
    ['until', until === undefined ? undefined : new Date(until).toISOString()],
    ...([
      ['consequences', consequences.length],
      ['flaps', flaps],
      ['url', url],
    ] as const),
  ]
  return members.flatMap(([name, value]) =>
    value === undefined ? [] : [[name, printableText(String(value), 1000)] as const],
  )
}
