import { z } from 'zod'
import { codeCategories } from '../catalog/codes.ts'
import type { SpokenService } from '../catalog/index.ts'
import { nameFeatures, serviceWords } from '../catalog/index.ts'
import type { FindingCode } from '../check/findingRows.ts'
import { findingRows } from '../check/findingRows.ts'
import type { AuditFindingCode } from '../firewall/findingRows.ts'
import { auditFindingRows } from '../firewall/findingRows.ts'
import type { CauseLayer } from '../model/cause.ts'
import { causeCodes, causesByLayer, owners } from '../model/cause.ts'
import { clouds } from '../model/cloud.ts'
import { eventKinds } from '../model/event.ts'
import { features } from '../model/feature.ts'
import { severities } from '../model/finding.ts'
import { directions, necessities, phases, transports } from '../model/flow.ts'
import { cloudRoles, groupRoles, siteRoles } from '../model/role.ts'
import { services } from '../model/service.ts'
import { facts } from '../model/site.ts'
import { verdictKinds } from '../model/verdict.ts'
import { jsonSchema } from './jsonSchema.ts'
import { count, port, texts } from './scalars.ts'

/**
 * What `postern explain` answers, as a schema: the rows of the catalog and of the causes, by the kind of thing that a
 * term is. The test beside the answer holds the two together.
 */

const causeCode = z.enum(causeCodes)
const feature = z.enum(features)
const fact = z.enum(facts)
const siteRole = z.enum(siteRoles)
const role = z.enum([...siteRoles, ...cloudRoles, ...groupRoles])
const cloud = z.enum(clouds)
const list = z.enum(nameFeatures).describe('A list of names that Microsoft publishes')
const layers = Object.keys(causesByLayer) as readonly CauseLayer[]
const range = z.object({ first: port, last: port })
const asOf = z.string().describe('The date that the source carries')
const source = { source: z.string(), asOf }

const pair = z
  .object({
    service: z.enum(services),
    transport: z.enum(transports),
    port: port.nullable().describe('Null for a range, a port that the site chooses, or none'),
    range: range.exactOptional(),
    sitePort: z.enum(['proxy', 'published-app', 'scim', 'any']).exactOptional(),
  })
  .meta({ id: 'Pair' })

const flowRow = z
  .object({
    id: z.string(),
    table: z.string(),
    from: role,
    to: role,
    protocol: z.string(),
    pairs: z.array(pair),
    direction: z.enum(directions),
    necessity: z.enum(necessities),
    requiredWhen: z.string(),
    condition: z.object({
      features: z.array(z.array(feature)).describe('One or more of every group is on'),
      roles: z.array(z.object({ role: siteRole, is: z.enum(['played', 'absent']) })),
      clouds: z.array(cloud),
      facts: z.array(z.object({ fact, is: z.boolean() })),
    }),
    phase: z.enum(phases).exactOptional(),
    runtimeFeatures: z.array(feature).exactOptional(),
    purpose: z.string(),
    names: list.exactOptional(),
    namesPart: z.enum(['client', 'set-up', 'authority', 'federation', 'certificate']).exactOptional(),
    endpoints: texts,
    fallbackFor: z.string().exactOptional(),
    notes: z.array(z.object({ kind: z.enum(['disagreement', 'trap', 'inferred', 'note']), text: z.string() })),
    ...source,
  })
  .meta({ id: 'FlowRow' })
const flows = z.array(flowRow)

const groups = z
  .array(z.object({ necessity: z.enum(necessities), uses: z.array(z.object({ row: flowRow, pairs: z.array(pair) })) }))
  .describe('Most needed first')

const folklore = z.array(
  z
    .object({
      terms: texts,
      claim: z.string().describe('What is said'),
      fact: z.string().describe('What is so'),
      tone: z.enum(['folklore', 'true-for-old-builds', 'local-only', 'fallback', 'own-door']),
      flows: texts.describe('Ids of the rows that show it'),
      ...source,
    })
    .meta({ id: 'Folklore' }),
)

const nameRow = z
  .object({
    feature: list,
    clouds: z.array(cloud),
    only: z.enum(['customer', 'germany-retired']).exactOptional(),
    part: z.enum(['client', 'set-up', 'authority', 'federation', 'certificate']).exactOptional(),
    pattern: z.string(),
    ports: z.array(z.number()),
    scheme: z.enum(['https', 'http', 'amqps']),
    required: z.boolean(),
    purpose: z.string(),
    ...source,
  })
  .meta({ id: 'NameRow' })

const namedEndpoint = z.object({
  pattern: z.string(),
  ports: z.array(z.number()),
  required: z.boolean(),
  ...source,
})

const cause = z
  .object({
    kind: z.literal('cause'),
    code: causeCode,
    layer: z.enum([...layers, 'none']),
    verdict: z.enum(verdictKinds),
    owner: z.enum(owners),
    meaning: z.string(),
    looksLike: z.string(),
    toldApartBy: z.string(),
    fix: z.string(),
    next: z.string(),
    neighbours: z.array(causeCode).describe('The other causes of its layer'),
  })
  .meta({ id: 'Cause' })

const code = z.object({
  code: z.string(),
  category: z.enum(codeCategories),
  meaning: z.string(),
  likelyCause: z.string(),
  whatToDo: z.string(),
  relatedCodes: texts.exactOptional(),
  note: z.string().exactOptional(),
  confidence: z.enum(['low', 'medium']).exactOptional(),
  source: z.string(),
  asOf: asOf.exactOptional(),
  cause: causeCode.exactOptional().describe('The cause that the code proves'),
})

const part = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('flow'),
    row: flowRow,
    fallbacks: flows,
    names: z.record(cloud, z.array(namedEndpoint)),
  }),
  z.object({ kind: z.literal('codes'), rows: z.array(code) }),
  z.object({
    kind: z.literal('unlisted-codes'),
    codes: z.array(
      z.object({ code: z.string(), meaning: z.string(), lookUp: z.string(), source: z.object(source).exactOptional() }),
    ),
  }),
  z.object({
    kind: z.literal('service'),
    service: z.enum(Object.keys(serviceWords) as readonly SpokenService[]),
    title: z.string(),
    groups,
  }),
  z.object({
    kind: z.literal('port'),
    ports: range,
    transport: z.enum(transports).exactOptional(),
    groups,
    instead: z
      .object({ transport: z.enum(transports), flows: count })
      .exactOptional()
      .describe('Over which transport rows name the port, where none does over the one that was asked for'),
    siteChosen: flows.describe('Rows whose port the site chooses'),
    folklore,
  }),
  z.object({ kind: z.literal('folklore'), rows: folklore }),
  z.object({
    kind: z.literal('feature'),
    feature,
    row: z.object({ title: z.string(), says: z.string(), needs: z.array(z.array(siteRole)), ...source }),
    flows,
  }),
  z.object({
    kind: z.literal('fact'),
    fact,
    row: z.object({
      question: z.string(),
      default: z.union([z.boolean(), z.literal('unknown')]),
      derivedFrom: z.string().exactOptional(),
    }),
    flows,
  }),
  z.object({
    kind: z.literal('role'),
    role,
    row: z.object({
      title: z.string(),
      side: z.enum(['site', 'cloud', 'group']),
      members: z.array(role).exactOptional(),
    }),
    opens: flows,
    accepts: flows,
  }),
  z.object({ kind: z.literal('table'), table: z.string(), flows }),
  z.object({ kind: z.literal('list'), feature: list, rows: z.array(nameRow) }),
  z.object({
    kind: z.literal('name'),
    name: z.string(),
    uses: z.array(z.object({ pattern: z.string(), rows: z.array(nameRow) })),
    flows,
    inspection: z
      .array(z.object({ feature: list, says: z.string(), name: z.string().exactOptional(), ...source }))
      .describe('Features that have the name and whose TLS must be left alone'),
  }),
  cause,
  z.object({ kind: z.literal('layer'), layer: z.enum(layers), causes: z.array(cause) }),
  z.object({
    kind: z.literal('finding'),
    code: z.enum(Object.keys({ ...findingRows, ...auditFindingRows }) as readonly (FindingCode | AuditFindingCode)[]),
    severity: z.enum(severities),
    meaning: z.string(),
    why: z.string(),
    fix: z.string(),
  }),
  z.object({ kind: z.literal('sign'), sign: z.string(), causes: z.array(cause) }),
  z.object({
    kind: z.literal('verb'),
    verb: z.string(),
    summary: z.string(),
    usage: z.string(),
    planned: z.boolean().describe('True of a verb that this version does not have yet'),
    options: texts,
    examples: z.array(z.object({ command: z.string(), says: z.string() })),
    reference: z.string().describe('The page that has the whole of it'),
  }),
  z.object({
    kind: z.literal('option'),
    option: z.string(),
    uses: z
      .array(z.object({ verbs: texts, flags: z.string(), says: z.string() }))
      .describe('Each sense that it has, with the verbs that take it so'),
    reference: z.string().describe('The page that has the whole of it'),
  }),
  z.object({
    kind: z.literal('reason'),
    reason: z.string().describe('The reason of an event in the record of the gate'),
    senses: z.array(
      z.object({
        kinds: z.array(z.enum(eventKinds)).describe('The kinds of events that have it'),
        outcome: z.enum(['ok', 'denied', 'failed']).describe('How an event with it mostly ends'),
        says: z.string(),
        asks: z.string().exactOptional().describe('The key of the access rule that asks for it'),
      }),
    ),
    reference: z.string().describe('The page that has the whole of it'),
  }),
  z.object({
    kind: z.literal('word'),
    word: z.string().describe('A word that the reports are written in'),
    says: z.string(),
    see: texts.describe('Words that are explained as well'),
  }),
  z.object({
    kind: z.literal('index'),
    causes: z.record(z.enum([...layers, 'none']), z.array(causeCode)),
    tables: texts,
    flows: texts,
    features: z.array(feature),
    facts: z.array(fact),
    roles: texts,
    lists: z.array(list),
    services: texts,
    codes: texts,
    verbs: texts,
    words: texts.describe('Words that the reports are written in'),
  }),
])

export const explainReportSchema = z.object({
  postern: z.string().describe('The version of Postern that wrote this'),
  kind: z.literal('explain'),
  term: z.string().describe('What was asked; empty when the index was'),
  catalog: z.object({ asOf }),
  parts: z.array(part).describe('Everything that is known by the term, most telling first'),
})

/** The documented shape of `postern explain --json`. */
export function explainReportJsonSchema(): z.core.JSONSchema.BaseSchema {
  return jsonSchema('explain', 'What postern explain --json prints', explainReportSchema)
}
