import type { Severity } from '../model/finding.ts'
import type { Limits } from '../net/net.ts'
import type { Delivery, OutletTools, Send, Told } from './outlet.ts'
import { patience } from './patience.ts'
import type { SettingsOf } from './setting.ts'

/** Names of RFC 5424 §6.2.1, table 1, in the order of their numbers. */
const facilities = [
  ...(['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp'] as const),
  ...(['ntp', 'audit', 'alert', 'clock', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5'] as const),
  ...(['local6', 'local7'] as const),
] as const

/** Settings of what is sent as syslog. */
export const syslogPlace = {
  host: { kind: 'text', form: 'host', example: 'siem.corp.example', what: 'The receiver.' },
  port: {
    kind: 'count',
    unit: 'port',
    least: 1,
    most: 65_535,
    usual: 6514,
    what: 'Its port: 6514 for TLS, 514 or 601 for what goes in the clear.',
  },
  transport: {
    kind: 'choice',
    words: ['tls', 'tcp', 'udp'],
    usual: 'tls',
    what: 'tls (RFC 5425), with a certificate for the host that this machine or the site trusts; tcp (RFC 6587) and udp (RFC 5426): in the clear, and over udp what is lost is lost unseen.',
  },
  facility: { kind: 'choice', words: facilities, usual: 'local0', what: 'What it is filed under.' },
  ...patience,
} as const

/** One syslog message before it is framed. */
export interface SyslogMessage {
  /** 0 emergency to 7 debug. */
  readonly severity: number
  /** Milliseconds since 1970. */
  readonly at: number
  readonly host: string
  /** The kind of message. */
  readonly id: string
  /** SD-ELEMENTs as they are written, or `-`. */
  readonly data: string
  readonly text: string
}

export const syslogSeverities: Readonly<Record<Severity, number>> = { critical: 2, high: 3, medium: 4, low: 5, info: 6 }

/** Octets of a message: what every receiver over UDP should take (RFC 5426 §3.2), and over TLS (RFC 5425 §4.3.1). */
const mostOctets = { udp: 2048, tcp: 8192, tls: 8192 } as const

/** Writes a message (RFC 5424 §6); a longer one loses the end of its text. */
export function syslogLine(message: SyslogMessage, facility: string, most: number): Buffer {
  const { severity, at, host, id, data, text } = message
  const priority = Math.max(0, facilities.indexOf(facility as (typeof facilities)[number])) * 8 + severity
  const head = [
    ...[`<${priority}>1`, new Date(at).toISOString(), word(host, 255), 'postern', '-', word(id, 32), data],
  ].join(' ')
  // A text of other than ASCII says so by its first character (§6.4).
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
  const body = /^[\x00-\x7f]*$/.test(text) ? text : `\ufeff${text}`
  return cutUtf8(Buffer.from(`${head} ${body}`), most)
}

/** PRINTUSASCII: what else there is becomes a question mark. */
function word(text: string, limit: number): string {
  const plain = text.slice(0, limit).replaceAll(/[^\x21-\x7e]/g, '?')
  return plain === '' ? '-' : plain
}

/** Without the part of a character at its end. */
function cutUtf8(octets: Buffer, most: number): Buffer {
  let end = Math.min(most, octets.length)
  if (end < octets.length) while (end > 0 && ((octets[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return octets.subarray(0, end)
}

/** Sends each thing as one message, in the way that the settings say. */
export function sendSyslog(
  settings: SettingsOf<typeof syslogPlace>,
  { net }: OutletTools,
  messageOf: (told: Told) => SyslogMessage,
): Send {
  const { host, port, transport, facility } = settings
  return async (told, limits: Limits): Promise<Delivery> => {
    const lines = told.map((one) => syslogLine(messageOf(one), facility, mostOctets[transport]))
    // Octets are counted, so that a message may hold whatever octets (RFC 5425 §4.3, RFC 6587 §3.4.1).
    const frames =
      transport === 'udp' ? lines : lines.map((line) => Buffer.concat([Buffer.from(`${line.length} `), line]))
    const sent = await net.frames(transport, { host, port }, frames, limits)
    if (sent.kind === 'failed') return { kind: 'later', says: sent.says }
    const count = `${lines.length} ${lines.length === 1 ? 'message' : 'messages'}`
    if (sent.isHeard) return { kind: 'taken', says: `read ${count} to the end; syslog answers nothing more` }
    return { kind: 'taken', says: `was sent ${count}; whether it read them is not known, for it said nothing` }
  }
}
