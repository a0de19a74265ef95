import { causeRows } from '../diagnose/index.ts'
import type { Severity } from '../model/finding.ts'
import type { Alert, AlertReason, Incident } from '../model/incident.ts'
import { printableText } from '../wire/printable-text.ts'

/** An alert in words, the same for everybody who reads: lines without line breaks or marks that act on the text around them. */
export interface AlertWords {
  /** `Opened: host dc01.corp.example: 636/tcp is dropped on the path`; at most 300 characters. */
  readonly title: string
  /** The same of all alerts of an incident: who sorts by it has them together; at most 200 characters. */
  readonly subject: string
  readonly severity: Severity
  /** What, where, since when, why, whose and what next. */
  readonly facts: readonly { readonly label: string; readonly text: string }[]
  /** Titles of what suffers, at most five, and how many more there are. */
  readonly affected: readonly string[]
  readonly more: number
  /** `http` or `https`. */
  readonly url?: string
}

const said: Readonly<Record<AlertReason, string>> = {
  opened: 'Opened',
  worse: 'Worse',
  recovered: 'Recovered',
  reminder: 'Still open',
  test: 'Test',
}

const shown = 5
const longestUrl = 500

/** Tells an alert; texts of others are bounded, and one line each. */
export function alertWords(alert: Alert): AlertWords {
  const { incident, reason, url } = alert
  const { suspect, severity, says, consequences } = incident
  const name = line(suspect.name, 120)
  const where = suspect.kind === 'flow' ? name : `${line(suspect.kind, 20)} ${name}`
  const isUrl = url !== undefined && url.length <= longestUrl && /^https?:\/\/[\x21-\x7e]+$/.test(url)
  return {
    title: line(`${said[reason]}: ${where}: ${says}`, 300),
    subject: `[Postern ${line(alert.site, 40)}] ${where}`,
    severity,
    facts: factsOf(alert, where),
    affected: consequences.slice(0, shown).map(({ title }) => line(title, 120)),
    more: Math.max(0, consequences.length - shown),
    ...(isUrl && { url }),
  }
}

function factsOf({ incident, site, from, at, reason }: Alert, where: string): AlertWords['facts'] {
  const { says, cause, confidence, owner, fix, consequences, severity } = incident
  // A cause of a later version has no row here.
  const row = Object.hasOwn(causeRows, cause) ? causeRows[cause] : undefined
  const fact = (label: string, text: string) => ({ label, text })
  return [
    fact('What', line(says, 400)),
    fact('Where', `${where}, seen from ${line(from, 80)} (${line(site, 40)})`),
    fact('Since', sinceWords(incident, at, reason)),
    fact('Why', `${line(cause, 40)} (${line(confidence, 20)})${row === undefined ? '' : `: ${row.meaning}`}`),
    fact('Whose', line(owner, 40)),
    // What is over needs nobody to act.
    ...(reason === 'recovered' ? [] : [fact('Next', line(fix ?? row?.next ?? 'postern explain', 400))]),
    fact('Severity', severity),
    fact('Affected', String(consequences.length)),
  ]
}

function sinceWords({ since, until, flaps }: Incident, at: number, reason: AlertReason): string {
  const over = reason === 'recovered' ? (until ?? at) : undefined
  const ended = over === undefined ? '' : `, until ${timeWords(over)} (${durationWords(over - since)})`
  return `${timeWords(since)}${ended}${flaps > 0 ? `, came and went ${flaps} times` : ''}`
}

/** `2026-01-31 09:00:00 UTC`. */
export function timeWords(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** `45 s`, `12 min`, `3 h 5 min`, `2 d 4 h`. */
export function durationWords(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 120) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 120) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`
}

function line(text: string, limit: number): string {
  return printableText(text, limit)
}

/** All of it as plain lines, for who shows text alone. */
export function plainLines({ title, facts, affected, more, url }: AlertWords): readonly string[] {
  return [
    title,
    '',
    ...facts.map(({ label, text }) => `${label}: ${text}`),
    ...affected.map((each) => `- ${each}`),
    ...(more > 0 ? [`and ${more} more`] : []),
    ...(url === undefined ? [] : ['', url]),
  ]
}
