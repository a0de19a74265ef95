import { outletOf } from '../outlet.ts'
import { wayOut } from '../patience.ts'

export const pagerdutySettings = {
  key: {
    kind: 'secret',
    example: 'env:PAGERDUTY_KEY',
    what: 'Where the integration key of a service (Events API v2) is to be found.',
  },
  region: {
    kind: 'choice',
    words: ['us', 'eu'],
    usual: 'us',
    what: 'The service region of the account: events.pagerduty.com or events.eu.pagerduty.com.',
  },
  ...wayOut,
} as const

export const pagerduty = outletOf({
  what: 'An incident in PagerDuty, which is resolved when it is over.',
  takes: ['alerts'],
  atOnce: 1,
  settings: pagerdutySettings,
  load: async () => (await import('./postPagerDuty.ts')).postPagerDuty,
})
