import type { AddressRange } from '../../src/firewall/addresses.ts'
import { nothing } from '../../src/firewall/bdd.ts'
import { judge } from '../../src/firewall/judge.ts'
import type { AskedFlow, JudgedPart, Knowledge } from '../../src/firewall/judged.ts'
import type { NumberRange, RuleSet } from '../../src/firewall/ruleset.ts'
import { bddOutcomes, PacketBits } from './bddOutcomes.ts'
import type { Packet } from './packet.ts'
import { overAllChoices } from './packet.ts'
import type { Mix, Random } from './randomRuleSets.ts'
import { randomFlow, randomPacket, randomRuleSet, seeded } from './randomRuleSets.ts'
import { scanPacket } from './scanPacket.ts'
import { showPacket, showRuleSet } from './showRuleSet.ts'

const nothingKnown: Knowledge = { tag: () => undefined, name: () => undefined }

/** What every walk of a packet came to. */
type Outcomes = ReadonlySet<'allow' | 'drop' | 'reject'>

/** Packets that were held against rule sets, and how many of them had more than one outcome. */
export interface Agreed {
  readonly packets: number
  readonly open: number
}

const flowsPerSet = 4
const packetsPerFlow = 40
/** A walk with more choices than this says no more than one with as many, and takes long. */
const mostWalks = 600

/**
 * Holds the judge against the walk of single packets until so many packets were asked about.
 *
 * @throws Error with the rule set, the packet and both answers where they differ
 */
export function agree(mix: Mix, firstSeed: number, packets: number): Agreed {
  let asked = 0
  let open = 0
  for (let seed = firstSeed; asked < packets; seed += 1) {
    const agreed = agreeOnOne(mix, seeded(seed), `seed ${seed}`)
    asked += agreed.packets
    open += agreed.open
  }
  return { packets: asked, open }
}

/** The same for one rule set. @param label names it where they differ */
export function agreeOnOne(mix: Mix, random: Random, label: string): Agreed {
  // A rule that is met twice, for the answer too or by its tag, is the same both times, and what depends on it is
  // settled together; the judge takes each by itself, and calls open what is not.
  const isExact = mix.unknowns === 0 || (mix.stateful && !mix.tags)
  const ruleSet = randomRuleSet(random, mix)
  let packets = 0
  let open = 0
  for (let flows = 0; flows < flowsPerSet; flows += 1) {
    const flow = randomFlow(random, mix)
    const { parts } = judge(ruleSet, flow, mix.passage, nothingKnown)
    for (let at = 0; at < packetsPerFlow; at += 1) {
      const packet = randomPacket(random, flow)
      const walks = overAllChoices((choose) => scanPacket(ruleSet, mix.passage, packet, choose), mostWalks)
      if (walks === undefined) continue
      const outcomes: Outcomes = new Set(walks.map(({ end }) => end))
      const around = parts.filter((part) => hasPacket(part, packet))
      const wrong = difference(around, outcomes, isExact)
      if (wrong !== undefined) throw new Error(told(`${wrong} (${label})`, ruleSet, flow, packet, around, outcomes))
      packets += 1
      if (outcomes.size > 1) open += 1
    }
  }
  return { packets, open }
}

/**
 * Holds the judge against the walk of all packets at once, for one rule set: its parts are all of what was asked, and
 * none has a packet that comes to another end.
 *
 * @returns what is wrong, or undefined
 */
export function agreeOnAll(mix: Mix, random: Random): string | undefined {
  const ruleSet = randomRuleSet(random, mix)
  const flow = randomFlow(random, mix)
  const { parts } = judge(ruleSet, flow, 'forward', nothingKnown)
  const space = new PacketBits(flow.source[0]?.family ?? 4)
  const { bdd } = space
  const { allow, drop, reject } = bddOutcomes(space, ruleSet)
  const deny = bdd.or(drop, reject)
  let left = space.setOf({
    ...{ source: flow.source, destination: flow.destination ?? [], protocols: [protocolOf(parts[0])] },
    ...{ destinationPorts: portsOf(flow.ports), sourcePorts: portsOf([flow.sourcePorts ?? none]) },
  })
  for (const part of parts) {
    const { source, destination, verdict } = part
    const box = space.setOf({
      ...{ source, destination, protocols: [protocolOf(part)], destinationPorts: portsOf(part.ports) },
      sourcePorts: portsOf(part.sourcePorts ?? [flow.sourcePorts ?? none]),
    })
    left = bdd.without(left, box)
    const may = bdd.and(allow, deny)
    const due = verdict === 'allow' ? bdd.not(deny) : verdict === 'may' ? may : bdd.not(allow)
    if (bdd.without(box, due) !== nothing) return `${verdict} is wrong for part of it\n${showRuleSet(ruleSet)}`
  }
  return left === nothing ? undefined : `some packets are in no part\n${showRuleSet(ruleSet)}`

  /** A set of packets has ports for all protocols; what ICMP has there is left open. */
  function portsOf(ranges: readonly NumberRange[]): readonly NumberRange[] {
    return flow.transport === 'icmp' ? [{ first: 0, last: 65535 }] : ranges
  }
}

const none: NumberRange = { first: 0, last: 65535 }

function protocolOf(part: JudgedPart | undefined): NumberRange {
  const protocol = part?.protocol ?? 0
  return { first: protocol, last: protocol }
}

/** What is wrong about the parts in which a packet is, or undefined. */
function difference(parts: readonly JudgedPart[], outcomes: Outcomes, isExact: boolean): string | undefined {
  if (parts.length === 0) return 'it is in no part'
  const passes = outcomes.has('allow')
  const fails = outcomes.has('drop') || outcomes.has('reject')
  for (const { verdict } of parts) {
    switch (verdict) {
      case 'allow':
        if (fails) return 'allowed, and may be denied'
        break
      case 'drop':
      case 'reject':
        if (passes) return 'denied, and may pass'
        if (!outcomes.has(verdict)) return 'denied in another way'
        break
      case 'may':
      case 'unknown-ref':
        if (isExact && (!passes || !fails)) return 'called open, and there is one outcome'
        break
      case 'no-path':
        return 'there are no routes'
      default:
        verdict satisfies never
    }
  }
  return undefined
}

function hasPacket(part: JudgedPart, packet: Packet): boolean {
  return (
    part.family === packet.family &&
    part.protocol === packet.protocol &&
    hasAddress(part.source, packet.source) &&
    hasAddress(part.destination, packet.destination) &&
    hasPort(part.ports, packet.destinationPort) &&
    (part.sourcePorts === undefined || hasPort(part.sourcePorts, packet.sourcePort))
  )
}

function hasAddress(ranges: readonly AddressRange[], value: Packet['source']): boolean {
  for (const { first, last } of ranges) if (typeof value === 'bigint' && first <= value && value <= last) return true
  return false
}

function hasPort(ranges: readonly NumberRange[], value: Packet['sourcePort']): boolean {
  if (value === undefined) return true
  for (const { first, last } of ranges) if (typeof value === 'number' && first <= value && value <= last) return true
  return false
}

function told(
  wrong: string,
  ruleSet: RuleSet,
  flow: AskedFlow,
  packet: Packet,
  parts: readonly JudgedPart[],
  outcomes: Outcomes,
): string {
  const verdicts = parts.map(
    ({ verdict, decidedBy, dependsOn }) =>
      `${verdict} by ${decidedBy.map(({ rule, answer }) => (answer === true ? `${rule} for the answer` : rule)).join(', ')}${dependsOn.length === 0 ? '' : `, depends on ${dependsOn.map(({ what }) => what).join(', ')}`}`,
  )
  return [
    wrong,
    `packet ${showPacket(packet)}`,
    `of the flow ${flow.in ?? 'anywhere'} to ${flow.out ?? 'anywhere'}, ports ${JSON.stringify(flow.ports)}`,
    `the walk says ${[...outcomes].join(' or ')}`,
    `the judge says ${verdicts.join('; ')}`,
    showRuleSet(ruleSet),
  ].join('\n')
}
