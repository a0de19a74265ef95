import { z } from 'zod'
import { causeCodes, confidences, owners } from '../model/cause.ts'
import { verdictKinds } from '../model/verdict.ts'
import { jsonSchema } from './jsonSchema.ts'
import { port, textByText, texts } from './scalars.ts'

const postern = z.string().describe('The version of Postern that wrote this')

/** What a check of the small network has to come to while a fault is in place. */
export const expectationSchema = z
  .object({
    from: z.string().exactOptional().describe('The host that has to look; absent: the usual one'),
    flow: z.string().describe('Id of the flow that the fault is about'),
    target: z.string().exactOptional().describe('The name that is dialled, when the flow has several'),
    transport: z.enum(['tcp', 'udp']).exactOptional(),
    verdict: z.enum(verdictKinds),
    cause: z.enum(causeCodes).describe('postern explain tells each'),
    confidence: z.enum(confidences),
    owner: z.enum(owners),
    says: z.string().exactOptional().describe('Words that what is said of the flow holds'),
  })
  .meta({ id: 'Expectation' })

const faultShape = {
  id: z.string().describe('What postern lab fault takes'),
  breaks: z.string().describe('What is broken, as someone would tell it who knows'),
  expect: expectationSchema,
}

const labListSchema = z.object({
  postern,
  kind: z.literal('lab-list'),
  faults: z.array(z.object({ ...faultShape, title: z.string() })),
})
export type LabListReport = z.infer<typeof labListSchema>

const labSchema = z.object({
  postern,
  kind: z.literal('lab'),
  fault: z.object(faultShape).exactOptional().describe('Absent: the network is healthy'),
  siteFile: z.string().describe('Path of the site file; it is removed when the network ends'),
  servers: z.array(z.object({ name: z.string(), address: z.string(), port, what: z.string() })),
  check: z.object({
    args: texts.describe('Arguments of postern that check the network'),
    environment: textByText.describe('Variables that the check has to be started with besides'),
  }),
})
export type LabReport = z.infer<typeof labSchema>

/** The documented shape of `postern lab list --json`. */
export function labListJsonSchema(): z.core.JSONSchema.BaseSchema {
  return jsonSchema('lab-list', 'What postern lab list --json prints', labListSchema)
}

/** The documented shape of `postern lab up --json` and `postern lab fault NAME --json`. */
export function labJsonSchema(): z.core.JSONSchema.BaseSchema {
  return jsonSchema('lab', 'What postern lab up --json and postern lab fault NAME --json print', labSchema)
}
