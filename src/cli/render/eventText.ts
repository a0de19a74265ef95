import type { EventPlace, RecordedEvent } from '../../model/event.ts'
import type { Page } from './page.ts'
import type { Style } from './paint.ts'
import { paint } from './paint.ts'
import { plain } from './plain.ts'

const styles: Readonly<Record<RecordedEvent['outcome'], Style>> = { ok: 'good', denied: 'doubtful', failed: 'bad' }

/** An event as one line for a reader, without its end: when, how it ended, what, who, from where, and the particulars. */
export function eventText(event: RecordedEvent, { colour }: Pick<Page, 'colour'>): string {
  const { time, outcome, kind, activity, reason, actor, src, dst, http, route, detail, count } = event
  const words = [
    ...(count === undefined ? [] : [`${count.toLocaleString('en')} times`]),
    ...(actor === undefined ? [] : [`${actor.kind} ${actor.objectId} of ${actor.tenantId}`]),
    ...(src === undefined ? [] : [`from ${placeText(src)}`]),
    ...(dst === undefined ? [] : [`to ${placeText(dst)}`]),
    ...(http === undefined ? [] : [`${http.method} ${http.host}${http.path}`]),
    ...(http?.status === undefined ? [] : [String(http.status)]),
    ...(route === undefined ? [] : [`route ${route}`]),
    ...Object.entries(detail ?? {}).map(([name, value]) => `${name}=${value}`),
  ]
  const ended = paint(outcome.padEnd(6), styles[outcome], colour)
  return `${plain(time)}  ${ended}  ${plain([`${kind} ${activity}: ${reason}`, ...words].join('  '))}`.trimEnd()
}

function placeText({ address, port }: EventPlace): string {
  if (port === undefined) return address
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
