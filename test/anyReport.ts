import fc from 'fast-check'
import { summaryOf } from '../src/diagnose/summaryOf.ts'
import { causeCodes, confidences, owners } from '../src/model/cause.ts'
import type { Finding } from '../src/model/finding.ts'
import { severities } from '../src/model/finding.ts'
import type { Flow } from '../src/model/flow.ts'
import { necessities, phases, transports } from '../src/model/flow.ts'
import type { CheckReport, FlowReport, PlanReport } from '../src/model/report.ts'
import { cloudRoles, groupRoles, siteRoles } from '../src/model/role.ts'
import { services } from '../src/model/service.ts'
import { verdictKinds } from '../src/model/verdict.ts'
import { hostileTexts } from './hostileTexts.ts'
import { checkReportOf, flowReportOf, sampleCheck, samplePlan } from './reports.ts'
import { flowOf } from './sampleFlows.ts'

/** Reports as nobody would write them: any text in every free place, any mixture of verdicts, needs and causes. */

const anyText = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 2, arbitrary: fc.constantFrom(...hostileTexts.filter(({ length }) => length < 1000)) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('connect01', 'dc01.corp.example', '*.msappproxy.net', '10.1.0.5', '2001:db8::5'),
  },
)

const anyRole = fc.constantFrom(...siteRoles, ...cloudRoles, ...groupRoles)

const absent = { nil: undefined }

/** A record without the keys that have no value: the types know `absent`, not `undefined`. */
function present<Part extends object>(part: Part): { [Key in keyof Part]: Exclude<Part[Key], undefined> } {
  return Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Part]: Exclude<Part[Key], undefined>
  }
}

const anyTarget = fc
  .record({
    name: fc.option(anyText, absent),
    pattern: fc.option(anyText, absent),
    address: fc.option(anyText, absent),
    port: fc.option(fc.integer({ min: 1, max: 65_535 })),
    plannedPort: fc.option(fc.integer({ min: 1, max: 65_535 }), absent),
    transport: fc.constantFrom(...transports),
    service: fc.constantFrom(...services),
  })
  .map(present)

const anyFlow: fc.Arbitrary<Flow> = fc
  .record({
    flow: anyText,
    from: anyText,
    fromRole: anyRole,
    to: anyText,
    toRole: anyRole,
    target: anyTarget,
    necessity: fc.constantFrom(...necessities),
    expect: fc.constantFrom('open' as const, 'closed' as const),
    phase: fc.constantFrom(...phases),
    table: anyText,
    purpose: anyText,
    requiredWhen: anyText,
    unsettled: fc.array(anyText, { maxLength: 2 }),
    source: anyText,
  })
  .map(flowOf)

const evidence = sampleCheck.flows.flatMap((flow) => flow.evidence)

const anyFlowReport: fc.Arbitrary<FlowReport> = fc
  .tuple(
    anyFlow,
    fc
      .record({
        verdict: fc.constantFrom(...verdictKinds),
        cause: fc.option(fc.constantFrom(...causeCodes), absent),
        confidence: fc.constantFrom(...confidences),
        says: anyText,
        owner: fc.option(fc.constantFrom(...owners), absent),
        fix: fc.option(anyText, absent),
        nextProbe: fc.option(anyText, absent),
        alternatives: fc.subarray([...causeCodes], { maxLength: 2 }),
        evidence: fc.subarray(evidence, { maxLength: 3 }),
      })
      .map(present),
  )
  .map(([flow, verdict]) => flowReportOf(flow, verdict))

const anyFinding: fc.Arbitrary<Finding> = fc.record({
  code: fc.oneof(fc.constantFrom(...causeCodes), anyText),
  severity: fc.constantFrom(...severities),
  what: anyText,
  where: fc
    .record({ file: fc.option(anyText, absent), line: fc.option(fc.integer({ min: -1, max: 1e6 }), absent) })
    .map(present),
  why: anyText,
  next: anyText,
  flows: fc.array(anyText, { maxLength: 2 }),
})

export const anyCheckReport: fc.Arbitrary<CheckReport> = fc
  .record({
    flows: fc.array(anyFlowReport, { maxLength: 12 }),
    findings: fc.array(anyFinding, { maxLength: 3 }),
    site: anyText,
    from: anyText,
    startedAt: fc.oneof(anyText, fc.constant('2026-11-21T09:03:12.000Z')),
    durationMs: fc.oneof(fc.nat(), fc.double({ noNaN: true })),
    interrupted: fc.boolean(),
    imitates: anyText,
  })
  .map((parts) => checkReportOf(parts.flows, { ...parts, summary: summaryOf(parts.flows, 0) }))

export const anyPlanReport: fc.Arbitrary<PlanReport> = fc
  .record({
    flows: fc.array(anyFlow, { maxLength: 12 }),
    site: anyText,
    names: fc.dictionary(anyText, anyText, { maxKeys: 2 }),
  })
  .map((parts) => ({ ...samplePlan, ...parts }))
