import type { Severity } from '../../model/finding.ts'
import { alertMembers } from '../alertMembers.ts'
import { alertWords } from '../alertWords.ts'
import { eventMembers, eventSeverity, eventWords } from '../eventWords.ts'
import type { OutletTools, Send, Told } from '../outlet.ts'
import { postJson, secretsOf, urlOf } from '../postJson.ts'
import type { SettingsOf } from '../setting.ts'
import type { otlpSettings } from './outlet.ts'

/** Posts alerts and events as log records. https://opentelemetry.io/docs/specs/otlp/#otlphttp */
export function postLogs(settings: SettingsOf<typeof otlpSettings>, tools: OutletTools): Send {
  const { url: place, headers } = settings
  return async (told, limits) => {
    const url = await urlOf(tools, place, ['https:', 'http:'])
    if ('says' in url) return url
    const own = await secretsOf(tools, headers)
    if ('says' in own) return own
    const body = JSON.stringify(logsRequest(told, tools.now(), tools.version))
    return postJson(tools, { url: url.ok, body, credentials: own.ok, lacksOf: rejectedRecords, way: settings }, limits)
  }
}

/** What a collector says that it left out of what it took (partial success); it is not to be sent again. */
function rejectedRecords(answer: string): string | undefined {
  const [, count] = /"rejectedLogRecords"\s*:\s*"?(\d{1,12})/.exec(answer) ?? []
  if (count === undefined || Number(count) === 0) return undefined
  const [, why = 'without a reason'] = /"errorMessage"\s*:\s*"([^"]{1,200})/.exec(answer) ?? []
  return `${Number(count)} records were left out: ${why}`
}

/** Numbers of the data model of logs. https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber */
const numbers: Readonly<Record<Severity, readonly [number: number, text: string]>> = {
  critical: [21, 'FATAL'],
  high: [17, 'ERROR'],
  medium: [13, 'WARN'],
  low: [10, 'INFO2'],
  info: [9, 'INFO'],
}

/** An ExportLogsServiceRequest. */
export function logsRequest(told: readonly Told[], now: number, version: string): object {
  const resource = {
    attributes: attributes([
      ['service.name', 'postern'],
      ['service.version', version],
    ]),
  }
  const logRecords = told.map((one) => recordOf(one, now))
  return { resourceLogs: [{ resource, scopeLogs: [{ scope: { name: 'postern', version }, logRecords }] }] }
}

function recordOf(told: Told, now: number): object {
  const observedTimeUnixNano = nanos(now)
  if (told.kind === 'event') {
    const { event } = told
    const [severityNumber, severityText] = numbers[eventSeverity(event)]
    return {
      ...{ timeUnixNano: nanos(Date.parse(event.time)), observedTimeUnixNano, severityNumber, severityText },
      body: { stringValue: eventWords(event) },
      attributes: attributes([['event.name', `postern.${event.kind}`], ...prefixed(eventMembers(event))]),
      ...(/^[0-9a-f]{32}$/.test(event.traceId ?? '') && { traceId: event.traceId }),
    }
  }
  const { alert } = told
  const isCalm = alert.reason === 'recovered' || alert.reason === 'test'
  const [severityNumber, severityText] = numbers[isCalm ? 'info' : alert.incident.severity]
  return {
    ...{ timeUnixNano: nanos(alert.at), observedTimeUnixNano, severityNumber, severityText },
    body: { stringValue: alertWords(alert).title },
    attributes: attributes([['event.name', 'postern.alert'], ...prefixed(alertMembers(alert))]),
  }
}

type Member = readonly [name: string, text: string]

function prefixed(members: readonly Member[]): readonly Member[] {
  return members.map(([name, text]) => [`postern.${name}`, text] as const)
}

function attributes(members: readonly Member[]): object[] {
  return members.map(([key, stringValue]) => ({ key, value: { stringValue } }))
}

/** 64-bit numbers are texts in JSON of OTLP. */
function nanos(ms: number): string {
  return String(BigInt(Math.round(ms * 1000)) * 1000n)
}
