import { outletOf } from '../outlet.ts'
import { wayOut } from '../patience.ts'

export const opsgenieSettings = {
  key: {
    kind: 'secret',
    example: 'env:OPSGENIE_KEY',
    what: 'Where the key of an API integration is to be found.',
  },
  region: {
    kind: 'choice',
    words: ['us', 'eu'],
    usual: 'us',
    what: 'The service region of the account: api.opsgenie.com or api.eu.opsgenie.com.',
  },
  ...wayOut,
} as const

export const opsgenie = outletOf({
  what: 'An alert in Opsgenie, which is closed when it is over.',
  takes: ['alerts'],
  atOnce: 1,
  settings: opsgenieSettings,
  load: async () => (await import('./postOpsgenie.ts')).postOpsgenie,
})
