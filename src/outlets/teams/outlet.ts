import { outletOf } from '../outlet.ts'
import { wayOut } from '../patience.ts'

export const teamsSettings = {
  url: {
    kind: 'secret',
    example: 'env:TEAMS_WEBHOOK',
    what: 'Where the address of a workflow is to be found that posts to a channel “when a webhook request is received”; it is a secret.',
  },
  ...wayOut,
} as const

export const teams = outletOf({
  what: 'A card in a channel of Microsoft Teams, by a workflow.',
  takes: ['alerts'],
  atOnce: 1,
  settings: teamsSettings,
  load: async () => (await import('./postTeams.ts')).postTeams,
})
