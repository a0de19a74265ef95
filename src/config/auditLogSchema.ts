import { z } from 'zod'
import type { RecordedEvent } from '../model/event.ts'
import { eventKinds } from '../model/event.ts'
import type { RecordVerdict } from '../store/record/index.ts'
import { recordProblems } from '../store/record/index.ts'
import { jsonSchema } from './jsonSchema.ts'
import { count, time } from './scalars.ts'
import { schemaOf } from './schemaOf.ts'

/** What `postern audit-log verify --json` prints. */
export interface AuditLogReport extends RecordVerdict {
  readonly postern: string
  readonly kind: 'audit-log'
}

const file = z.string().describe('Name of a file in the folder')
const line = z.int().min(1).describe('Counts from 1')

export const auditLogReportSchema = schemaOf<AuditLogReport>()(
  z.object({
    postern: z.string().describe('The version of Postern that wrote this'),
    kind: z.literal('audit-log'),
    folder: z.string(),
    ok: z.boolean().describe('Whether every line follows from the one before, and no signature says otherwise'),
    files: count.describe('Files that were read'),
    events: count.describe('Events in them'),
    signatures: count.describe('Places that a signature vouches for'),
    signedUntil: time.exactOptional().describe('Time of the last of them'),
    unsigned: count.describe(
      'Events behind the last signature: whoever can write to the folder could have taken others away, or added these',
    ),
    removed: z
      .object({ through: z.int().min(1).describe('Number of the last file that is gone'), at: time })
      .exactOptional()
      .describe('Files that were removed by age or size'),
    torn: z
      .array(z.object({ file, line, octets: count, aside: file }))
      .describe('Where sudden ends had torn what was being written, and the files in which that is kept'),
    written: z.boolean().describe('Whether a process writes the record now'),
    tooOld: z.array(z.string()).describe('Checkpoints that are older than the files that are kept'),
    problem: z
      .object({ code: z.enum(recordProblems), file, line, what: z.string(), next: z.string() })
      .exactOptional()
      .describe('The first place where the record is not as it was written'),
  }),
)

const text = z.string()
const place = z.object({ address: text.describe('Canonical RFC 5952 text'), port: z.number().exactOptional() })

export const recordedEventSchema = schemaOf<RecordedEvent>()(
  z.object({
    kind: z.enum(eventKinds),
    activity: text.describe('What was done, such as connect, sign-in, request, step-up'),
    outcome: z.enum(['ok', 'denied', 'failed']),
    reason: text.describe('A word of the closed list of reasons'),
    actor: z
      .object({
        kind: z.enum(['user', 'app']),
        tenantId: text.describe('A GUID in lower case'),
        objectId: text.describe('A GUID in lower case'),
      })
      .exactOptional(),
    src: place.exactOptional(),
    dst: place.exactOptional(),
    traceId: text.exactOptional().describe('32 hexadecimal digits, the same for all that came of one request'),
    session: text.exactOptional().describe('16 hexadecimal digits that name a session and let nobody into it'),
    http: z
      .object({
        method: text,
        host: text,
        path: text.describe('As it was judged, without its query'),
        status: z.number().exactOptional(),
      })
      .exactOptional(),
    route: text.exactOptional().describe('Id of the route that decided'),
    detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).exactOptional(),
    count: z.number().exactOptional().describe('So many alike within the minute before'),
    time,
    uid: text.describe('A UUID of version 7, by which an event is told from its copies'),
    chain: text.describe('SHA-256 in hexadecimal over the chain of the line before and this line without its own'),
  }),
)

/** The documented shape of `postern audit-log verify --json`. */
export function auditLogJsonSchema(): z.core.JSONSchema.BaseSchema {
  return jsonSchema('audit-log', 'What postern audit-log verify --json prints', auditLogReportSchema)
}

/** The documented shape of a line of `postern audit-log export`, and of an event in the files of the record. */
export function recordedEventJsonSchema(): z.core.JSONSchema.BaseSchema {
  const schema = jsonSchema('recorded-event', 'A line of postern audit-log export', recordedEventSchema)
  return { ...schema, title: 'Postern event' }
}
