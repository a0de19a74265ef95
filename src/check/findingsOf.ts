import type { CauseCode } from '../model/cause.ts'
import type { Finding, Severity } from '../model/finding.ts'
import { severities } from '../model/finding.ts'
import { portText } from '../model/flow.ts'
import type { FlowReport } from '../model/report.ts'
import { findingRows } from './findingRows.ts'

/**
 * What a person has to look at, one finding for one cause at one place: ten flows that fail at the same address for
 * the same reason are one finding with ten flows, and so are all flows that wait for one dead resolver. A network where
 * all is well has none.
 */
export function findingsOf(flows: readonly FlowReport[]): readonly Finding[] {
  const found = new Map<string, Group>()
  for (const flow of flows) {
    const finding = findingOf(flow)
    if (finding === undefined) continue
    const target = placeOf(flow)
    const key = `${finding.code}|${finding.where.target}`
    const same = found.get(key)
    if (same === undefined) {
      found.set(key, { finding, flows: new Set([flow.flow]), targets: new Set([target]) })
      continue
    }
    same.flows.add(flow.flow)
    same.targets.add(target)
    if (rank(finding.severity) < rank(same.finding.severity)) same.finding = finding
  }
  return [...found.values()]
    .map(({ finding, flows: ids, targets }) => ({
      ...finding,
      what: finding.what + alsoAt(targets),
      flows: [...ids],
    }))
    .sort((a, b) => rank(a.severity) - rank(b.severity))
}

interface Group {
  finding: Finding
  readonly flows: Set<string>
  /** The places of its flows, when the finding is about something that several of them share. */
  readonly targets: Set<string>
}

function alsoAt(targets: ReadonlySet<string>): string {
  return targets.size > 1
    ? ` (${targets.size} targets: ${[...targets].slice(0, 3).join(', ')}${targets.size > 3 ? ', …' : ''})`
    : ''
}

const rank = (severity: Severity): number => severities.indexOf(severity)

function findingOf(flow: FlowReport): Finding | undefined {
  const where = { flow: flow.flow, target: sharedPlaceOf(flow) ?? placeOf(flow) }
  if (flow.expect === 'closed') {
    if (flow.verdict !== 'open') return undefined
    return {
      code: 'forbidden-flow-open',
      severity: findingRows['forbidden-flow-open'].severity,
      what: `${where.target} answers from ${flow.from} and must be closed`,
      where,
      why: flow.purpose,
      next: flow.fix ?? findingRows['forbidden-flow-open'].fix,
      flows: [flow.flow],
    }
  }
  const severity = severityOf(flow)
  if (severity === undefined) return undefined
  return {
    code: flow.cause ?? 'undetermined',
    severity,
    what: flow.says,
    where,
    why: `${flow.purpose} (${flow.necessity}, ${flow.table === 'own' ? 'the site file' : `row ${flow.flow}`})`,
    next: flow.fix ?? flow.nextProbe ?? `postern explain ${flow.cause ?? 'undetermined'}`,
    flows: [flow.flow],
  }
}

/** How bad a verdict is for a flow of this necessity; undefined for what is well or was not asked. */
function severityOf({ verdict, necessity }: FlowReport): Severity | undefined {
  switch (verdict) {
    case 'open':
    case 'not-run':
    case 'not-required':
      return undefined
    case 'degraded':
      return necessity === 'required' ? 'medium' : 'low'
    case 'blocked':
    case 'wrong':
      return necessity === 'required' ? 'high' : necessity === 'conditional' ? 'medium' : 'low'
    case 'unknown':
      return necessity === 'required' ? 'medium' : 'low'
    default:
      return verdict satisfies never
  }
}

function placeOf({ target }: FlowReport): string {
  const host = target.name ?? target.pattern ?? target.address ?? '?'
  const address = target.address !== undefined && target.address !== host ? ` (${target.address})` : ''
  return `${target.transport}/${portText(target) ?? 'any'} ${host}${address}`
}

/** Where a cause lies before every target, the one thing that all flows which meet it have in common. */
const sharedPlaces: Readonly<Partial<Record<CauseCode, (flow: FlowReport) => string | undefined>>> = Object.freeze({
  'no-local-network': thisMachine,
  'clock-wrong': thisMachine,
  'resolver-unreachable': resolverOf,
  'resolver-slow': resolverOf,
  'dns-tcp-blocked': resolverOf,
  'dns-tampered': resolverOf,
  'interception-trusted': inspectorOf,
  'interception-untrusted': inspectorOf,
  'interception-partial': inspectorOf,
})

function sharedPlaceOf(flow: FlowReport): string | undefined {
  return flow.cause === undefined ? undefined : sharedPlaces[flow.cause]?.(flow)
}

function thisMachine({ from }: FlowReport): string {
  return from
}

/** The resolver that decided: a comparison with another one is no word against that. */
function resolverOf({ evidence, decidedBy }: FlowReport): string | undefined {
  const asked = evidence.find(
    (seen) =>
      seen.kind === 'name-lookup' && (seen.role === 'probe' || seen.role === 'repeat') && decidedBy.includes(seen.id),
  )
  if (asked?.kind !== 'name-lookup') return undefined
  return asked.resolver === 'system' ? "the platform's resolution" : `resolver ${asked.resolver}`
}

function inspectorOf({ learnt }: FlowReport): string | undefined {
  const issuer = learnt['certificateIssuer']
  return typeof issuer === 'string' ? `inspector "${issuer}"` : undefined
}
