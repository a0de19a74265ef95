import type { Severity } from '../../model/finding.ts'
import type { Alert } from '../../model/incident.ts'
import { printableText } from '../../wire/printable-text.ts'
import { alertWords, plainLines } from '../alertWords.ts'
import type { OutletTools, Send } from '../outlet.ts'
import { postJson } from '../postJson.ts'
import type { SettingsOf } from '../setting.ts'
import type { opsgenieSettings } from './outlet.ts'

const places = { us: 'https://api.opsgenie.com/v2/alerts', eu: 'https://api.eu.opsgenie.com/v2/alerts' }

/** Opens and closes alerts by their alias, the id of the incident. https://docs.opsgenie.com/docs/alert-api */
export function postOpsgenie(settings: SettingsOf<typeof opsgenieSettings>, tools: OutletTools): Send {
  const place = places[settings.region]
  return async ([told], limits) => {
    if (told?.kind !== 'alert') return { kind: 'refused', says: 'Opsgenie is told alerts alone' }
    const key = await tools.secret(settings.key)
    if ('why' in key) return { kind: 'later', says: `its key: ${key.why}` }
    const { alert } = told
    const post = (url: string, body: object) =>
      postJson(
        tools,
        { url, body: JSON.stringify(body), credentials: { authorization: `GenieKey ${key.ok}` }, way: settings },
        limits,
      )
    const close = () => {
      const url = `${place}/${encodeURIComponent(aliasOf(alert))}/close?identifierType=alias`
      return post(url, { source: sourceOf(alert), note: alertWords(alert).title })
    }
    if (alert.reason === 'recovered') return close()
    const answered = await post(place, opsgenieAlert(alert))
    // What was opened for a test nobody is to close by hand.
    return alert.reason === 'test' && answered.kind === 'taken' ? close() : answered
  }
}

const priorities: Readonly<Record<Severity, 'P1' | 'P2' | 'P3' | 'P4' | 'P5'>> = {
  critical: 'P1',
  high: 'P2',
  medium: 'P3',
  low: 'P4',
  info: 'P5',
}

/** Of `message` and of `description`, in characters. */
export const longestMessage = 130
const longestDescription = 15_000

/** An alert as it is opened; one of the same alias that is open is counted up, and stays one. */
export function opsgenieAlert(alert: Alert): object {
  const { incident, reason, site, from } = alert
  const words = alertWords(alert)
  return {
    message: printableText(words.title, longestMessage).slice(0, longestMessage),
    alias: aliasOf(alert),
    description: plainLines(words).join('\n').slice(0, longestDescription),
    source: sourceOf(alert),
    entity: printableText(words.facts.find(({ label }) => label === 'Where')?.text ?? '', 512),
    priority: reason === 'test' ? 'P5' : priorities[incident.severity],
    tags: [`site:${printableText(site, 40)}`, incident.cause, incident.owner].map((tag) =>
      printableText(tag.replaceAll(',', ' '), 50),
    ),
    details: { incident: incident.id, from: printableText(from, 200), reason },
    ...(reason !== 'opened' && { note: words.title }),
  }
}

const aliasOf = ({ incident }: Alert): string => incident.id.slice(0, 512)
const sourceOf = ({ site }: Alert): string => printableText(`postern ${site}`, 100)
