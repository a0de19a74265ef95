import type { AuditOnWire, FlowOnWire } from '../model/auditOnWire.ts'
import type { AuditFlowReport, AuditReport } from '../model/auditReport.ts'
import { canonicalAddress } from '../model/cidr.ts'
import type { Finding } from '../model/finding.ts'
import { flowKey } from '../model/flow.ts'
import type { CheckReport, FlowReport } from '../model/report.ts'
import type { Site } from '../model/site.ts'
import { agreementOf } from './agreementOf.ts'
import { configurationDiffers, unknownDevices } from './onWireFindings.ts'

/** A flow that both have, with what the check saw of it. */
export interface JoinedFlow {
  readonly paper: AuditFlowReport
  readonly wire: FlowReport
  readonly on: FlowOnWire
}

/** An audit beside a check of the same site. */
export interface HeldAgainstWire {
  readonly flows: readonly AuditFlowReport[]
  readonly wire: AuditOnWire
  readonly findings: readonly Finding[]
}

/** So old a check may be before it is called old, in days. */
const oldAfterDays = 7
const dayMs = 86_400_000

/**
 * Holds what configurations say against what a check of the same site saw, flow by flow: those of one key, and those of
 * one name that the check found an address for.
 *
 * @param file how the report of the check is called
 * @param site for what addresses are called there
 */
export function onWire(
  { flows, startedAt }: Pick<AuditReport, 'flows' | 'startedAt'>,
  check: CheckReport,
  file: string,
  site: Pick<Site, 'hosts'>,
): HeldAgainstWire {
  const pairs = pairsOf(flows, check.flows)
  const joined = new Map<AuditFlowReport, JoinedFlow>()
  for (const [paper, some] of pairs) {
    const [first, ...others] = some.map((wire): JoinedFlow => ({ paper, wire, on: agreementOf(paper, wire) }))
    if (first === undefined) continue
    // Of several addresses of a name the one that tells most counts.
    const most = others.reduce((best, one) => (weightOf(one.on) < weightOf(best.on) ? one : best), first)
    joined.set(paper, most)
  }
  const both = [...joined.values()]
  const count = (...kinds: readonly FlowOnWire['agreement'][]): number =>
    both.filter(({ on }) => kinds.includes(on.agreement)).length
  const used = new Set([...pairs.values()].flat())
  const ageDays = Math.floor((Date.parse(startedAt) - Date.parse(check.startedAt)) / dayMs)
  const wire: AuditOnWire = {
    file,
    site: check.site,
    from: check.from,
    startedAt: check.startedAt,
    ageDays: Number.isFinite(ageDays) ? ageDays : 0,
    isOld: ageDays > oldAfterDays,
    both: both.length,
    agree: count('agrees'),
    unknownDevice: count('unknown-device'),
    configurationDiffers: count('configuration-differs'),
    settled: count('settled-open', 'settled-closed'),
    notTold: count('not-told'),
    settledRequired: both.filter(
      ({ on, paper }) => on.agreement === 'settled-open' && paper.expect === 'open' && paper.necessity === 'required',
    ).length,
    onlyOnPaper: flows.length - both.length,
    onlyOnWire: check.flows.length - used.size,
  }
  const named = namesIn(site)
  return {
    flows: flows.map((flow) => {
      const on = joined.get(flow)?.on
      return on === undefined ? flow : { ...flow, wire: on }
    }),
    wire,
    findings: [...unknownDevices(both, wire, named), ...configurationDiffers(both, wire)],
  }
}

const weights: readonly FlowOnWire['agreement'][] = [
  'unknown-device',
  'configuration-differs',
  'settled-closed',
  'settled-open',
  'agrees',
  'not-told',
]

function weightOf({ agreement }: FlowOnWire): number {
  return weights.indexOf(agreement)
}

/** The flows of a check by those of an audit: by all of their key, else by all of it but the address. */
function pairsOf(
  paper: readonly AuditFlowReport[],
  wire: readonly FlowReport[],
): ReadonlyMap<AuditFlowReport, readonly FlowReport[]> {
  const exactly = Map.groupBy(wire, flowKey)
  const wherever = Map.groupBy(wire, withoutAddress)
  const pairs = new Map<AuditFlowReport, readonly FlowReport[]>()
  for (const flow of paper) {
    const found = exactly.get(flowKey(flow)) ?? wherever.get(withoutAddress(flow))
    if (found !== undefined) pairs.set(flow, found)
  }
  return pairs
}

function withoutAddress(flow: AuditFlowReport | FlowReport): string {
  const { address: _, ...target } = flow.target
  return flowKey({ ...flow, target })
}

/** How addresses are called in the site: by the key of their host, and by themselves. */
function namesIn({ hosts }: Pick<Site, 'hosts'>): (address: string) => string {
  const names = new Map(
    Object.entries(hosts).flatMap(([key, { addresses }]) =>
      addresses.map((text) => [canonicalAddress(text) ?? text, key] as const),
    ),
  )
  return (address) => {
    const name = names.get(address)
    return name === undefined ? address : `${name} (${address})`
  }
}
