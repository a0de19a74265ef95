import { alertMembers } from '../alertMembers.ts'
import { alertWords } from '../alertWords.ts'
import { eventMembers, eventSeverity, eventWords } from '../eventWords.ts'
import type { OutletTools, Send, Told } from '../outlet.ts'
import type { SettingsOf } from '../setting.ts'
import type { SyslogMessage } from '../syslogLine.ts'
import { sendSyslog, syslogSeverities } from '../syslogLine.ts'
import type { syslogSettings } from './outlet.ts'

/** Sends alerts and events with what they hold as structured data (RFC 5424 §6.3). */
export function sendStructured(settings: SettingsOf<typeof syslogSettings>, tools: OutletTools): Send {
  return sendSyslog(settings, tools, (told) => structuredMessage(told, settings['enterprise-number']))
}

/** A notice: something ended well, and is worth knowing. */
const notice = 5
const information = 6

export function structuredMessage(told: Told, enterprise: number): SyslogMessage {
  if (told.kind === 'event') {
    const { event } = told
    return {
      severity: syslogSeverities[eventSeverity(event)],
      at: Date.parse(event.time),
      host: '-',
      id: event.kind,
      data: element(`event@${enterprise}`, eventMembers(event)),
      text: eventWords(event),
    }
  }
  const { alert } = told
  const { reason, incident, at, from } = alert
  return {
    severity: reason === 'recovered' ? notice : reason === 'test' ? information : syslogSeverities[incident.severity],
    ...{ at, host: from, id: reason },
    data: element(`alert@${enterprise}`, alertMembers(alert)),
    text: alertWords(alert).title,
  }
}

/** What a message keeps for its text: data is never cut in the middle, but left out from its end on. */
const mostData = 1200

function element(id: string, members: readonly (readonly [name: string, text: string])[]): string {
  let written = `[${id}`
  for (const [name, text] of members) {
    const parameter = ` ${parameterName(name)}="${escaped(Array.from(text).slice(0, 200).join(''))}"`
    if (Buffer.byteLength(written) + Buffer.byteLength(parameter) < mostData) written += parameter
  }
  return `${written}]`
}

/** SD-NAME: up to 32 printable characters of ASCII but `=`, `]` and `"`. */
function parameterName(name: string): string {
  const plain = name.replaceAll(/[^\x21-\x7e]|[=\]"]/g, '_').slice(0, 32)
  return plain === '' ? '_' : plain
}

/** PARAM-VALUE: these three take a backslash before them. */
function escaped(text: string): string {
  return text.replaceAll(/["\\\]]/g, (mark) => `\\${mark}`)
}
