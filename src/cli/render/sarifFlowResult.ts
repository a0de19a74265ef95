import { createHash } from 'node:crypto'
import type { CauseCode } from '../../model/cause.ts'
import type { Finding, Severity } from '../../model/finding.ts'
import { severities } from '../../model/finding.ts'
import type { FlowTarget } from '../../model/flow.ts'
import { flowKey } from '../../model/flow.ts'
import type { FlowReport } from '../../model/report.ts'
import { countOf, nameOf, portOf } from './flowWords.ts'
import { plain } from './plain.ts'
import type { Look } from './standing.ts'
import { lookOf } from './standing.ts'

/** What a result is to the rule that was asked (SARIF 2.1.0 §3.27.9). */
export type SarifKind = 'fail' | 'pass' | 'open' | 'review' | 'notApplicable'

/** How bad a failure is; `none` for whatever is none (§3.27.10). */
export type SarifLevel = 'error' | 'warning' | 'note' | 'none'

/** A place that is no line of a file: a host, or a port of one (§3.33). */
export interface SarifPlace {
  readonly name: string
  readonly fullyQualifiedName: string
  readonly kind: 'host' | 'endpoint'
}

/** One flow as a result, before it is tied to the run's rules and places. */
export interface SarifFlowResult {
  readonly ruleId: CauseCode | 'flow-open' | 'flow-closed' | 'forbidden-flow-open'
  readonly kind: SarifKind
  readonly level: SarifLevel
  readonly text: string
  readonly host: SarifPlace
  readonly endpoint: SarifPlace
  readonly partialFingerprints: Readonly<Record<string, string>>
  readonly properties: Readonly<Record<string, unknown>>
}

export function sarifFlowResult(flow: FlowReport, findings: readonly Finding[]): SarifFlowResult {
  const kind = kindOf(flow)
  const host = flow.target.name ?? flow.target.pattern ?? flow.target.address ?? flow.to
  const port = portOf(flow.target).split('/').toReversed().join('/')
  return {
    ruleId: ruleOf(flow),
    kind,
    level: kind === 'fail' ? levelOf(flow, findings) : 'none',
    text: [
      `${portOf(flow.target)} ${nameOf(flow.target)}: ${flow.says}`,
      ...(flow.fix === undefined ? [] : [`Fix: ${flow.fix}`]),
      ...(flow.nextProbe === undefined ? [] : [`Next: ${flow.nextProbe}`]),
      // Most viewers show neither the rule nor the properties beside the message.
      ...(flow.cause === undefined || flow.owner === undefined ? [] : [`Cause: ${flow.cause}; owner: ${flow.owner}`]),
    ].join('\n'),
    host: { name: plain(host), fullyQualifiedName: plain(host), kind: 'host' },
    endpoint: { name: port, fullyQualifiedName: plain(`${host}:${port}`), kind: 'endpoint' },
    partialFingerprints: fingerprintsOf(flow),
    properties: {
      flow: flow.flow,
      purpose: flow.purpose,
      from: flow.from,
      to: flow.to,
      necessity: flow.necessity,
      expect: flow.expect,
      verdict: flow.verdict,
      ...(flow.cause !== undefined && { cause: flow.cause }),
      confidence: flow.confidence,
      ...(flow.owner !== undefined && { owner: flow.owner }),
      ...(flow.alternatives.length > 0 && { alternatives: flow.alternatives }),
      ...(flow.target.address !== undefined && { address: flow.target.address }),
      evidence: countOf(flow.evidence.length, 'step'),
      source: flow.source,
    },
  }
}

const kinds: Readonly<Record<Look, SarifKind>> = {
  forbidden: 'fail',
  wrong: 'fail',
  blocked: 'fail',
  degraded: 'fail',
  // Asked, and the answers do not decide: SARIF's word for it is `open`, which has nothing to do with a port.
  unknown: 'open',
  open: 'pass',
  closed: 'pass',
  'not-run': 'notApplicable',
  'not-required': 'notApplicable',
}

/** What is required and was not asked waits for a person, who has to prove it in another way. */
function kindOf(flow: FlowReport): SarifKind {
  const look = lookOf(flow)
  return look === 'not-run' && flow.necessity === 'required' ? 'review' : kinds[look]
}

/** The cause is the rule; a flow without one is held to what the plan expects of it. */
function ruleOf(flow: FlowReport): SarifFlowResult['ruleId'] {
  const look = lookOf(flow)
  if (look === 'forbidden') return 'forbidden-flow-open'
  if (kinds[look] === 'fail' || look === 'unknown') return flow.cause ?? 'undetermined'
  return flow.expect === 'closed' ? 'flow-closed' : 'flow-open'
}

/** The finding that stands for the flow says how bad it is; without one its need does. */
function levelOf(flow: FlowReport, findings: readonly Finding[]): SarifLevel {
  const rule = ruleOf(flow)
  const own = findings.filter(({ code, flows }) => code === rule && flows.includes(flow.flow))
  const worst = severities.find((severity) => own.some((finding) => finding.severity === severity))
  if (worst !== undefined) return levelOfSeverity(worst)
  return flow.verdict !== 'degraded' && (flow.necessity === 'required' || flow.expect === 'closed')
    ? 'error'
    : 'warning'
}

export function levelOfSeverity(severity: Severity): SarifLevel {
  switch (severity) {
    case 'critical':
    case 'high':
      return 'error'
    case 'medium':
      return 'warning'
    case 'low':
    case 'info':
      return 'note'
    default:
      return severity satisfies never
  }
}

/**
 * What tells a flow from all others and is the same in every run. A name's addresses change from day to day, so the
 * first leaves them out; the second keeps two addresses of one name apart.
 */
function fingerprintsOf(flow: FlowReport): Readonly<Record<string, string>> {
  const { address, ...named } = flow.target
  const stable: FlowTarget = named.name === undefined && named.pattern === undefined ? flow.target : named
  return {
    'posternFlow/v1': digest(flowKey({ ...flow, target: stable })),
    ...(address !== undefined && stable !== flow.target && { 'posternFlowAndAddress/v1': digest(flowKey(flow)) }),
  }
}

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
