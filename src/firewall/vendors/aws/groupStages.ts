import { addressesOf, mergedRanges, unknownAddresses } from '../../addresses.ts'
import type { Rule, Stage } from '../../ruleset.ts'
import type { Span } from '../../source.ts'
import type { Unknown } from '../../unknown.ts'
import { attachmentsOf } from '../attachments.ts'
import { unknownRule } from './describedGroups.ts'
import type { Estate, Group, GroupRule } from './estate.ts'
import type { Members } from './members.ts'
import { allBut, titleOf } from './members.ts'
import { neverFiltered } from './neverFiltered.ts'

interface Built {
  readonly stages: readonly Stage[]
  readonly chains: Readonly<Record<string, readonly Rule[]>>
}

/**
 * Stages of security groups. All groups of a card make one list of allows (Amazon VPC guide: security group rules), so
 * each set of groups that some card has is a stage of its own, which jumps to the list of each group. Where nobody
 * knows which groups a card has, two bounds say what is sure: what none of the groups allows is dropped, and what all
 * of them allow is allowed.
 */
export function groupStages(
  estate: Estate,
  members: Members,
  isEgress: boolean,
  rulesOf: ReadonlyMap<string, readonly GroupRule[]>,
): Built {
  const groups = [...estate.groups.values()]
  const way = isEgress ? 'egress' : 'ingress'
  const chains: Record<string, Rule[]> = {}
  for (const group of groups) {
    chains[chainOf(group, way)] = (rulesOf.get(group.id) ?? [])
      .filter((rule) => rule.isEgress === isEgress)
      .map((rule) => irRule(rule, members))
  }
  const [only] = groups
  if (only === undefined) return { stages: [], chains }
  const { span } = only
  const stages: Stage[] = []
  const add = (name: string, of: readonly Rule[], attachedTo?: Stage['attachedTo']): void => {
    const chain = `${name}, ${way} (${stages.length + 1})`
    chains[chain] = [...neverFiltered(estate, isEgress, span), ...of]
    stages.push(stageOf(`${name}, ${way}`, chain, isEgress, attachedTo))
  }
  const jump = (group: Group, unknowns: readonly Unknown[] = []): Rule => ({
    name: titleOf(group),
    span: group.span,
    match: {},
    action: { kind: 'jump', chain: chainOf(group, way) },
    unknowns,
    implied: true,
  })
  if (groups.length === 1 && !members.isAnythingKnown) {
    add(`security group ${titleOf(only)}`, [jump(only)])
    return { stages, chains }
  }
  const because: Unknown = {
    kind: 'place',
    what: `which security groups are attached to the machine: ${members.isAnythingKnown ? 'no network interface in the files has its address' : 'no file says it'}`,
  }
  for (const { ranges, sure, possible } of attachmentsOf(itemsOf(groups, members))) {
    if (sure.length > 0) {
      const name = `security group${sure.length === 1 ? '' : 's'} ${sure.map(titleOf).join(', ')}`
      add(
        name,
        [...sure.map((group) => jump(group)), ...possible.map((group) => jump(group, [because]))],
        addressesOf(ranges),
      )
      continue
    }
    const nobodyKnows = unknownAddresses(because, ranges)
    // Without any word about attachments the files are the device: one of their groups it is. Else it may be none.
    const bound = members.isAnythingKnown ? nobodyKnows : addressesOf(ranges)
    add(
      'any of the security groups',
      possible.map((group) => jump(group)),
      bound,
    )
    for (const group of possible) add(`security group ${titleOf(group)}`, [jump(group)], nobodyKnows)
  }
  return { stages, chains }
}

function stageOf(name: string, chain: string, isEgress: boolean, attachedTo: Stage['attachedTo']): Stage {
  return {
    name,
    hook: isEgress ? 'output' : 'input',
    kind: 'filter',
    chain,
    otherwise: { action: 'drop', name: 'no rule of the security groups allows it' },
    stateful: true,
    addresses: 'current',
    ...(attachedTo !== undefined && { attachedTo }),
  }
}

function itemsOf(groups: readonly Group[], members: Members) {
  return groups.map((item) => {
    const { sure, shared } = members.attached(item.id)
    const within = mergedRanges([...allBut([...members.settled, ...sure]), ...shared])
    const because: Unknown = { kind: 'place', what: `where ${titleOf(item)} is attached` }
    return { item, addresses: { sure, possible: within.length === 0 ? [] : [{ within, because }] } }
  })
}

function chainOf({ id }: Group, way: string): string {
  return `${id} ${way}`
}

function irRule(rule: GroupRule, members: Members): Rule {
  const far = members.peer(rule.peer)
  return {
    name: rule.name,
    span: rule.span,
    match: { ...rule.traffic, ...(rule.isEgress ? { destination: far } : { source: far }) },
    action: { kind: 'allow' },
    unknowns: rule.unknowns,
    ...(rule.comment !== undefined && { comment: rule.comment }),
    ...(rule.implied === true && { implied: true as const }),
  }
}

/**
 * The rules of each group, from both exports that show rules. One that stands in one of the two alone is doubtful: they
 * were made at different times, or one of them was filtered.
 */
export function rulesByGroup(estate: Estate): ReadonlyMap<string, readonly GroupRule[]> {
  const found = new Map<string, GroupRule[]>()
  const described = new Set(estate.groups.keys())
  addUnseenGroups(estate)
  const inBoth = new Set(estate.listedRules.map(({ group }) => group).filter((group) => described.has(group)))
  const keyOf = ({ group, isEgress, says }: GroupRule): string => `${group} ${isEgress} ${says}`
  const listed = new Set(estate.listedRules.map(keyOf))
  const permitted = new Set(estate.rules.map(keyOf))
  const add = (rule: GroupRule, isDoubtful: boolean): void => {
    const doubt: Unknown = { kind: 'other', what: 'which of two exports is right: only one of them has this rule' }
    const rules = found.get(rule.group) ?? []
    rules.push(isDoubtful ? { ...rule, unknowns: [...rule.unknowns, doubt] } : rule)
    found.set(rule.group, rules)
  }
  // The list has the rules' own ids, by which the console calls them.
  for (const rule of estate.listedRules) add(rule, inBoth.has(rule.group) && !permitted.has(keyOf(rule)))
  for (const rule of estate.rules) {
    if (!inBoth.has(rule.group)) add(rule, false)
    else if (!listed.has(keyOf(rule))) add(rule, true)
  }
  return found
}

/**
 * Groups that no file shows: those that a card has, those to which a template adds rules, and those that a list of rules
 * alone names. Of the first two there are rules that nobody knows.
 */
function addUnseenGroups(estate: Estate): void {
  const add = (id: string, span: Span, isListed: boolean): void => {
    if (estate.groups.has(id)) return
    estate.groups.set(id, { id, name: id, span })
    if (isListed) return
    const what = `the rules of the security group ${id}, which is not in the files`
    for (const isEgress of [false, true]) {
      estate.rules.push({ ...unknownRule(id, isEgress, span, what), unknowns: [{ kind: 'reference', what }] })
    }
  }
  for (const { group, span } of estate.listedRules) add(group, span, true)
  for (const { group, span } of [...estate.rules]) add(group, span, false)
  for (const { groups = [], span } of estate.cards.values()) for (const id of groups) add(id, span, false)
}
