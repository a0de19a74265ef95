import { createHash, createHmac } from 'node:crypto'
import { ocsfOf } from '../../store/record/ocsf.ts'
import { alertOcsf } from '../alertOcsf.ts'
import type { OutletTools, Send, Told } from '../outlet.ts'
import { postJson, secretsOf, urlOf } from '../postJson.ts'
import type { SettingsOf } from '../setting.ts'
import type { webhookSettings } from './outlet.ts'

/** Posts alerts and events as JSON, signed where there is a secret. https://www.standardwebhooks.com */
export function postWebhook(settings: SettingsOf<typeof webhookSettings>, tools: OutletTools): Send {
  const { format, secret: signing, headers } = settings
  return async (told, limits) => {
    const url = await urlOf(tools, settings.url, ['https:', 'http:'])
    if ('says' in url) return url
    const own = await secretsOf(tools, headers)
    if ('says' in own) return own
    const key = signing === undefined ? undefined : await tools.secret(signing)
    if (key !== undefined && 'why' in key) return { kind: 'later', says: `its secret: ${key.why}` }
    const body = JSON.stringify(bodyOf(told, format, tools.version))
    const id = idOf(told, body)
    return postJson(
      tools,
      {
        ...{ url: url.ok, body, credentials: own.ok, way: settings },
        headers: { 'webhook-id': id, ...(key !== undefined && signed(key.ok, id, tools.now(), body)) },
        secrets: key === undefined ? [] : [key.ok],
      },
      limits,
    )
  }
}

function bodyOf(told: readonly Told[], format: 'postern' | 'ocsf', version: string): unknown {
  if (format === 'ocsf') {
    return told.map((one) => (one.kind === 'alert' ? alertOcsf(one.alert, version) : ocsfOf(one.event, version)))
  }
  const [first] = told
  if (first?.kind === 'alert') return { kind: 'alert', alert: first.alert }
  return { kind: 'events', events: told.flatMap((one) => (one.kind === 'event' ? [one.event] : [])) }
}

/** The same for each try: who receives can tell copies. Of events it follows from what is sent, since tries may differ in it. */
function idOf(told: readonly Told[], body: string): string {
  const [first] = told
  return first?.kind === 'alert' ? first.alert.id : createHash('sha256').update(body).digest('hex').slice(0, 32)
}

/** Fields that prove who sent it and when, so that it cannot be sent again by others. */
export function signed(secret: string, id: string, now: number, body: string): Readonly<Record<string, string>> {
  const at = String(Math.floor(now / 1000))
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret)
  const signature = createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')
  return { 'webhook-timestamp': at, 'webhook-signature': `v1,${signature}` }
}
