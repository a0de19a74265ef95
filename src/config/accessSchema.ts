import { z } from 'zod'
import type { AccessReport } from '../model/accessReport.ts'
import { remedies } from '../model/accessReport.ts'
import { jsonSchema } from './jsonSchema.ts'
import { address, count, time } from './scalars.ts'
import { schemaOf } from './schemaOf.ts'

const asked = z
  .object({
    asks: z.string().describe('The key of the access rule, as in the site file'),
    ok: z.boolean(),
    reason: z.string().describe('A word of the closed list of what is asked for'),
    says: z.string().exactOptional().describe('What is so, where it does not hold'),
  })
  .meta({ id: 'AskedAccess' })

const recordedStep = z
  .object({
    time,
    activity: z.string(),
    outcome: z.enum(['ok', 'denied', 'failed']),
    reason: z.string(),
    says: z.string().describe('What the reason means'),
    status: count.exactOptional().describe('What the client was answered'),
  })
  .meta({ id: 'RecordedStep' })

export const accessReportSchema = schemaOf<AccessReport>()(
  z.object({
    postern: z.string().describe('The version of Postern that wrote this'),
    kind: z.literal('access'),
    site: z.string(),
    request: z.object({
      method: z.string(),
      host: z.string(),
      path: z.string().describe('What would be judged and forwarded; as it was given, where it is refused'),
      who: z.enum(['nobody', 'user', 'app']),
      tenantId: z.string().exactOptional(),
      objectId: z.string().exactOptional(),
      address: address.exactOptional(),
      at: time,
    }),
    allowed: z.boolean(),
    because: z
      .string()
      .describe(
        'Of a recorded request its reason; else allowed, denied, no-route, method-not-allowed, host-not-served, or why the request target is refused',
      ),
    says: z.string(),
    route: z.object({ id: z.string(), path: z.string().exactOptional() }).exactOptional(),
    backend: z.string().exactOptional().describe('The backend that it would be, or was, sent to'),
    ways: z.array(z.object({ at: count, asked: z.array(asked) })),
    next: z.enum(remedies).exactOptional().describe('What would bring whoever asked nearer to a way in'),
    context: z.string().exactOptional().describe('With step-up: the authentication context to ask for'),
    recorded: z
      .object({ traceId: z.string(), events: z.array(recordedStep) })
      .exactOptional()
      .describe('Where a request of the record was asked about: it was judged then, and not now'),
  }),
)

/** The documented shape of `postern explain-access --json`. */
export function accessReportJsonSchema(): z.core.JSONSchema.BaseSchema {
  return jsonSchema('access', 'What postern explain-access --json prints', accessReportSchema)
}
