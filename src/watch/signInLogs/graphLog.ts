import { membersOf } from '../../model/membersOf.ts'
import type { Limits } from '../../net/net.ts'
import type { AskGraph } from './askGraph.ts'
import type { Covered } from './joinSignIns.ts'
import { readSignIns } from './readSignIns.ts'
import type { TenantSignIn } from './signInEntry.ts'

/** What was read of a log. */
export type LogSeen =
  | {
      readonly kind: 'read'
      readonly signIns: readonly TenantSignIn[]
      readonly unread: number
      /** The time of which everything was read that was there. */
      readonly covers: Covered
    }
  | { readonly kind: 'wait'; readonly says: string; readonly retryAfterMs: number }
  | { readonly kind: 'failed'; readonly says: string }
  | { readonly kind: 'aborted' }

/** Reads what the log has since a time: milliseconds since 1970. */
export type ReadLog = (since: number, limits: Limits) => Promise<LogSeen>

/** So many entries a page: one has several KiB. */
const pageEntries = 200
const mostPages = 100

/**
 * Reads the sign-in log of a tenant by Microsoft Graph, those of the gate's apps. Graph gives the newest first: of a log that
 * has more than is read the newest part is covered. A link to the next page that leads elsewhere is not followed.
 * https://learn.microsoft.com/graph/api/signin-list
 *
 * @param graphHost `graph.microsoft.com`
 * @param apps client ids
 */
export function graphLog(ask: AskGraph, graphHost: string, apps: readonly string[], now: () => number): ReadLog {
  return async (since, limits) => {
    const from = new Date(since).toISOString()
    const ofApps = apps.map((app) => `appId eq '${app}'`).join(' or ')
    const query = new URLSearchParams({
      $filter: `createdDateTime ge ${from} and (${ofApps})`,
      $top: String(pageEntries),
    })
    const askedAt = now()
    const base = `https://${graphHost}/v1.0/auditLogs/signIns`
    const found: TenantSignIn[] = []
    let unread = 0
    let next: string | undefined = `${base}?${query}`
    for (let page = 0; next !== undefined && page < mostPages; page += 1) {
      const seen = await ask(next, limits)
      if (seen.kind !== 'answer') return seen
      const read = readSignIns(seen.value)
      if (read === undefined) return { kind: 'failed', says: 'Microsoft Graph answers with what is no sign-in log' }
      found.push(...read.signIns)
      unread += read.unread
      const link: unknown = membersOf(seen.value)['@odata.nextLink']
      if (link !== undefined && (typeof link !== 'string' || !isOf(link, base))) {
        return { kind: 'failed', says: 'the link to the next page leads elsewhere, and is not followed' }
      }
      next = link
    }
    const isWhole = next === undefined
    const first = isWhole ? since : found.reduce((least, { at }) => Math.min(least, at), askedAt)
    return { kind: 'read', signIns: found, unread, covers: { from: first, to: askedAt } }
  }
}

function isOf(link: string, base: string): boolean {
  if (!URL.canParse(link)) return false
  const [{ origin, pathname }, known] = [new URL(link), new URL(base)]
  return origin === known.origin && pathname.toLowerCase() === known.pathname.toLowerCase()
}

/**
 * A log that was exported to a file. Of one nothing says when it was exported, so that it covers from its first entry to its
 * last.
 *
 * @param read the text of the file, or in words why there is none
 */
export function exportedLog(read: () => Promise<{ readonly ok: string } | { readonly why: string }>): ReadLog {
  return async (since) => {
    const text = await read()
    if ('why' in text) return { kind: 'failed', says: text.why }
    const found = readSignIns(parsed(text.ok))
    if (found === undefined) {
      return { kind: 'failed', says: 'it is no sign-in log: export it as JSON, an array or an object with value' }
    }
    const times = found.signIns.map(({ at }) => at)
    const covers = {
      from: Math.max(
        since,
        times.reduce((least, at) => Math.min(least, at), Number.MAX_SAFE_INTEGER),
      ),
      to: times.reduce((most, at) => Math.max(most, at), 0),
    }
    return { kind: 'read', signIns: found.signIns.filter(({ at }) => at >= since), unread: found.unread, covers }
  }
}

function parsed(text: string): unknown {
  try {
    // The portal's export begins with a byte order mark.
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    return undefined
  }
}
