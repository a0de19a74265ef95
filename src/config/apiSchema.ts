import { z } from 'zod'
import type {
  ApiAnswers,
  ApiConsequence,
  ApiEvents,
  ApiFailure,
  ApiFinding,
  ApiFlow,
  ApiGap,
  ApiIncident,
  ApiMark,
  ApiOutlet,
  ApiProblem,
  ApiSample,
} from '../model/api.ts'
import { apiNewsKinds, apiResetReasons } from '../model/api.ts'
import { causeCodes, confidences, owners } from '../model/cause.ts'
import { features } from '../model/feature.ts'
import { severities } from '../model/finding.ts'
import { necessities } from '../model/flow.ts'
import { alertReasons, incidentStates, suspectKinds, watchFindings } from '../model/incident.ts'
import { cloudRoles, groupRoles, siteRoles } from '../model/role.ts'
import { measures } from '../model/series.ts'
import { verdictKinds } from '../model/verdict.ts'
import { flowShape } from './flowSchema.ts'
import { flowReportSchema } from './reportSchema.ts'
import { address, count, ms, texts, time } from './scalars.ts'
import { schemaOf } from './schemaOf.ts'

/**
 * What `/api/v1` of the watcher answers, as schemas: the OpenAPI document publishes them, and tests hold the server to them.
 * They say the same as `src/model/api.ts`; the compiler holds the two together.
 */

const cause = z.enum(causeCodes).describe('postern explain tells each')
const confidence = z.enum(confidences)
const severity = z.enum(severities)
const owner = z.enum(owners).describe('Whose turn it is')
const role = z.enum([...siteRoles, ...cloudRoles, ...groupRoles])
const flowId = z.string().regex(/^[0-9a-f]{16}$/)
const incidentId = z.string().describe('UUID')
const verdict = z.enum(verdictKinds)
const says = z.string().describe('One sentence: what is so')
const phaseMs = ms.nullable().describe('Milliseconds; null for a phase that was not reached or not needed')
const title = z.string().describe('Such as t1-ldaps connect01 -> dc01:636/tcp')

const gap = schemaOf<ApiGap>()(
  z.object({ from: time, to: time, why: z.enum(['not-running', 'suspended', 'clock-moved']) }).meta({ id: 'Gap' }),
)

const mark = schemaOf<ApiMark>()(
  z
    .object({
      at: time,
      kind: z.enum([
        'change-start',
        'change-end',
        'site-reloaded',
        'site-refused',
        'maintenance-start',
        'maintenance-end',
      ]),
      name: z.string(),
    })
    .meta({ id: 'Mark' }),
)

const outlet = schemaOf<ApiOutlet>()(
  z
    .object({
      name: z.string(),
      kind: z.string(),
      takes: z.array(z.enum(['alerts', 'events'])),
      least: severity.exactOptional().describe('What is not as grave is not told'),
      waiting: count.describe('Things that it has not taken yet'),
      refused: count.describe('Things that it refused for good'),
    })
    .meta({ id: 'Outlet' }),
)

const status = z
  .object({
    site: z.string(),
    from: z.string().describe('The host that watches'),
    version: z.string(),
    since: time.describe('When this watcher was started'),
    now: time,
    everySeconds: z.number(),
    flows: z
      .object({
        watched: count,
        well: count,
        notWell: count,
        notSeen: count.describe('At which nobody has looked within the days for which looks are kept'),
        suspected: count.describe('Failures that are being confirmed'),
        confirmed: count,
      })
      .describe('How they stood at the newest look at each'),
    looks: z
      .object({
        done: count,
        failed: count,
        skipped: count.describe('Turns of an end that were left out since the look before was not over'),
        underWay: count,
      })
      .describe('Since the start'),
    incidents: z.object({ open: count, worst: severity.exactOptional() }),
    maintenance: texts.describe('Windows that are open'),
    gaps: z.array(gap).describe('Of the last seven days, the newest last, at most 20'),
    history: z.object({
      octets: count.describe('Of the database and its log, on the disk'),
      mostOctets: count,
      rawDays: z.number(),
      failureDays: z.number(),
      sketchDays: z.number(),
    }),
    outlets: z.array(outlet),
    streams: z.object({ open: count, dropped: count.describe('Ended since they were too slow') }),
  })
  .meta({ id: 'Status' })

const flowFields = {
  id: flowId.describe('The first 16 hexadecimal digits of the SHA-256 of key'),
  key: z.string().describe('Row, ends, name, address, port and transport, joined by |'),
  title,
  flow: z.string().describe('The id of the catalog row, or the user’s own'),
  from: z.string(),
  fromRole: role,
  to: z.string(),
  toRole: role,
  necessity: z.enum(necessities),
  expect: z.enum(['open', 'closed']),
  features: z.array(z.enum(features)),
  isWell: z
    .boolean()
    .exactOptional()
    .describe('Whether the newest look found it as it has to be; absent: there was none'),
  verdict: verdict.exactOptional(),
  cause: cause.exactOptional(),
  confidence: confidence.exactOptional(),
  owner: owner.exactOptional(),
  says: says.exactOptional(),
  fix: z.string().exactOptional().describe('What would mend it'),
  lastLookAt: time.exactOptional(),
  address: address.exactOptional(),
  latencyMs: ms.exactOptional().describe('What the newest look took in all, where it was well'),
  usualLatencyMs: ms.exactOptional().describe('The median of the last seven days'),
  incident: incidentId.exactOptional().describe('The incident that it is part of'),
}

const flow = schemaOf<ApiFlow>()(z.object(flowFields).meta({ id: 'WatchedFlow' }))

const sample = schemaOf<ApiSample>()(
  z
    .object({
      at: time,
      isWell: z.boolean(),
      verdict,
      cause: cause.exactOptional(),
      confidence,
      timing: z.object({ dnsMs: phaseMs, connectMs: phaseMs, tlsMs: phaseMs, firstByteMs: phaseMs }),
      address: address.exactOptional(),
      certificate: z.string().exactOptional().describe('SHA-256 of the leaf certificate that was shown'),
    })
    .meta({ id: 'Sample' }),
)

const failure = schemaOf<ApiFailure>()(z.object({ at: time, report: flowReportSchema }).meta({ id: 'Failure' }))

const ofFlow = { id: flowId, key: z.string(), from: time, to: time }
const isCut = z.boolean().describe('There are older ones in the span')
const step = time.describe('The begin of the step')

const suspect = z.object({ kind: z.enum(suspectKinds), name: z.string() }).meta({ id: 'Suspect' })
const finding = z.enum(watchFindings).exactOptional().describe('What it is where no cause has that name')

const consequence = schemaOf<ApiConsequence>()(
  z
    .object({
      subject: z.string(),
      flow: flowId.exactOptional().describe('Where it is a flow: its id'),
      title: z.string(),
      since: time,
      until: time.exactOptional(),
      ended: z.enum(['unwatched', 'other-cause']).exactOptional(),
      cause,
      finding,
      says: z.string(),
    })
    .meta({ id: 'Consequence' }),
)

const incident = schemaOf<ApiIncident>()(
  z
    .object({
      id: incidentId,
      state: z.enum(incidentStates),
      suspect,
      cause,
      finding,
      confidence,
      severity,
      owner,
      says,
      fix: z.string().exactOptional(),
      since: time,
      confirmedAt: time,
      lastSeenAt: time,
      until: time.exactOptional(),
      flaps: count.describe('How often it went away and came back'),
      confirmedBy: z.object({ looks: count, vantages: texts }),
      alternatives: z.array(suspect).describe('Who else would explain all of it'),
      acknowledged: z.object({ at: time, by: z.string() }).exactOptional(),
      notes: z.array(z.object({ at: time, by: z.string(), text: z.string() })),
      silencedUntil: time.exactOptional(),
      told: z.array(z.object({ at: time, reason: z.enum(alertReasons), severity, to: texts })),
      mergedInto: incidentId.exactOptional(),
      absorbed: z.array(incidentId),
      consequences: z.array(consequence).describe('Those that still suffer first, then the gravest'),
      consequencesLeftOut: count.describe('How many more there are than are listed'),
    })
    .meta({ id: 'Incident' }),
)

const timeFinding = schemaOf<ApiFinding>()(
  z
    .object({
      code: z.enum([...watchFindings, ...causeCodes]),
      subject: z.string(),
      flow: flowId.exactOptional(),
      title: z.string(),
      since: time,
      until: time.exactOptional(),
      severity,
      confidence,
      owner,
      says,
      fix: z.string().exactOptional(),
      incident: incidentId,
    })
    .meta({ id: 'TimeFinding' }),
)

const next = z.string().exactOptional().describe('For cursor of the next page; absent on the last one')

/** Answers by their names in the OpenAPI document. */
export const apiAnswers = {
  Status: schemaOf<ApiAnswers['Status']>()(status),
  Flows: schemaOf<ApiAnswers['Flows']>()(
    z
      .object({
        flows: z.array(flow).describe('In the order of their keys'),
        total: count.describe('All that match, on whatever page'),
        next,
      })
      .meta({ id: 'Flows' }),
  ),
  FlowDetail: schemaOf<ApiAnswers['FlowDetail']>()(
    z
      .object({
        ...flowFields,
        plan: z.object(flowShape).meta({ id: 'PlannedFlow' }).describe('Why it is needed, and who says so'),
        lastSamples: z.array(sample).describe('The newest, oldest of them first'),
        lastFailure: failure.exactOptional(),
      })
      .meta({ id: 'FlowDetail' }),
  ),
  Samples: schemaOf<ApiAnswers['Samples']>()(
    z.object({ ...ofFlow, samples: z.array(sample).describe('Oldest first'), isCut }).meta({ id: 'Samples' }),
  ),
  Quantiles: schemaOf<ApiAnswers['Quantiles']>()(
    z
      .object({
        ...ofFlow,
        measure: z.enum(measures),
        stepMs: ms,
        shares: z.array(z.number()),
        steps: z.array(z.object({ at: step, count, values: z.array(z.number()).describe('In the order of shares') })),
      })
      .meta({ id: 'Quantiles' }),
  ),
  Tallies: schemaOf<ApiAnswers['Tallies']>()(
    z
      .object({ ...ofFlow, stepMs: ms, steps: z.array(z.object({ at: step, looks: count, notWell: count })) })
      .meta({ id: 'Tallies' }),
  ),
  Failures: schemaOf<ApiAnswers['Failures']>()(
    z.object({ ...ofFlow, failures: z.array(failure).describe('Newest first'), isCut }).meta({ id: 'Failures' }),
  ),
  Incidents: schemaOf<ApiAnswers['Incidents']>()(
    z.object({ incidents: z.array(incident).describe('Newest first'), next }).meta({ id: 'Incidents' }),
  ),
  Incident: incident,
  Findings: schemaOf<ApiAnswers['Findings']>()(
    z.object({ findings: z.array(timeFinding).describe('Newest first'), isCut }).meta({ id: 'Findings' }),
  ),
  Gaps: schemaOf<ApiAnswers['Gaps']>()(z.object({ gaps: z.array(gap) }).meta({ id: 'Gaps' })),
  Marks: schemaOf<ApiAnswers['Marks']>()(z.object({ marks: z.array(mark) }).meta({ id: 'Marks' })),
  Mark: mark,
  Outlets: schemaOf<ApiAnswers['Outlets']>()(z.object({ outlets: z.array(outlet) }).meta({ id: 'Outlets' })),
} satisfies { readonly [Name in keyof ApiAnswers]: z.ZodType<ApiAnswers[Name]> }

const stood = { isWell: z.boolean(), verdict, cause: cause.exactOptional() }

/** Data of the events of the stream, by the names of the events. */
export const apiEvents = {
  flow: schemaOf<ApiEvents['flow']>()(
    z
      .object({
        ...{ id: flowId, key: z.string(), title, at: time },
        ...stood,
        says,
        was: z.object(stood).exactOptional().describe('Absent for the first look at it'),
      })
      .meta({ id: 'FlowEvent', description: 'The newest look at a flow came to something else than the one before.' }),
  ),
  news: schemaOf<ApiEvents['news']>()(
    z
      .object({
        kind: z.enum(apiNewsKinds),
        subject: z.string(),
        flow: flowId.exactOptional(),
        title: z.string(),
        at: time,
        says: says.exactOptional(),
      })
      .meta({ id: 'NewsEvent', description: 'Something is sure.' }),
  ),
  incident,
  alert: schemaOf<ApiEvents['alert']>()(
    z
      .object({
        id: z.string(),
        at: time,
        reason: z.enum(alertReasons),
        incident: incidentId,
        severity,
        says,
      })
      .meta({ id: 'AlertEvent', description: 'Somebody is told of an incident.' }),
  ),
  gap,
  mark,
  reset: schemaOf<ApiEvents['reset']>()(
    z
      .object({ why: z.enum(apiResetReasons), says })
      .meta({ id: 'ResetEvent', description: 'Events are missing here: what is shown is to be read anew.' }),
  ),
} satisfies { readonly [Name in keyof ApiEvents]: z.ZodType<ApiEvents[Name]> }

export const apiProblem = schemaOf<ApiProblem>()(
  z
    .object({
      type: z.string().describe('urn:postern:problem: and a word'),
      title: z.string(),
      status: z.int(),
      detail: z.string().describe('What is wrong, with the value that is'),
      remedy: z.string().describe('What would be right'),
      parameter: z.string().exactOptional().describe('The parameter or the member of the body that is meant'),
    })
    .meta({ id: 'Problem' }),
)
