import type { RecordedEvent } from '../../model/event.ts'
import type { Severity } from '../../model/finding.ts'
import type { Alert } from '../../model/incident.ts'
import { printableText } from '../../wire/printable-text.ts'
import { alertWords } from '../alertWords.ts'
import { eventSeverity, eventWords } from '../eventWords.ts'
import type { OutletTools, Send, Told } from '../outlet.ts'
import type { SettingsOf } from '../setting.ts'
import { sendSyslog, syslogSeverities } from '../syslogLine.ts'
import type { cefSettings } from './outlet.ts'

/** Sends alerts and events in CEF. ArcSight, "Implementing ArcSight Common Event Format", version 26. */
export function sendCef(settings: SettingsOf<typeof cefSettings>, tools: OutletTools): Send {
  return sendSyslog(settings, tools, (told) => ({
    severity: told.kind === 'alert' ? alertSeverity(told.alert) : syslogSeverities[eventSeverity(told.event)],
    at: told.kind === 'alert' ? told.alert.at : Date.parse(told.event.time),
    host: told.kind === 'alert' ? told.alert.from : '-',
    id: told.kind === 'alert' ? told.alert.reason : told.event.kind,
    data: '-',
    text: cefText(told, tools.version),
  }))
}

function alertSeverity({ reason, incident }: Alert): number {
  return reason === 'recovered' || reason === 'test' ? syslogSeverities.info : syslogSeverities[incident.severity]
}

/** 0 to 10: up to 3 is low, 4 to 6 medium, 7 and 8 high, 9 and 10 very high. */
const grades: Readonly<Record<Severity, number>> = { critical: 10, high: 8, medium: 5, low: 3, info: 1 }

type Extension = readonly (readonly [key: string, value: string | number | undefined])[]

/** One message of CEF, in one line. */
export function cefText(told: Told, version: string): string {
  const [id, name, grade, extension] =
    told.kind === 'alert'
      ? ([
          `alert-${told.alert.incident.cause}`,
          alertWords(told.alert).title,
          gradeOf(told.alert),
          ofAlert(told.alert),
        ] as const)
      : ([
          `${told.event.kind}:${told.event.reason}`,
          eventWords(told.event),
          grades[eventSeverity(told.event)],
          ofEvent(told.event),
        ] as const)
  const head = ['CEF:0', 'Postern', 'Postern', version, id, name, String(grade)].map(headField)
  const tail = extension.flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${valueText(value)}`]))
  return `${head.join('|')}|${tail.join(' ')}`
}

function gradeOf({ reason, incident }: Alert): number {
  return reason === 'recovered' || reason === 'test' ? grades.info : grades[incident.severity]
}

function ofAlert(alert: Alert): Extension {
  const { incident, reason, at, from, site, id } = alert
  const { url } = alertWords(alert)
  return [
    ['rt', at],
    ['start', incident.since],
    ['end', incident.until],
    ['externalId', incident.id],
    ['deviceExternalId', id],
    ['dvchost', from],
    ['dhost', incident.suspect.name],
    ['cat', incident.cause],
    ['act', reason],
    ['cnt', Math.max(1, incident.consequences.length)],
    ['msg', incident.says],
    ['request', url],
    ...custom(1, 'site', site),
    ...custom(2, 'suspect', incident.suspect.kind),
    ...custom(3, 'owner', incident.owner),
    ...custom(4, 'confidence', incident.confidence),
    ...custom(5, 'fix', incident.fix),
  ]
}

function ofEvent({ kind, ...event }: RecordedEvent): Extension {
  const { time, uid, activity, outcome, reason, actor, src, dst, http, route, session, traceId, count } = event
  const isIpv6 = (address: string | undefined): boolean => address?.includes(':') === true
  return [
    ['rt', Date.parse(time)],
    ['externalId', uid],
    ['cat', kind],
    ['act', activity],
    ['outcome', outcome],
    ['reason', reason],
    ['src', isIpv6(src?.address) ? undefined : src?.address],
    ['spt', src?.port],
    ['dst', isIpv6(dst?.address) ? undefined : dst?.address],
    ['dpt', dst?.port],
    ['suid', actor?.objectId],
    ['dhost', http?.host],
    ['requestMethod', http?.method],
    ['request', http?.path],
    ['cnt', count],
    ...custom(1, 'tenant', actor?.tenantId),
    ...custom(2, 'route', route),
    ...custom(3, 'session', session),
    ...custom(4, 'traceId', traceId),
    // Version 0 has IPv4 in src and dst, and fields of its own for IPv6.
    ...(isIpv6(src?.address)
      ? ([
          ['c6a2', src?.address],
          ['c6a2Label', 'Source IPv6 Address'],
        ] as const)
      : []),
    ...(isIpv6(dst?.address)
      ? ([
          ['c6a3', dst?.address],
          ['c6a3Label', 'Destination IPv6 Address'],
        ] as const)
      : []),
  ]
}

/** A text that CEF has no key of its own for, with its name. */
function custom(number: number, label: string, text: string | undefined): Extension {
  return text === undefined
    ? []
    : [
        [`cs${number}`, text],
        [`cs${number}Label`, label],
      ]
}

/** In the head a backslash stands before a bar and before itself. */
function headField(text: string): string {
  return printableText(text, 512).replaceAll(/[\\|]/g, (mark) => `\\${mark}`)
}

/** Behind the head a backslash stands before an equals sign and before itself. */
function valueText(value: string | number): string {
  return printableText(String(value), 1000).replaceAll(/[\\=]/g, (mark) => `\\${mark}`)
}
