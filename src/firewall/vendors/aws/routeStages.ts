import type { AddressRange } from '../../addresses.ts'
import { addressesOf, mergedRanges, rangesWithout, unknownAddresses } from '../../addresses.ts'
import type { ReadingHints } from '../../reader.ts'
import type { Rule, Stage } from '../../ruleset.ts'
import type { Unknown } from '../../unknown.ts'
import { attachmentsOf } from '../attachments.ts'
import type { Estate, RouteTable, TableRoute } from './estate.ts'
import { addressesOfList, allBut, titleOf } from './members.ts'

/**
 * Stages of route tables, which are chosen by the subnet of the source: a list from the longest prefix to the shortest,
 * static routes before propagated ones (Amazon VPC guide: route priority). An internet gateway carries IPv4 only of
 * network interfaces that have a public address.
 */
export function routeStages(
  estate: Estate,
  hints: ReadingHints,
): { readonly stages: readonly Stage[]; readonly chains: Readonly<Record<string, readonly Rule[]>> } {
  const tables = [...estate.tables.values()]
  const chains: Record<string, readonly Rule[]> = {}
  const stages: Stage[] = []
  for (const table of tables) chains[`routes of ${table.id}`] = chainOf(table, estate, hints)
  const add = (table: RouteTable, attachedTo?: Stage['attachedTo']): void => {
    stages.push({
      name: `route table ${titleOf(table)}`,
      hook: 'output',
      kind: 'filter',
      chain: `routes of ${table.id}`,
      otherwise: { action: 'drop', name: 'no route' },
      // Answers to what comes in need a route as well.
      stateful: false,
      addresses: 'current',
      ...(attachedTo !== undefined && { attachedTo }),
    })
  }
  const [only] = tables
  if (only !== undefined && tables.length === 1) {
    add(only)
    return { stages, chains }
  }
  const associated = new Set(tables.flatMap(({ subnets }) => subnets))
  const blocksOf = (id: string): readonly AddressRange[] => estate.subnets.get(id)?.ranges ?? hints.places[id] ?? []
  const blocks = tables.map((table) => {
    const implicit = [...estate.subnets.values()].filter(({ id, vpc }) => !associated.has(id) && table.vpc === vpc)
    return mergedRanges([
      ...table.subnets.flatMap(blocksOf),
      ...(table.isMain ? implicit.flatMap(({ ranges }) => ranges) : []),
    ])
  })
  const elsewhere = allBut(blocks.flat())
  const items = tables.map((table, at) => {
    const because: Unknown = {
      kind: 'place',
      what: `whether the machine is in a subnet of the route table ${titleOf(table)}`,
    }
    const isWhole = !table.isMain && table.subnets.every((id) => blocksOf(id).length > 0)
    const possible = isWhole ? [] : [{ within: elsewhere, because }]
    return { item: { table, because }, addresses: { sure: blocks[at] ?? [], possible } }
  })
  for (const { ranges, sure, possible } of attachmentsOf(items)) {
    const [one] = sure
    if (one !== undefined && sure.length === 1 && possible.length === 0) add(one.table, addressesOf(ranges))
    else for (const { table, because } of [...sure, ...possible]) add(table, unknownAddresses(because, ranges))
  }
  return { stages, chains }
}

function chainOf(table: RouteTable, estate: Estate, hints: ReadingHints): readonly Rule[] {
  const expanded = table.routes.flatMap((route) => {
    if (route.list === undefined) return [{ route, to: route.to, unknowns: [] }]
    const { sure, possible } = addressesOfList(route.list, estate, hints)
    return [
      ...sure.map((to) => ({ route, to, unknowns: [] })),
      // Of unknown length: asked first, as something that may match.
      ...possible.map(({ because }) => ({ route, to: undefined, unknowns: [because] })),
    ]
  })
  const size = (to: AddressRange | undefined): bigint => (to === undefined ? -1n : to.last - to.first)
  return expanded
    .toSorted((a, b) => {
      const [one, other] = [size(a.to), size(b.to)]
      return one < other ? -1 : one > other ? 1 : Number(a.route.isPropagated) - Number(b.route.isPropagated)
    })
    .flatMap(({ route, to, unknowns }) => rulesOf(route, to, unknowns, estate))
}

function rulesOf(
  route: TableRoute,
  to: AddressRange | undefined,
  unknowns: readonly Unknown[],
  estate: Estate,
): readonly Rule[] {
  const target = route.out ?? 'its target'
  const base = { span: route.span, match: { ...(to !== undefined && { destination: addressesOf([to]) }) } }
  if (route.kind !== 'unicast')
    return [{ ...base, name: `${target}, which is gone`, action: { kind: 'drop' }, unknowns }]
  const through: Rule = { ...base, name: target, action: { kind: 'allow' }, unknowns }
  if (!target.startsWith('igw-') || to?.family === 6) return [through]
  const cards = [...estate.cards.values()]
  const isPublic = mergedRanges(
    cards.flatMap((card) => (card.publicly.length > 0 ? [...card.privately, ...card.publicly] : [])),
  )
  const isKnown = mergedRanges(cards.flatMap(({ privately, publicly }) => [...privately, ...publicly]))
  const because: Unknown = {
    kind: 'place',
    what: `whether the machine has a public IPv4 address, without which ${target} carries nothing: no network interface in the files has its address`,
  }
  const family4 = { ...base.match, family: 4 as const }
  return [
    { ...through, match: { ...family4, source: addressesOf(isPublic) } },
    {
      ...through,
      name: `${target}, without a public address`,
      match: { ...family4, source: addressesOf(rangesWithout(isKnown, isPublic)) },
      action: { kind: 'drop' },
    },
    // Where the files have no card of the machine, it may have one or not: it is allowed or dropped here.
    { ...through, match: { ...family4, source: unknownAddresses(because, allBut(isKnown)) } },
    { ...through, name: `${target}, without a public address`, match: family4, action: { kind: 'drop' } },
    { ...through, match: { ...base.match, family: 6 } },
  ]
}
