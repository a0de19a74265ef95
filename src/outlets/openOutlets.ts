import type { Severity } from '../model/finding.ts'
import { severities } from '../model/finding.ts'
import type { OutletSettings } from '../model/watch.ts'
import { eventSeverity } from './eventWords.ts'
import { outlets } from './index.ts'
import type { OutletRow, OutletTools, Send, Told } from './outlet.ts'

/** An outlet of the site, ready to send. */
export interface OpenOutlet {
  readonly name: string
  readonly kind: string
  /** Events that it takes in one go; alerts go one by one. */
  readonly atOnce: number
  readonly timeoutMs: number
  readonly send: Send
}

/** Opens an outlet by its settings, or says in words why that cannot be. */
export async function openOutlet(
  { name, kind, settings }: OutletSettings,
  tools: OutletTools,
): Promise<{ readonly ok: OpenOutlet } | { readonly why: string }> {
  const row: OutletRow | undefined = Object.entries(outlets).find(([key]) => key === kind)?.[1]
  if (row === undefined) return { why: `there is no outlet of the kind ${kind}` }
  const opened = await row.open(settings, tools)
  if ('why' in opened) return opened
  const seconds = settings['timeout-seconds'] ?? usualSeconds(row)
  return { ok: { name, kind, atOnce: row.atOnce, timeoutMs: Number(seconds) * 1000, send: opened.ok } }
}

/** A file has no other side that is waited for, but a disk may take its time. */
function usualSeconds({ settings }: OutletRow): number {
  const row = settings['timeout-seconds']
  return row?.kind === 'count' ? row.usual : 30
}

/** Whether an outlet is to be told of something: by what it takes, and how grave it is. */
export function wants({ takes, least }: Pick<OutletSettings, 'takes' | 'least'>, told: Told): boolean {
  if (told.kind === 'event') return takes.includes('events') && isAsGrave(eventSeverity(told.event), least)
  // Who tries an outlet wants to see that it works.
  if (told.alert.reason === 'test') return true
  return takes.includes('alerts') && isAsGrave(told.alert.incident.severity, least)
}

function isAsGrave(severity: Severity, least: Severity = 'info'): boolean {
  return severities.indexOf(severity) <= severities.indexOf(least)
}
