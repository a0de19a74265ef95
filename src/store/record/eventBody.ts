import type { EventActor, EventPlace, GateEvent } from '../../model/event.ts'

/** Characters that a text may have; the rest is cut off, and `…` says so. */
const longest = { word: 256, path: 4096, detail: 1024 } as const
/** What an event may have in its detail. */
const mostDetails = 32
const detailName = /^[A-Za-z][A-Za-z0-9._-]{0,63}$/
/** A JSON Web Token or what is cut off of one: whoever puts it into a path gave it away, and here it goes no further. */
const tokens = /eyJ[\w-]{8,}(?:\.[\w-]*)*/g

/**
 * An event with its time and id as canonical JSON (RFC 8785): members in the order of their names, no space. Only what an
 * event may have is taken over, so that what somebody adds to the object by mistake is never written down.
 *
 * @param time ISO 8601, UTC, with milliseconds
 */
export function eventBody(event: GateEvent, time: string, uid: string): string {
  const { activity, actor, count, detail, dst, http, kind, outcome, reason, route, session, src, traceId } = event
  return JSON.stringify({
    activity: text(activity),
    ...(actor !== undefined && { actor: actorOf(actor) }),
    ...(isCount(count) && { count }),
    ...(detail !== undefined && { detail: detailOf(detail) }),
    ...(dst !== undefined && { dst: placeOf(dst) }),
    ...(http !== undefined && { http: httpOf(http) }),
    kind: text(kind),
    outcome: text(outcome),
    reason: text(reason),
    ...(route !== undefined && { route: text(route) }),
    ...(session !== undefined && { session: text(session) }),
    ...(src !== undefined && { src: placeOf(src) }),
    time,
    ...(traceId !== undefined && { traceId: text(traceId) }),
    uid,
  })
}

function actorOf({ kind, objectId, tenantId }: EventActor): EventActor {
  return { kind, objectId: text(objectId), tenantId: text(tenantId) }
}

function placeOf({ address, port }: EventPlace): EventPlace {
  return { address: text(address), ...(Number.isFinite(port) && port !== undefined && { port }) }
}

function httpOf({ host, method, path, status }: NonNullable<GateEvent['http']>): GateEvent['http'] {
  return {
    host: text(host),
    method: text(method),
    // A query holds codes and tokens: what was forgotten to be cut off before is cut off here.
    path: text(path.replace(/[?#].*$/s, ''), longest.path),
    ...(Number.isFinite(status) && status !== undefined && { status }),
  }
}

function detailOf(detail: NonNullable<GateEvent['detail']>): GateEvent['detail'] {
  const names = Object.keys(detail).filter((name) => detailName.test(name))
  const kept: Record<string, string | number | boolean> = {}
  for (const name of names.sort().slice(0, mostDetails)) {
    const value = detail[name]
    if (typeof value === 'string') kept[name] = text(value, longest.detail)
    else if (typeof value === 'boolean' || Number.isFinite(value)) kept[name] = value ?? false
  }
  return kept
}

function isCount(count: number | undefined): count is number {
  return count !== undefined && Number.isSafeInteger(count) && count > 1
}

function text(value: string, most: number = longest.word): string {
  const bounded = value.length > most ? `${value.slice(0, most)}…` : value
  return bounded.includes('eyJ') ? bounded.replace(tokens, '(token)') : bounded
}
