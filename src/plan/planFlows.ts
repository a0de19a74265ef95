import type { FlowRow } from '../catalog/index.ts'
import { flowRows } from '../catalog/index.ts'
import type { Flow, FlowTarget, Necessity, Phase } from '../model/flow.ts'
import { flowKey } from '../model/flow.ts'
import type { Role } from '../model/role.ts'
import type { OwnFlow, Site } from '../model/site.ts'
import type { Need } from './conditionOf.ts'
import { conditionOf } from './conditionOf.ts'
import type { End } from './endsOf.ts'
import { endsNamed, endsOf } from './endsOf.ts'
import { ownServiceOf } from './ownServiceOf.ts'
import { servedAt } from './servedAt.ts'
import { targetsOf } from './targetsOf.ts'

/**
 * Crosses a site with the catalog: every flow that its roles, features, cloud and facts call for, the flows that must
 * be closed, and the user's own. In the order of the catalog, then of the site file; the same site gives the same list.
 */
export function planFlows(site: Site): readonly Flow[] {
  const planned = new Map<string, Flow>()
  const flows = [
    ...flowRows.flatMap((row) => flowsOfRow(site, row)),
    ...site.flows.flatMap((own) => flowsOfOwn(site, own)),
  ]
  for (const flow of flows) {
    const via = proxyOf(site, flow)
    // What goes through a proxy is asked for by the name and port that Microsoft gives: where those are, the proxy finds.
    const mapped = via === undefined ? { ...flow, target: servedAt(site.names, flow.target) } : { ...flow, via }
    const key = flowKey(mapped)
    if (!planned.has(key)) planned.set(key, mapped)
  }
  return [...planned.values()]
}

function flowsOfRow(site: Site, row: FlowRow): Flow[] {
  const flows: Flow[] = []
  for (const from of endsOf(site, row.from)) {
    if (from.kind === 'nobody') continue
    const need = conditionOf(site, row.condition, from.name)
    if (need.holds === 'no') continue
    for (const to of acceptors(site, row, from)) {
      for (const pair of row.pairs) {
        for (const { target, optional } of targetsOf(site, row, pair, from.name, to)) {
          flows.push(flowOf(site, row, need, from, to, target, optional))
        }
      }
    }
  }
  return flows
}

/**
 * The proxy that a host sends a flow through. What must be closed is knocked at directly: a way past the proxy is what it
 * is closed against.
 */
function proxyOf(site: Site, { from, direction, expect, target }: Flow): string | undefined {
  if (direction !== 'outbound-internet' || expect === 'closed' || target.transport !== 'tcp') return undefined
  return Object.entries(site.proxies).find(([, { usedBy }]) => usedBy.includes(from))?.[0]
}

/**
 * Who accepts: a local row stays on the host where that plays both roles, every other row never does. A role that nobody
 * plays is a gap, and none where there is nothing but to be closed.
 */
function acceptors(site: Site, row: FlowRow, from: End): readonly End[] {
  const closed = row.necessity === 'not-required'
  const ends = endsOf(site, row.to).filter(({ kind }) => !closed || kind !== 'nobody')
  if (row.direction !== 'local') return ends.filter(({ name }) => name !== from.name)
  const itself = ends.filter(({ name }) => name === from.name)
  return itself.length > 0 ? itself : ends
}

function flowOf(
  site: Site,
  row: FlowRow,
  need: Need & { holds: 'yes' | 'unknown' },
  from: End,
  to: End,
  target: FlowTarget,
  optional: boolean,
): Flow {
  const phase = phaseAt(site, row)
  return {
    flow: row.id,
    from: from.name,
    fromRole: row.from,
    fromAddresses: addressesOf(from),
    // A proxy outside the site's hosts is called by what the site file calls it: its name or address.
    to: to.kind === 'nobody' ? (target.name ?? target.address ?? to.name) : to.name,
    toRole: row.to,
    target,
    necessity: necessityAt(row, need, optional),
    expect: row.necessity === 'not-required' ? 'closed' : 'open',
    direction: row.direction,
    ...(phase !== undefined && { phase }),
    table: row.table,
    purpose: row.purpose,
    requiredWhen: row.requiredWhen,
    features: need.features,
    unsettled: need.unsettled,
    ...(row.fallbackFor !== undefined && { fallbackFor: row.fallbackFor }),
    notes: row.notes.map(({ text }) => text),
    source: row.source,
    asOf: row.asOf,
  }
}

/** A row that is needed daily for some features only is a set-up row where those are off. */
function phaseAt(site: Site, row: FlowRow): Phase | undefined {
  if (row.phase === 'setup+runtime' && row.runtimeFeatures !== undefined) {
    return row.runtimeFeatures.some((feature) => site.features.includes(feature)) ? 'setup+runtime' : 'setup'
  }
  return row.phase
}

/** What the page says, settled by the site: a condition that holds makes a row required, one that nobody settled leaves it open. */
function necessityAt(row: FlowRow, need: Need & { holds: 'yes' | 'unknown' }, optional: boolean): Necessity {
  if (row.necessity !== 'required' && row.necessity !== 'conditional') return row.necessity
  if (need.holds === 'unknown') return 'conditional'
  return optional ? 'optional' : 'required'
}

function flowsOfOwn(site: Site, own: OwnFlow): Flow[] {
  const flows: Flow[] = []
  for (const from of endsNamed(site, own.from)) {
    for (const to of endsNamed(site, own.to)) {
      if (from.name === to.name) continue
      for (const port of own.ports) {
        for (const transport of own.transport) {
          for (const target of ownTargets(own, to, port, transport)) {
            flows.push({
              flow: own.id,
              from: from.name,
              fromRole: roleOf(from),
              fromAddresses: addressesOf(from),
              to: to.name,
              toRole: roleOf(to),
              target,
              necessity: own.forbid ? 'not-required' : 'required',
              expect: own.forbid ? 'closed' : 'open',
              direction: own.direction ?? 'internal',
              phase: own.phase ?? 'runtime',
              table: 'own',
              purpose: own.purpose ?? (own.forbid ? 'forbidden by the site file' : 'the site’s own flow'),
              requiredWhen: 'the site file says so',
              features: [],
              unsettled: [],
              notes: [],
              source: 'the site file',
            })
          }
        }
      }
    }
  }
  return flows
}

function addressesOf(end: End): readonly string[] {
  switch (end.kind) {
    case 'host':
      return end.host.addresses
    case 'network':
      return end.prefixes
    case 'cloud':
    case 'internet':
    case 'nobody':
      return []
    default:
      return end satisfies never
  }
}

/** The first role of a host or network stands for it; a flow of one's own is bound to the end, not to the role. */
function roleOf(end: End): Role {
  switch (end.kind) {
    case 'host':
      return end.host.roles[0] ?? 'any'
    case 'network':
      return 'any'
    case 'internet':
    case 'cloud':
    case 'nobody':
      return end.name
    default:
      return end satisfies never
  }
}

function ownTargets(own: OwnFlow, to: End, port: number, transport: 'tcp' | 'udp'): FlowTarget[] {
  const service = ownServiceOf(own, port, transport)
  const base = { port, transport, service, ...(own.path !== undefined && { path: own.path }) }
  if (to.kind !== 'host') return [{ ...base, undialled: `${to.name} is not one host` }]
  const name = to.host.name ?? (to.name.includes('.') ? to.name : undefined)
  const named = { ...(name !== undefined && { name }), ...base }
  if (to.host.addresses.length === 0) return [name === undefined ? { ...named, name: to.name } : named]
  return to.host.addresses.map((address) => ({ ...named, address }))
}
