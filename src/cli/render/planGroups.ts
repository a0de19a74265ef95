import type { Flow, Phase } from '../../model/flow.ts'
import { groupBy, nameOf, portOf } from './flowWords.ts'
import type { Need } from './needs.ts'
import { needOf, needOrder } from './needs.ts'

/** Flows of one host or network that opens them, with the roles that make it do so. */
export interface PlanGroup {
  readonly from: string
  readonly roles: readonly string[]
  readonly flows: readonly Flow[]
}

/** A plan as it is told: what to open by who opens it, what stays on one host, what must stay closed. */
export interface PlanGroups {
  readonly open: readonly PlanGroup[]
  /** Conversations inside one host: no firewall is on their way, and none may let them out. */
  readonly local: readonly Flow[]
  readonly closed: readonly Flow[]
}

export function planGroups(flows: readonly Flow[]): PlanGroups {
  const closed = flows.filter(({ expect }) => expect === 'closed')
  const local = flows.filter(({ expect, direction }) => expect === 'open' && direction === 'local')
  const open = flows.filter(({ expect, direction }) => expect === 'open' && direction !== 'local')
  return {
    open: [...groupBy(open, ({ from }) => from)].map(([from, ofOne]) => ({
      from,
      roles: [...new Set(ofOne.map(({ fromRole }) => fromRole))].filter((role) => role !== from),
      flows: ofOne,
    })),
    local,
    closed,
  }
}

/** The condition of a flow in words; absent when it is always needed. */
export function conditionOf({ requiredWhen }: Pick<Flow, 'requiredWhen'>): string | undefined {
  return /^(always|never)\b/.test(requiredWhen) ? undefined : requiredWhen
}

/** Each fact that the site file does not settle, with the ids of the flows that depend on it. */
export function unsettledFacts(flows: readonly Flow[]): ReadonlyMap<string, readonly string[]> {
  const facts = new Map<string, Set<string>>()
  for (const { flow, unsettled } of flows) {
    for (const fact of unsettled) facts.set(fact, (facts.get(fact) ?? new Set()).add(flow))
  }
  return new Map([...facts].map(([fact, ids]) => [fact, [...ids]]))
}

/** Each page that flows were read from, with its date where it carries one, and the ids of its flows. */
export function sourcesOf(
  flows: readonly Flow[],
): readonly { readonly source: string; readonly ids: readonly string[] }[] {
  return [...groupBy(flows, sourceOf)].map(([source, ofOne]) => ({
    source,
    ids: [...new Set(ofOne.map(({ flow }) => flow))],
  }))
}

/** `page (2025-04-09)`, or the page alone when it carries no date. */
export function sourceOf({ source, asOf }: Pick<Flow, 'source' | 'asOf'>): string {
  return asOf === undefined ? source : `${source} (${asOf})`
}

/** Flows that one rule opens. */
export type Opening = readonly [Flow, ...Flow[]]

/** An opening is needed as much as the row that needs it most. */
export function mostNeededOf(opening: Opening): Need {
  return needOrder.find((need) => opening.some((flow) => needOf(flow) === need)) ?? needOf(opening[0])
}

/** An opening is needed whenever one of its rows needs it. */
export function phaseOf(opening: Opening): Phase | undefined {
  const [phase, ...others] = new Set(opening.flatMap((flow) => flow.phase ?? []))
  return others.length > 0 ? 'setup+runtime' : phase
}

/**
 * Puts flows of one host or network together that one rule opens: several rows of the catalog that ask for the same
 * name, address, port and transport of the same end. The first stands for all; none is lost.
 */
export function sharedOpenings(flows: readonly Flow[]): readonly Opening[] {
  const groups = groupBy(flows, ({ from, to, target }) =>
    [from, to, nameOf(target), target.address ?? '', portOf(target)].join('\n'),
  )
  return [...groups.values()].flatMap(([first, ...others]) => (first === undefined ? [] : [[first, ...others]]))
}

/** Why a row is there: what it is for, when, for which features, and what it stands in for. The same for all its flows. */
export function reasonsOf(flow: Flow): readonly string[] {
  const { purpose, features, unsettled, fallbackFor } = flow
  const condition = conditionOf(flow)
  return [
    purpose,
    ...(condition === undefined ? [] : [`condition: ${condition}`]),
    ...(unsettled.length === 0 ? [] : [`not settled: ${unsettled.join(', ')}`]),
    ...(features.length === 0 ? [] : [`for ${features.join(', ')}`]),
    ...(fallbackFor === undefined ? [] : [`stands in for ${fallbackFor}`]),
  ]
}

/** How one target is dialled, where that is not plain from its name and port. */
export function dialRemarksOf({ target }: Flow): readonly string[] {
  const { name, pattern, nameFrom, plannedPort, undialled, address } = target
  const dialled = pattern !== undefined && name !== undefined && name !== pattern
  return [
    ...(dialled ? [`checked by ${name}${nameFrom === undefined ? '' : ` (${nameFrom})`}`] : []),
    ...(undialled === undefined ? [] : [`not checked: ${undialled}`]),
    ...(plannedPort === undefined
      ? []
      : [`port ${plannedPort} mapped by names:${address === undefined ? '' : ` to ${address}`}`]),
  ]
}
