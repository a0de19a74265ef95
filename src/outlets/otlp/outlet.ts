import { outletOf } from '../outlet.ts'
import { wayOut } from '../patience.ts'

export const otlpSettings = {
  url: {
    kind: 'text',
    form: 'url',
    example: 'https://collector.corp.example:4318/v1/logs',
    what: 'Where a collector takes logs, with the path; an address that is a secret is given by reference, env:NAME or file:PATH.',
  },
  headers: {
    kind: 'secrets',
    example: { Authorization: 'env:COLLECTOR_AUTHORIZATION' },
    what: 'Header fields that are sent along; values by reference.',
  },
  ...wayOut,
} as const

export const otlp = outletOf({
  what: 'Log records of OpenTelemetry (OTLP over HTTP, JSON).',
  takes: ['alerts', 'events'],
  atOnce: 500,
  settings: otlpSettings,
  load: async () => (await import('./postLogs.ts')).postLogs,
})
