import { outletOf } from '../outlet.ts'
import { syslogPlace } from '../syslogLine.ts'

export const cefSettings = syslogPlace

export const cef = outletOf({
  what: 'Messages of syslog whose text is CEF (ArcSight Common Event Format, version 0).',
  takes: ['alerts', 'events'],
  atOnce: 500,
  settings: cefSettings,
  load: async () => (await import('./sendCef.ts')).sendCef,
})
