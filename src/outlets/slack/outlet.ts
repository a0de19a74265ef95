import { outletOf } from '../outlet.ts'
import { wayOut } from '../patience.ts'

export const slackSettings = {
  url: {
    kind: 'secret',
    example: 'env:SLACK_WEBHOOK',
    what: 'Where the address of an incoming webhook is to be found, which is a secret: https://hooks.slack.com/services/…',
  },
  ...wayOut,
} as const

export const slack = outletOf({
  what: 'A message in a channel of Slack, by an incoming webhook.',
  takes: ['alerts'],
  atOnce: 1,
  settings: slackSettings,
  load: async () => (await import('./postSlack.ts')).postSlack,
})
