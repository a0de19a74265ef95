import { outletOf } from '../outlet.ts'
import { wayOut } from '../patience.ts'

export const webhookSettings = {
  url: {
    kind: 'text',
    form: 'url',
    example: 'https://alerts.corp.example/postern',
    what: 'Where it is posted to; an address that is a secret is given by reference, env:NAME or file:PATH.',
  },
  format: {
    kind: 'choice',
    words: ['postern', 'ocsf'],
    usual: 'postern',
    what: 'Postern’s own names, or an array of objects of OCSF.',
  },
  secret: {
    kind: 'secret',
    isOptional: true,
    example: 'env:WEBHOOK_SECRET',
    what: 'Signs what is sent: webhook-id, webhook-timestamp and webhook-signature, HMAC-SHA-256 as Standard Webhooks has it. A secret that begins with whsec_ is Base64, each other one is taken as it stands.',
  },
  headers: {
    kind: 'secrets',
    example: { Authorization: 'env:WEBHOOK_AUTHORIZATION' },
    what: 'Header fields that are sent along; values by reference.',
  },
  ...wayOut,
} as const

export const webhook = outletOf({
  what: 'Posts JSON to an address of your own.',
  takes: ['alerts', 'events'],
  atOnce: 200,
  settings: webhookSettings,
  load: async () => (await import('./postWebhook.ts')).postWebhook,
})
