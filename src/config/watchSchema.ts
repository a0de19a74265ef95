import { z } from 'zod'
import type { WatchSettings } from '../model/watch.ts'
import { amount } from './gateSections.ts'
import { signInLogsSchema } from './signInLogsSchema.ts'
import { textAs } from './siteFields.ts'
import {
  canarySchema,
  every,
  flowsSchema,
  historySchema,
  maintenanceSchema,
  outletsSchema,
  signInsSchema,
  windowOf,
  zoneSchema,
} from './watchSections.ts'
import { readObjective } from './watchTexts.ts'

/** A window of the night is one of some place's night. */
function zonesGiven(
  { maintenance, zone }: { readonly maintenance: readonly { readonly zone?: string }[]; readonly zone?: string },
  context: z.RefinementCtx,
): void {
  if (zone !== undefined) return
  for (const [index, window] of maintenance.entries()) {
    if (window.zone !== undefined) continue
    const params = { what: 'the window has no time zone', right: 'add zone: Europe/Berlin to it, or to watch' }
    context.addIssue({ code: 'custom', path: ['maintenance', index], message: params.what, params })
  }
}

/** The settings of the watcher. */
export const watchSchema = z
  .strictObject({
    'every-seconds': every(60, 'Between two looks at one flow.'),
    flows: flowsSchema,
    'timeout-ms': amount('ms', 50, 60_000, 3000, 'The longest single wait of a look.'),
    concurrency: amount('flows', 1, 1024, 256, 'That are looked at at once; the others wait for their turn.'),
    confirmations: amount(
      'looks',
      0,
      5,
      3,
      'That must fail again, within ten seconds, before a failure counts; 0: the first one does.',
    ),
    maintenance: maintenanceSchema,
    history: historySchema,
    'sign-ins': signInsSchema,
    canary: canarySchema.exactOptional(),
    'sign-in-logs': signInLogsSchema.exactOptional(),
    outlets: outletsSchema,
    'administration-port': amount(
      'port',
      0,
      65_535,
      8480,
      'Of 127.0.0.1, where the API and the metrics are; 0: nowhere.',
    ),
    objective: textAs(readObjective)
      .transform(Number)
      .prefault('99.9%')
      .meta({
        description:
          'The share of minutes of a year that has to be well, 50% to 99.999%; by it alerts are weighed. Absent: 99.9%.',
        examples: ['99.9%'],
      }),
    zone: zoneSchema.exactOptional().meta({
      description: 'The time zone by which windows and the phases of patterns are told; absent: that of this machine.',
      examples: ['Europe/Berlin'],
    }),
  })
  .superRefine(zonesGiven)
  .transform(
    ({
      'every-seconds': everySeconds,
      'timeout-ms': timeoutMs,
      'administration-port': administrationPort,
      'sign-ins': signIns,
      'sign-in-logs': signInLogs,
      maintenance,
      zone,
      ...rest
    }): WatchSettings => ({
      ...rest,
      everySeconds,
      timeoutMs,
      administrationPort,
      signIns,
      ...(signInLogs !== undefined && { signInLogs }),
      maintenance: maintenance.map((window) => windowOf(window, zone)),
      ...(zone !== undefined && { zone }),
    }),
  )
  .meta({ description: 'Settings of postern watch.' })

/** What a site is watched with whose file says nothing about it. */
export const usualWatch = (): WatchSettings => watchSchema.parse({})
