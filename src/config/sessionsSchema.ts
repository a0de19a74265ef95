import { z } from 'zod'
import type { SessionsReport } from '../model/sessionsReport.ts'
import { jsonSchema } from './jsonSchema.ts'
import { time } from './scalars.ts'
import { schemaOf } from './schemaOf.ts'

export const sessionsReportSchema = schemaOf<SessionsReport>()(
  z.object({
    postern: z.string().describe('The version of Postern that wrote this'),
    kind: z.literal('sessions'),
    site: z.string(),
    at: time,
    done: z.enum(['listed', 'ended']),
    sessions: z.array(
      z.object({
        session: z.string().describe('16 hexadecimal digits, by which the record names it as well'),
        tenantId: z.string(),
        objectId: z.string(),
        name: z.string().exactOptional().describe('For people to read, and for nothing else'),
        signedInAt: time,
        usedAt: time,
        validatedAt: time.describe('When Entra ID last said that the person may come'),
      }),
    ),
  }),
)

/** The documented shape of `postern sessions --json`. */
export function sessionsReportJsonSchema(): z.core.JSONSchema.BaseSchema {
  return jsonSchema('sessions', 'What postern sessions list and end print with --json', sessionsReportSchema)
}
