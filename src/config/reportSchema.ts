import { z } from 'zod'
import { causeCodes, confidences, owners } from '../model/cause.ts'
import { clouds } from '../model/cloud.ts'
import { features } from '../model/feature.ts'
import { severities } from '../model/finding.ts'
import type { CheckReport, CompareReport, FlowReport, PlanReport } from '../model/report.ts'
import { verdictKinds } from '../model/verdict.ts'
import { flowShape } from './flowSchema.ts'
import { jsonSchema } from './jsonSchema.ts'
import { observationSchema } from './observationSchema.ts'
import { count, ms, textByText, texts, time } from './scalars.ts'
import { schemaOf } from './schemaOf.ts'

/**
 * The reports as schemas: what a file is held to before it is believed, and what `docs/reference` publishes. They say
 * the same as `src/model/report.ts`; the compiler holds the two together.
 */

const cause = z.enum(causeCodes).describe('What is wrong: postern explain tells each')
const phaseMs = ms.nullable().describe('Milliseconds; null for a phase that was not reached or not needed')

export const flowReportSchema = schemaOf<FlowReport>()(
  z
    .object({
      ...flowShape,
      verdict: z.enum(verdictKinds),
      cause: cause.exactOptional(),
      confidence: z.enum(confidences),
      says: z.string().describe('What is so, and by which comparison it is known'),
      owner: z.enum(owners).exactOptional().describe('Whose turn it is'),
      fix: z.string().exactOptional().describe('What would mend it'),
      alternatives: z.array(cause).describe('Causes that the evidence does not exclude'),
      nextProbe: z.string().exactOptional().describe('What to run to exclude them'),
      decidedBy: texts.describe('Ids of the observations that decided'),
      learnt: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), texts])),
      evidence: z.array(observationSchema),
      timing: z.object({ dnsMs: phaseMs, connectMs: phaseMs, tlsMs: phaseMs, firstByteMs: phaseMs }),
    })
    .meta({ id: 'FlowReport' }),
)

export const finding = z
  .object({
    code: z.string(),
    severity: z.enum(severities),
    what: z.string(),
    where: z.object({
      file: z.string().exactOptional(),
      line: z.int().exactOptional(),
      flow: z.string().exactOptional(),
      target: z.string().exactOptional(),
    }),
    why: z.string(),
    next: z.string(),
    flows: texts,
  })
  .meta({ id: 'Finding' })

const catalog = z.object({
  asOf: z.string().describe('Date of the hybrid identity ports article that the catalog was read from'),
})
const postern = z.string().describe('The version of Postern that wrote this')
const names = textByText.describe('names: of the site file: where a name is served instead of in public')

export const checkReportSchema = schemaOf<CheckReport>()(
  z.object({
    postern,
    kind: z.literal('check'),
    site: z.string(),
    from: z.string().describe('The host of the site that this was checked from'),
    startedAt: time,
    durationMs: ms,
    interrupted: z.boolean().describe('True when the check ended before everything was asked'),
    leftOut: count.exactOptional().describe('Flows of this vantage that --flow left out; absent when it left none'),
    catalog,
    imitates: z.string().describe('Which client the probes imitate'),
    rights: texts,
    capture: z
      .object({
        outcome: z.enum(['captured', 'not-captured']),
        packets: count.describe('Packets that were looked at'),
        lost: count.exactOptional().describe('Packets that the kernel dropped'),
        why: z.string().exactOptional().describe('Why there is none, or not to the end'),
        remedy: z.string().exactOptional().describe('What would let it begin'),
      })
      .exactOptional()
      .describe('What came of --capture; absent without it'),
    traces: z
      .object({
        traced: count.describe('Paths that were traced'),
        why: z.string().exactOptional().describe('Why some were not'),
        remedy: z.string().exactOptional().describe('What would let them be'),
      })
      .exactOptional()
      .describe('What came of tracing paths to what stayed silent; absent where nothing did, and with --no-trace'),
    context: z
      .object({
        judgedAt: time,
        cloud: z.enum(clouds),
        domain: z.string().exactOptional(),
        forest: z.string().exactOptional().describe('The root domain of the forest, when it is another'),
        trusted: texts.describe('SHA-256 fingerprints of the site’s own CAs'),
        names,
        connectBuilds: textByText.exactOptional().describe('Builds of Entra Connect that the site file gives, by host'),
        tenant: z.string().exactOptional(),
        apps: z
          .record(
            z.string(),
            z.object({
              url: z.string(),
              redirectUris: texts,
              client: z.string().exactOptional(),
              issuer: z.string().exactOptional(),
            }),
          )
          .exactOptional()
          .describe('Own apps of the site file, and what is right for their sign-in'),
        captureRemedy: z
          .string()
          .exactOptional()
          .describe('What would let the capture begin that was asked for and did not'),
      })
      .describe('What the judgement knew besides the observations'),
    summary: z.object({
      open: count,
      blocked: count,
      degraded: count,
      wrong: count,
      unknown: count,
      notRun: count,
      notRequired: count,
      closed: count.describe('Flows that must be closed and are'),
      forbiddenOpen: count.describe('Flows that must be closed and are open'),
      elsewhere: count.describe('Flows that other machines open: never judged from here'),
      requiredNotProven: count,
    }),
    flows: z.array(flowReportSchema),
    findings: z.array(finding),
  }),
)

export const planReportSchema = schemaOf<PlanReport>()(
  z.object({
    postern,
    kind: z.literal('plan'),
    site: z.string(),
    cloud: z.enum(clouds),
    features: z.array(z.enum(features)),
    catalog,
    summary: z.object({
      required: count,
      conditional: count,
      recommended: count,
      optional: count,
      legacy: count,
      localOnly: count.describe('Flows inside one host: no rule may let them out'),
      mustBeClosed: count,
    }),
    flows: z.array(z.object(flowShape).meta({ id: 'Flow' })),
    names,
  }),
)

const origin = z.object({ site: z.string(), from: z.string(), startedAt: time, names })

export const compareReportSchema = schemaOf<CompareReport>()(
  z.object({
    postern,
    kind: z.literal('compare'),
    before: origin,
    after: origin,
    summary: z.object({
      same: count,
      broke: count,
      mended: count,
      changed: count,
      appeared: count,
      disappeared: count,
    }),
    changes: z.array(
      z.object({
        key: z.string().describe('Row, ends, name, address, port and transport, joined by |'),
        change: z.enum(['appeared', 'disappeared', 'broke', 'mended', 'changed']),
        before: flowReportSchema.exactOptional(),
        after: flowReportSchema.exactOptional(),
        differences: texts.describe('What differs, in words'),
      }),
    ),
    stillFailing: z
      .array(flowReportSchema)
      .describe('Flows that fail, or hurt, as they did before: no change, and not well'),
    notAsked: texts
      .describe('Keys of flows of the earlier report that --flow, --from or TARGETs of the later check left out')
      .exactOptional(),
  }),
)

/** The documented shape of `postern check --json` as JSON Schema (2020-12). */
export function checkReportJsonSchema(): z.core.JSONSchema.BaseSchema {
  return jsonSchema('check', 'What postern check --json prints and --compare reads', checkReportSchema)
}

/** The documented shape of `postern plan --json`. */
export function planReportJsonSchema(): z.core.JSONSchema.BaseSchema {
  return jsonSchema('plan', 'What postern plan --json prints', planReportSchema)
}

/** The documented shape of `postern check --compare REPORT.json --json`. */
export function compareReportJsonSchema(): z.core.JSONSchema.BaseSchema {
  return jsonSchema('compare', 'What postern check --compare --json prints', compareReportSchema)
}
