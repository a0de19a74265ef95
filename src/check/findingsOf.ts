import type { Finding, Severity } from '../model/finding.ts'
import { severities } from '../model/finding.ts'
import type { FlowReport } from '../model/report.ts'
import { findingRows } from './findingRows.ts'

/**
 * What a person has to look at, one finding for one cause at one place: ten flows that fail at the same address for
 * the same reason are one finding with ten flows. A network where all is well has none.
 */
export function findingsOf(flows: readonly FlowReport[]): readonly Finding[] {
  const found = new Map<string, { finding: Finding; flows: Set<string> }>()
  for (const flow of flows) {
    const finding = findingOf(flow)
    if (finding === undefined) continue
    const key = `${finding.code}|${finding.where.target}`
    const same = found.get(key)
    if (same === undefined) {
      found.set(key, { finding, flows: new Set([flow.flow]) })
      continue
    }
    same.flows.add(flow.flow)
    if (rank(finding.severity) < rank(same.finding.severity)) same.finding = finding
  }
  return [...found.values()]
    .map(({ finding, flows: ids }) => ({ ...finding, flows: [...ids] }))
    .sort((a, b) => rank(a.severity) - rank(b.severity))
}

const rank = (severity: Severity): number => severities.indexOf(severity)

function findingOf(flow: FlowReport): Finding | undefined {
  const where = { flow: flow.flow, target: placeOf(flow) }
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
  const port = target.port ?? (target.range ? `${target.range.first}-${target.range.last}` : 'any')
  const host = target.name ?? target.pattern ?? target.address ?? '?'
  const address = target.address !== undefined && target.address !== host ? ` (${target.address})` : ''
  return `${target.transport}/${port} ${host}${address}`
}
