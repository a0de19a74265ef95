import { resolve } from 'node:path'
import type { LoadedSite } from '../config/index.ts'
import type { AccessReport, AskedAccess } from '../model/accessReport.ts'
import type { RecordedEvent } from '../model/event.ts'
import { readEvents } from '../store/record/index.ts'
import { reasonOfEvent } from './eventReasons.ts'
import { UsageError } from './shell.ts'
import { version } from './version.ts'

/** Events that one request can have at most, and more. */
const mostEvents = 100

/**
 * What the record says of a request: which route decided, why, and what was missing.
 *
 * @param traceId 32 hexadecimal digits, as answers and the record have them
 * @throws UsageError where there is no record, or nothing of this request in it
 */
export async function explainRecorded(traceId: string, loaded: LoadedSite, signal: AbortSignal): Promise<AccessReport> {
  const { site, file } = loaded
  if (site.gate === undefined) throw new UsageError(`${file}:1:1: there is no gate, and no record of it`)
  const folder = resolve(loaded.folder, site.gate.record.folder)
  const events = await eventsOf(traceId, folder, signal)
  const last = events.findLast(({ http }) => http !== undefined) ?? events.at(-1)
  if (last === undefined) {
    throw new UsageError(
      `${folder}: nothing is recorded of the request ${traceId}: its answer went well, or it is older`,
    )
  }
  // Of what could not be read nothing is written down.
  const { http = { method: '(not read)', host: '', path: '' }, actor, src, time, reason, route: id, detail } = last
  const { method, host, path } = http
  const isPassed = id !== undefined && last.kind === 'http_activity'
  const route = site.gate.routes?.find((one) => one.id === id)
  return {
    postern: version,
    kind: 'access',
    site: site.site,
    request: {
      method,
      host,
      path,
      who: actor?.kind ?? 'nobody',
      ...(actor !== undefined && { tenantId: actor.tenantId, objectId: actor.objectId }),
      ...(src !== undefined && { address: src.address }),
      at: time,
    },
    allowed: isPassed || last.outcome === 'ok',
    because: reason,
    says: saysOf(last),
    ...(id !== undefined && { route: { id, ...(route !== undefined && { path: route.path }) } }),
    ...(typeof detail?.['backend'] === 'string' && { backend: detail['backend'] }),
    ways: isPassed ? [] : waysIn(detail ?? {}),
    recorded: {
      traceId,
      events: events.map((event) => ({
        time: event.time,
        activity: event.activity,
        outcome: event.outcome,
        reason: event.reason,
        says: saysOf(event),
        ...(event.http?.status !== undefined && { status: event.http.status }),
      })),
    },
  }
}

async function eventsOf(traceId: string, folder: string, signal: AbortSignal): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = []
  try {
    for await (const line of readEvents(folder, { signal })) {
      if ('event' in line && line.event.traceId === traceId && events.length < mostEvents) events.push(line.event)
    }
  } catch {
    throw new UsageError(`${folder}: the record cannot be read, name its folder with gate.record.folder`)
  }
  if (signal.aborted) throw new UsageError('stopped before the record was read')
  return events
}

function saysOf(event: RecordedEvent): string {
  return reasonOfEvent(event)?.says ?? 'a reason that this version does not know'
}

/** `way-1: "role-missing tenant-not-allowed"` and so on. */
function waysIn(detail: NonNullable<RecordedEvent['detail']>): AccessReport['ways'] {
  return Object.entries(detail).flatMap(([key, reasons]) => {
    const [, number] = /^way-(\d+)$/.exec(key) ?? []
    if (number === undefined || typeof reasons !== 'string') return []
    return [
      {
        at: Number(number) - 1,
        asked: reasons
          .split(' ')
          .filter((one) => one !== '')
          .map(missingOf),
      },
    ]
  })
}

function missingOf(reason: string): AskedAccess {
  const row = reasonOfEvent({ kind: 'authorization', outcome: 'denied', reason })
  return { asks: row?.asks ?? 'rule', ok: false, reason, says: row?.says ?? 'a reason that this version does not know' }
}
