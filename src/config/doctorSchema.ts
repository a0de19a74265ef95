import { z } from 'zod'
import type { DoctorReport } from '../model/doctorReport.ts'
import { lookGroups, lookStates } from '../model/doctorReport.ts'
import { jsonSchema } from './jsonSchema.ts'
import { count, ms, texts, time } from './scalars.ts'
import { schemaOf } from './schemaOf.ts'

export const doctorReportSchema = schemaOf<DoctorReport>()(
  z.object({
    postern: z.string().describe('The version of Postern that wrote this'),
    kind: z.literal('doctor'),
    machine: z.object({
      name: z.string(),
      platform: z.string().describe('Node’s word: linux, win32, darwin'),
      node: z.string(),
    }),
    site: z.string().exactOptional().describe('Absent: there was no site file, and nothing of a site was asked'),
    startedAt: time,
    durationMs: ms,
    interrupted: z.boolean().describe('True when Ctrl-C ended it'),
    summary: z.object({ ok: count, limits: count, unknown: count }),
    looks: z.array(
      z
        .object({
          id: z.string().describe('Stays the same from version to version'),
          group: z.enum(lookGroups),
          title: z.string(),
          state: z
            .enum(lookStates)
            .describe('ok: nothing in the way; limits: narrower than it could be; unknown: not learnt'),
          says: z.string(),
          next: z.string().exactOptional().describe('What would widen a limit, or let an unknown be known'),
          figures: z
            .record(z.string(), z.union([z.string(), z.number(), z.boolean(), texts]))
            .describe('What programs read instead of the sentence; units stand in the names'),
          table: z
            .object({ columns: texts, rows: z.array(texts) })
            .exactOptional()
            .describe('Things side by side, in words: the first column names each'),
        })
        .meta({ id: 'Look' }),
    ),
  }),
)

/** The documented shape of `postern doctor --json`. */
export function doctorReportJsonSchema(): z.core.JSONSchema.BaseSchema {
  return jsonSchema('doctor', 'What postern doctor --json prints', doctorReportSchema)
}
