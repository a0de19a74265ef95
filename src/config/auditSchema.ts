import { z } from 'zod'
import { agreements } from '../model/auditOnWire.ts'
import type { AuditReport } from '../model/auditReport.ts'
import { auditVerdicts, passages, stepKinds } from '../model/auditReport.ts'
import { causeCodes, confidences } from '../model/cause.ts'
import { vendors } from '../model/vendor.ts'
import { verdictKinds } from '../model/verdict.ts'
import { flowShape } from './flowSchema.ts'
import { jsonSchema } from './jsonSchema.ts'
import { finding } from './reportSchema.ts'
import { address, count, ms, textByText, texts, time } from './scalars.ts'
import { schemaOf } from './schemaOf.ts'

const line = z.int().min(1)

const step = z
  .object({
    device: z.string(),
    stage: z.string().describe('The list or stage that the rule stands in'),
    rule: z.string().describe('As the vendor’s own tools call it'),
    does: z.enum(stepKinds),
    file: z.string().exactOptional().describe('Absent for what the vendor does without a line of its own'),
    line: line.exactOptional(),
    lastLine: line.exactOptional(),
    path: z.string().exactOptional().describe('RFC 6901 pointer or XML path, where the format is a tree'),
    text: z.string().exactOptional().describe('The statement as it stands there, on one line'),
    answer: z.literal(true).exactOptional().describe('On the way back'),
    later: z.literal(true).exactOptional().describe('Of what follows the answer, on the way there'),
  })
  .meta({ id: 'AuditStep' })

const dependency = z
  .object({
    kind: z
      .string()
      .describe(
        'names, tag, dynamic-set, reference, time, user, application, process, limit, packet, place, unread, other',
      ),
    what: z.string().describe('In words that go on from “depends on”'),
    device: z.string().exactOptional(),
  })
  .meta({ id: 'AuditDependency' })

const ends = {
  sources: texts.describe('Prefixes, first-last, or any'),
  destinations: texts,
  protocol: z.string().describe('tcp, udp, icmp, icmpv6 or an IANA number'),
  ports: texts.describe('Ports of the end that accepts; empty for ICMP'),
}

const decidedBy = z.array(step).describe('In the order in which they were met; the deciding rule last')
const dependsOn = z.array(dependency).describe('What the configurations do not settle')

const part = z
  .object({
    verdict: z.enum(auditVerdicts),
    denial: z.enum(['drop', 'reject']).exactOptional(),
    for: z.object(ends).describe('Exactly the part of the flow that this is about'),
    leg: z.string().exactOptional().describe('The proxy or way that it is about, where a flow takes several'),
    to: z
      .object({ sources: texts.exactOptional(), destinations: texts.exactOptional(), ports: texts.exactOptional() })
      .exactOptional()
      .describe('What it is where it leaves the last device, where something was translated'),
    decidedBy,
    dependsOn,
    inspected: z.enum(['yes', 'may']).exactOptional().describe('TLS is opened on the way'),
    by: z
      .enum(['name', 'dated-addresses'])
      .exactOptional()
      .describe('How a name was matched: by itself, or by addresses that were published or looked up on a day'),
  })
  .meta({ id: 'AuditPart' })

const flowOnWire = z
  .object({
    agreement: z.enum(agreements).describe('How paper and wire stand to each other'),
    verdict: z.enum(verdictKinds).describe('Of the check'),
    cause: z.enum(causeCodes).exactOptional(),
    confidence: z.enum(confidences),
    says: z.string().describe('In the words of the check'),
    address: address.exactOptional().describe('The address that was dialled'),
  })
  .meta({ id: 'FlowOnWire', description: 'What a check saw of the flow' })

const auditOnWire = z
  .object({
    file: z.string().describe('The report, as the command line has it'),
    site: z.string(),
    from: z.string().describe('The host of the check: of flows that others open the wire says nothing'),
    startedAt: time,
    ageDays: z.int().describe('Days from the check to the audit, rounded down'),
    isOld: z.boolean().describe('Older than a week'),
    both: count.describe('Flows that both have: the sum of the next five'),
    agree: count,
    unknownDevice: count.describe('Allowed on paper, kept back on the wire'),
    configurationDiffers: count.describe('Denied on paper, open on the wire'),
    settled: count.describe('Left open by the configurations, and shown by the wire'),
    notTold: count.describe('Flows of which the wire shows nothing that the configurations speak of'),
    settledRequired: count.describe('Required flows that are settled as open'),
    onlyOnPaper: count,
    onlyOnWire: count,
  })
  .meta({ id: 'AuditOnWire', description: 'The check that the audit was held against' })

/** The report of an audit as a schema: what `docs/reference` publishes, held to `src/model/auditReport.ts` by the compiler. */
export const auditReportSchema = schemaOf<AuditReport>()(
  z.object({
    postern: z.string().describe('The version of Postern that wrote this'),
    kind: z.literal('audit'),
    site: z.string(),
    startedAt: time,
    durationMs: ms,
    interrupted: z.boolean().describe('True when Ctrl-C ended it: flows that were not reached are not in it'),
    catalog: z.object({
      asOf: z.string().describe('Date of the hybrid identity ports article that the catalog was read from'),
    }),
    devices: z.array(
      z.object({
        name: z.string(),
        vendor: z.enum(vendors),
        files: texts,
        ruleSets: texts.describe('Groups, policies, virtual devices: what is judged by itself'),
        statements: count,
        understood: count,
      }),
    ),
    tables: z.array(
      z.object({
        file: z.string(),
        kind: z.enum(['service-tags', 'endpoints', 'names']),
        asOf: z.string().describe('ISO 8601 date: that of the file’s name, else that of the file'),
        entries: count,
      }),
    ),
    wire: auditOnWire.exactOptional(),
    names: textByText.describe('names: of the site file: where a name is served instead of in public'),
    summary: z.object({
      allow: count,
      deny: count,
      may: count,
      misdirected: count,
      noPath: count,
      unknownRef: count,
      closed: count.describe('Flows that must be closed and are denied on paper'),
      forbiddenOpen: count.describe('Flows that must be closed and are allowed on paper'),
      notJudged: count.describe('Flows without a device whose configuration is known'),
      requiredNotProven: count.describe('Required flows that were judged and not allowed without reserve'),
    }),
    flows: z.array(
      z
        .object({
          ...flowShape,
          verdict: z.enum(auditVerdicts),
          denial: z.enum(['drop', 'reject', 'mixed']).exactOptional(),
          says: z.string(),
          fix: z.string().exactOptional(),
          through: z
            .array(z.object({ device: z.string(), passage: z.enum(passages) }))
            .describe('The devices that it meets, in their order'),
          addressesAsOf: z.string().exactOptional().describe('Date of the list that its target’s addresses are from'),
          decidedBy,
          dependsOn,
          parts: z.array(part),
          wire: flowOnWire.exactOptional(),
        })
        .meta({ id: 'AuditFlowReport' }),
    ),
    notJudged: z.array(
      z.object({
        why: z.string(),
        add: z.string().describe('What to add so that they are judged'),
        flows: texts.describe('Ids'),
        count,
        required: count.describe('How many of them are required'),
      }),
    ),
    findings: z.array(finding),
    coverage: z.object({
      statements: count,
      understood: count,
      unread: z.array(z.object({ file: z.string(), line, text: z.string(), why: z.string() })),
    }),
  }),
)

/** The documented shape of `postern audit --json` as JSON Schema (2020-12). */
export function auditReportJsonSchema(): z.core.JSONSchema.BaseSchema {
  return jsonSchema('audit', 'What postern audit --json prints', auditReportSchema)
}
