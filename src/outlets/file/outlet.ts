import { outletOf } from '../outlet.ts'

export const fileSettings = {
  path: {
    kind: 'text',
    form: 'file',
    example: 'postern-alerts.jsonl',
    what: 'The file, relative to the site file.',
  },
  format: {
    kind: 'choice',
    words: ['postern', 'ocsf'],
    usual: 'postern',
    what: 'Postern’s own names, or OCSF.',
  },
  'rotate-mib': {
    kind: 'count',
    unit: 'MiB',
    least: 1,
    most: 4096,
    usual: 64,
    what: 'Size at which it becomes PATH.1, and a new file is begun.',
  },
  keep: {
    kind: 'count',
    unit: 'files',
    least: 1,
    most: 1000,
    usual: 10,
    what: 'Files besides the one that is written.',
  },
} as const

export const file = outletOf({
  what: 'Lines of JSON that are added to a file.',
  takes: ['alerts', 'events'],
  atOnce: 1000,
  settings: fileSettings,
  load: async () => (await import('./appendTold.ts')).appendTold,
})
