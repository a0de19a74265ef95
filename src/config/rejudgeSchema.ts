import { z } from 'zod'
import { causeCodes, confidences } from '../model/cause.ts'
import type { RejudgeReport } from '../model/rejudgeReport.ts'
import { verdictKinds } from '../model/verdict.ts'
import { jsonSchema } from './jsonSchema.ts'
import { time } from './scalars.ts'
import { schemaOf } from './schemaOf.ts'

const told = z.object({
  verdict: z.enum(verdictKinds),
  cause: z.enum(causeCodes).exactOptional(),
  confidence: z.enum(confidences),
  says: z.string().describe('One sentence'),
})

export const rejudgeReportSchema = schemaOf<RejudgeReport>()(
  z.object({
    postern: z.string().describe('The version of Postern that judged'),
    kind: z.literal('rejudge'),
    site: z.string(),
    since: time,
    summary: z.object({
      looks: z.int().describe('Looks that were kept whole and judged again'),
      changed: z.int().describe('Of these: another verdict or cause'),
    }),
    changes: z
      .array(
        z.object({
          key: z.string().describe('The tuple of the flow, as it was planned'),
          title: z.string(),
          at: time,
          before: told,
          after: told,
        }),
      )
      .describe('The oldest first, at most 10,000'),
  }),
)

/** The documented shape of `postern watch --rejudge --json`. */
export function rejudgeReportJsonSchema(): z.core.JSONSchema.BaseSchema {
  return jsonSchema('rejudge', 'What postern watch --rejudge prints with --json', rejudgeReportSchema)
}
