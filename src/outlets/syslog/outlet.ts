import { outletOf } from '../outlet.ts'
import { syslogPlace } from '../syslogLine.ts'

export const syslogSettings = {
  ...syslogPlace,
  'enterprise-number': {
    kind: 'count',
    unit: 'number',
    least: 1,
    most: 4_294_967_295,
    usual: 32_473,
    what: 'Behind the @ of the ids of structured data: your own organisation’s at IANA; 32473 is kept for examples (RFC 5612).',
  },
} as const

export const syslog = outletOf({
  what: 'Messages of syslog (RFC 5424) with structured data.',
  takes: ['alerts', 'events'],
  atOnce: 500,
  settings: syslogSettings,
  load: async () => (await import('./sendStructured.ts')).sendStructured,
})
