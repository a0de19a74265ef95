import { z } from 'zod'
import { necessities } from '../model/flow.ts'
import type { RulesReport } from '../model/rulesReport.ts'
import { vendors } from '../model/vendor.ts'
import { jsonSchema } from './jsonSchema.ts'
import { count, texts } from './scalars.ts'
import { schemaOf } from './schemaOf.ts'

const notProven = z
  .object({
    permit: z.string().describe('Its id among the openings of this plan'),
    flows: texts.describe('Ids of the plan'),
    necessity: z.enum(necessities),
    verdict: z
      .enum(['allow', 'deny', 'may', 'misdirected', 'no-path', 'unknown-ref', 'not-asked'])
      .describe('What the vendor’s own reader made of it; not-asked: it could not be asked'),
    why: z.string(),
  })
  .meta({ id: 'RuleNotProven' })

/** The documented shape of `postern plan --for VENDOR --json`. */
export const rulesReportSchema = schemaOf<RulesReport>()(
  z.object({
    postern: z.string().describe('Version of the program'),
    kind: z.literal('rules'),
    site: z.string(),
    vendor: z.enum(vendors),
    device: z
      .string()
      .exactOptional()
      .describe('The device of the site file; absent: one that stands before every host'),
    on: z.string().describe('ISO 8601 date'),
    files: z
      .array(z.object({ name: z.string(), text: z.string() }))
      .describe('The first is what was read back; others are rendered from the same rules'),
    notSaid: z.array(
      z.object({
        flow: z.string().describe('Id of the plan'),
        permit: z.string().exactOptional().describe('Absent where the site file does not say enough for an opening'),
        name: z.string().exactOptional().describe('The name in why that it is about'),
        why: z.string().describe('In words that go on from “no rule is written for it:”'),
        instead: z.string().describe('What else lets it pass'),
      }),
    ),
    duties: texts.describe('What has to be done again and again: lists that change, with their date'),
    proof: z.object({
      statements: count,
      understood: count,
      asked: count.describe('Openings that rules were written for'),
      allowed: count.describe('How many of them the rules let pass'),
      notSaid: count.describe('Openings that the platform cannot say'),
      notAllowed: z.array(notProven),
      denials: count.describe('What has to stay closed'),
      notClosed: z.array(notProven),
      beyond: z.array(
        z.object({
          what: z.string(),
          by: z.string().describe('The rule that lets it pass'),
          because: z.string().exactOptional().describe('Why it cannot be narrower; absent: it ought not to be'),
        }),
      ),
    }),
  }),
)

/** The documented shape of `postern plan --for VENDOR --json` as JSON Schema (2020-12). */
export function rulesReportJsonSchema(): z.core.JSONSchema.BaseSchema {
  return jsonSchema('rules', 'What postern plan --for VENDOR --json prints', rulesReportSchema)
}
