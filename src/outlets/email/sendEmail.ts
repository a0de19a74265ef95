import type { Alert } from '../../model/incident.ts'
import type { SecretForms } from '../../net/secretForms.ts'
import { formsOfSecret, withoutEcho } from '../../net/secretForms.ts'
import type { MailMessage, MailSent } from '../../net/sendMail.ts'
import type { AlertWords } from '../alertWords.ts'
import { alertWords, plainLines } from '../alertWords.ts'
import type { Delivery, OutletTools, Send } from '../outlet.ts'
import { accountOf } from '../postJson.ts'
import type { SettingsOf } from '../setting.ts'
import type { emailSettings } from './outlet.ts'

/** Sends each alert as a mail. */
export function sendEmail(settings: SettingsOf<typeof emailSettings>, { net, secret }: OutletTools): Send {
  const { host, port, security, credentials, from, to } = settings
  return async ([told], limits) => {
    if (told?.kind !== 'alert') return { kind: 'refused', says: 'people are mailed alerts alone' }
    const read = credentials === undefined ? undefined : await secret(credentials)
    if (read !== undefined && 'why' in read) return { kind: 'later', says: `its credentials: ${read.why}` }
    const account = read === undefined ? undefined : accountOf(read.ok)
    if (read !== undefined && account === undefined)
      return { kind: 'later', says: 'its credentials are not USER:PASSWORD' }
    if (account !== undefined && security === 'none') {
      return { kind: 'later', says: 'credentials are not sent in the clear: set security to starttls or tls' }
    }
    const server = { host, port, security, ...(account !== undefined && { account }) }
    const sent = await net.mail(server, mailOf(told.alert, from, to), limits)
    return deliveryOf(sent, account === undefined ? [] : [formsOfSecret(account)])
  }
}

function deliveryOf(sent: MailSent, secrets: readonly SecretForms[]): Delivery {
  switch (sent.kind) {
    case 'taken': {
      const refused = sent.refused.map(({ address, says }) => `${address}: ${withoutEcho(says, secrets)}`)
      return {
        kind: 'taken',
        says: `answers ${withoutEcho(sent.says, secrets)}`,
        ...(refused.length > 0 && { lacks: `not taken for ${refused.join('; ')}` }),
      }
    }
    case 'refused':
      return { kind: sent.isFinal ? 'refused' : 'later', says: `answers ${withoutEcho(sent.says, secrets)}` }
    case 'failed':
      return { kind: 'later', says: sent.says }
    default:
      return sent satisfies never
  }
}

/**
 * A mail in plain text and in HTML. All of one incident lead back to the id of its first one and have the same subject,
 * by which mail programs make a thread of them (RFC 5322 §3.6.4).
 */
export function mailOf(alert: Alert, from: string, to: readonly string[]): MailMessage {
  const { id, reason, incident, at } = alert
  const words = alertWords(alert)
  const domain = from.slice(from.lastIndexOf('@') + 1)
  const own = `<postern.${id}@${domain}>`
  const first = `<postern.${incident.id}@${domain}>`
  const isFirst = reason === 'opened' || reason === 'test'
  return {
    ...{ from, to, date: new Date(at) },
    subject: isFirst ? words.subject : `Re: ${words.subject}`,
    text: `${plainLines(words).join('\n')}\n`,
    html: htmlOf(words),
    messageId: reason === 'opened' ? first : own,
    ...(!isFirst && { inReplyTo: first, references: [first] }),
    isUrgent: words.severity === 'critical' && reason !== 'recovered' && reason !== 'test',
    fields: { 'X-Postern-Incident': incident.id },
  }
}

function htmlOf({ title, facts, affected, more, url }: AlertWords): string {
  const rows = facts.map(
    ({ label, text }) =>
      `<tr><th align="left" valign="top" style="padding-right:1em">${escaped(label)}</th><td>${escaped(text)}</td></tr>`,
  )
  const items = [...affected, ...(more > 0 ? [`and ${more} more`] : [])].map((each) => `<li>${escaped(each)}</li>`)
  return [
    '<!doctype html><html><head><meta charset="utf-8"></head><body style="font-family:sans-serif">',
    `<p><strong>${escaped(title)}</strong></p>`,
    `<table>${rows.join('')}</table>`,
    ...(items.length === 0 ? [] : [`<ul>${items.join('')}</ul>`]),
    ...(url === undefined ? [] : [`<p><a href="${escaped(url)}">Look at it</a></p>`]),
    '</body></html>\n',
  ].join('\n')
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (mark) => entities[mark] ?? '')
}
