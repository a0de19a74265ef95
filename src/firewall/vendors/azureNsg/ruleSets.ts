import type { Addresses } from '../../addresses.ts'
import { addressesOf, everyAddress, mergedRanges, outsideOf, rangesWithout, unionOf } from '../../addresses.ts'
import type { Rule, RuleSet, Stage } from '../../ruleset.ts'
import type { Span } from '../../source.ts'
import type { Unknown } from '../../unknown.ts'
import { privateSpace } from '../azure/addressTexts.ts'
import { pastGroups } from './chains.ts'
import type { Published } from './network.ts'
import type { Attachment, SecurityGroup } from './securityGroups.ts'
import type { Direction } from './securityRule.ts'

type Chains = Readonly<Record<Direction, readonly Rule[]>>

/** A group with its rules, where its packets are filtered. */
export interface Guard {
  readonly name: string
  readonly chains: Chains
  readonly level: 'subnet' | 'interface'
  /** Absent: every machine that is asked about. */
  readonly attachedTo?: Addresses
}

const hookOf = { Inbound: 'input', Outbound: 'output' } as const

/**
 * The rule set of machines behind some groups. Coming in, a packet meets the group of the subnet, then that of the
 * interface; going out, the other way round; both must let it pass, also between machines of one subnet.
 */
export function ruleSetOf(
  name: string,
  guards: readonly Guard[],
  admin: Chains | undefined,
  doubts: readonly Unknown[],
  elsewhere?: Elsewhere,
  published: readonly Published[] = [],
): RuleSet {
  const chains: Record<string, readonly Rule[]> = {}
  const stages: Stage[] = []
  const always = [...(admin?.Inbound ?? []), ...(admin?.Outbound ?? [])].find(({ sets }) => sets !== undefined)
  const add = (title: string, direction: Direction, rules: readonly Rule[], more: Partial<Stage>): void => {
    const first = `${title}, ${direction.toLowerCase()}`
    let chain = first
    for (let number = 2; chains[chain] !== undefined && chains[chain] !== rules; number += 1)
      chain = `${first} (${number})`
    chains[chain] = rules
    stages.push({
      name: chain,
      hook: hookOf[direction],
      kind: 'filter',
      chain,
      otherwise: { action: 'drop', name: 'no rule' },
      stateful: true,
      addresses: 'current',
      ...more,
    })
  }
  const inOrder = { Inbound: ['subnet', 'interface'], Outbound: ['interface', 'subnet'] } as const
  const translated = (direction: Direction): void => {
    if (published.length === 0) return
    const kind = direction === 'Inbound' ? 'destination-nat' : 'source-nat'
    const otherwise = { action: 'allow', name: 'no public address of its own' } as const
    add(
      'public addresses',
      direction,
      published.map((one) => translation(one, direction)),
      { kind, otherwise },
    )
  }
  for (const direction of ['Inbound', 'Outbound'] as const) {
    if (direction === 'Inbound') translated(direction)
    if (admin !== undefined) {
      const otherwise = { action: 'allow', name: 'no security admin rule' } as const
      add('security admin rules', direction, admin[direction], { otherwise })
    }
    if (elsewhere !== undefined) {
      const otherwise = { action: 'allow', name: 'no network security group' } as const
      add('NSG of other places', direction, elsewhere.rules, { otherwise, attachedTo: elsewhere.addresses })
    }
    for (const level of inOrder[direction]) {
      for (const guard of guards) {
        if (guard.level !== level) continue
        const own = guard.chains[direction]
        const rules = always === undefined ? own : [pastGroups(always.span), ...own]
        add(
          `NSG ${guard.name}`,
          direction,
          rules,
          guard.attachedTo === undefined ? {} : { attachedTo: guard.attachedTo },
        )
      }
    }
    if (direction === 'Outbound') translated(direction)
  }
  return { vendor: 'azure-nsg', name, stages, chains, places: [], doubts }
}

/** What goes on inside keeps its private address. */
const outward = { destination: outsideOf(addressesOf(privateSpace)) }

function translation({ privately, publicly, resource }: Published, direction: Direction): Rule {
  const isInbound = direction === 'Inbound'
  return {
    name: `public address of ${resource.name}`,
    span: resource.span(),
    match: isInbound ? { destination: addressesOf([publicly]) } : { source: addressesOf([privately]), ...outward },
    action: isInbound
      ? { kind: 'translate', destination: { to: [privately] } }
      : { kind: 'translate', source: { to: [publicly] } },
    unknowns: [],
    implied: true,
  }
}

/** Groups of one network, and those of which the files do not tell what they guard. */
export interface Placed {
  readonly together: readonly { readonly group: SecurityGroup; readonly levels: readonly Level[] }[]
  readonly alone: readonly SecurityGroup[]
}

interface Level {
  readonly level: Attachment['level']
  readonly attachedTo: Addresses
}

/**
 * Groups that are attached to known addresses guard one network together. A group at an interface without a known
 * address may guard any machine of its subnet. A group of which nothing is known stands alone, and is asked as the
 * group of whatever machine is asked about.
 */
export function placed(groups: readonly SecurityGroup[], known: Addresses): Placed {
  const isKnown = ({ attachments }: SecurityGroup): boolean => attachments.some(({ ranges }) => ranges.length > 0)
  if (!groups.some(isKnown)) return { together: [], alone: groups }
  const mayBe = (group: SecurityGroup): boolean =>
    isKnown(group) || group.attachments.some(({ level }) => level === 'interface')
  return {
    together: groups.filter(mayBe).map((group) => ({ group, levels: levelsOf(group, known) })),
    alone: groups.filter((group) => !mayBe(group)),
  }
}

function levelsOf({ name, attachments }: SecurityGroup, known: Addresses): readonly Level[] {
  return (['subnet', 'interface'] as const).flatMap((level) => {
    const own = attachments.filter((attachment) => attachment.level === level)
    if (own.length === 0) return []
    const because: Unknown = { kind: 'place', what: `which machines the network security group ${name} guards` }
    const possible = own
      .filter(({ ranges }) => ranges.length === 0)
      .map(({ within }) => {
        const all = everyAddress().sure
        // A subnet that is not told is none of those that are.
        const most = level === 'subnet' ? rangesWithout(all, known.sure) : (within ?? all)
        return { within: most, because }
      })
    return [{ level, attachedTo: { sure: mergedRanges(own.flatMap(({ ranges }) => ranges)), possible } }]
  })
}

/** Addresses of which no file tells what guards them, and the rule that says so. */
export interface Elsewhere {
  readonly addresses: Addresses
  readonly rules: readonly Rule[]
}

export function elsewhereOf(known: Addresses, behindOthers: Addresses, span: Span): Elsewhere {
  const because: Unknown = { kind: 'place', what: 'a network security group or subnet that is not in these files' }
  const name = 'group that is not in these files'
  return {
    addresses: unionOf([outsideOf(known), behindOthers]),
    rules: [{ name, span, match: {}, action: { kind: 'unknown' }, unknowns: [because], implied: true }],
  }
}

/** All addresses whose subnet or interface the files tell. */
export function knownPlaces(ranges: readonly Addresses['sure'][]): Addresses {
  return addressesOf(ranges.flat())
}
