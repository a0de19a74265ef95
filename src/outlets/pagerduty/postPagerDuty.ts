import type { Severity } from '../../model/finding.ts'
import type { Alert } from '../../model/incident.ts'
import { printableText } from '../../wire/printable-text.ts'
import { alertWords } from '../alertWords.ts'
import type { OutletTools, Send } from '../outlet.ts'
import { postJson } from '../postJson.ts'
import type { SettingsOf } from '../setting.ts'
import type { pagerdutySettings } from './outlet.ts'

const places = { us: 'https://events.pagerduty.com/v2/enqueue', eu: 'https://events.eu.pagerduty.com/v2/enqueue' }

/** Sends each alert as an event. https://developer.pagerduty.com/docs/send-alert-event */
export function postPagerDuty(settings: SettingsOf<typeof pagerdutySettings>, tools: OutletTools): Send {
  return async ([told], limits) => {
    if (told?.kind !== 'alert') return { kind: 'refused', says: 'PagerDuty is told alerts alone' }
    const key = await tools.secret(settings.key)
    if ('why' in key) return { kind: 'later', says: `its key: ${key.why}` }
    const post = (event: object) =>
      postJson(
        tools,
        {
          url: places[settings.region],
          body: JSON.stringify({ routing_key: key.ok, ...event }),
          secrets: [key.ok],
          way: settings,
        },
        limits,
      )
    const { alert } = told
    const answered = await post(pagerDutyEvent(alert))
    // What was opened for a test nobody is to close by hand.
    return alert.reason === 'test' && answered.kind === 'taken' ? post(resolved(alert)) : answered
  }
}

const severities: Readonly<Record<Severity, 'critical' | 'error' | 'warning' | 'info'>> = {
  critical: 'critical',
  high: 'error',
  medium: 'warning',
  low: 'info',
  info: 'info',
}

/** Of `summary`, in characters. */
export const longestSummary = 1024

/** An event without the key that routes it: `trigger`, or `resolve` when the incident is over. */
export function pagerDutyEvent(alert: Alert): object {
  const { incident, reason, at, site, from } = alert
  if (reason === 'recovered') return resolved(alert)
  const { title, facts, affected, more, url } = alertWords(alert)
  const where = facts.find(({ label }) => label === 'Where')?.text
  return {
    event_action: 'trigger',
    dedup_key: incident.id.slice(0, 255),
    client: 'Postern',
    payload: {
      summary: title.slice(0, longestSummary),
      source: where ?? printableText(from, 200),
      severity: reason === 'test' ? 'info' : severities[incident.severity],
      timestamp: new Date(reason === 'opened' ? incident.since : at).toISOString(),
      ...{ component: incident.suspect.kind, group: printableText(site, 100), class: incident.cause },
      custom_details: {
        ...Object.fromEntries(facts.map(({ label, text }) => [label, text])),
        ...(affected.length > 0 && { 'Affected first': affected.join('; ') }),
        ...(more > 0 && { 'Affected besides': more }),
      },
    },
    ...(url !== undefined && { client_url: url, links: [{ href: url, text: 'Look at it' }] }),
  }
}

function resolved({ incident }: Alert): object {
  return { event_action: 'resolve', dedup_key: incident.id.slice(0, 255) }
}
