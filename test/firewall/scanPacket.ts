import type { AddressRange } from '../../src/firewall/addresses.ts'
import type { Passage } from '../../src/firewall/judged.ts'
import type { Action, Hook, NumberRange, Rule, RuleSet, Stage, Translation } from '../../src/firewall/ruleset.ts'
import { addressHolds, matchesPacket, placeOf } from './matchesPacket.ts'
import type { Choose, Packet, ScannedAddress } from './packet.ts'

/** What became of one packet, and of the answer to it. */
export interface Scanned {
  readonly end: 'allow' | 'drop' | 'reject'
  /** The packet as it left the device, or as it was when it was ended. */
  readonly after: Packet
  /** Rules that ended stages, in the order in which they were met; `undefined` where none did. */
  readonly by: readonly (Rule | undefined)[]
}

const hooksOf: Readonly<Record<Passage, readonly Hook[]>> = {
  forward: ['prerouting', 'forward', 'postrouting'],
  input: ['prerouting', 'input'],
  output: ['output', 'postrouting'],
}
/** The answer to what comes in goes out, and the other way about. */
const answerHooksOf: Readonly<Record<Passage, readonly Hook[]>> = {
  forward: hooksOf.forward,
  input: hooksOf.output,
  output: hooksOf.input,
}
/** Addresses and ports of a pool that are tried one by one; of a larger one only its bounds are known. */
const mostTried = 64n

/**
 * Walks one packet through a rule set, rule by rule, as the docstrings of `ruleset.ts` say it, and then its answer
 * through the stages that do not remember. It shares no code with the judge: it is what the judge is held against.
 *
 * What the rule set leaves open is settled by `choose`; with {@link import('./packet.ts').overAllChoices} that gives
 * every outcome there can be.
 */
export function scanPacket(ruleSet: RuleSet, passage: Passage, packet: Packet, choose: Choose): Scanned {
  const came = atMachine(packet, passage)
  const first = pass(ruleSet, hooksOf[passage], came, came, choose, undefined)
  if (first.end !== 'allow') return first
  const answer = pass(ruleSet, answerHooksOf[passage], answerTo(first.after), answerTo(first.after), choose, came)
  if (answer.end !== 'allow') return { ...first, end: answer.end, by: [...first.by, ...answer.by] }
  if (packet.protocol !== 6) return first
  const later = pass(ruleSet, hooksOf[passage], goesOn(came), goesOn(came), choose, undefined, first.after)
  return { ...first, end: later.end, by: later.end === 'allow' ? first.by : [...first.by, ...later.by] }
}

/** What a machine sends comes in by no place, and what is for it goes out by none. */
function atMachine(packet: Packet, passage: Passage): Packet {
  if (passage === 'output') return { ...packet, in: '' }
  return passage === 'input' ? { ...packet, out: '' } : packet
}

/** What follows the answer over TCP: of a connection that is established, with ACK alone. */
function goesOn(packet: Packet): Packet {
  return { ...packet, state: 'established', flags: 0x10 }
}

function answerTo(packet: Packet): Packet {
  const { sourcePort, destinationPort, in: cameIn, out, icmp, ...rest } = packet
  return {
    ...rest,
    source: packet.destination,
    destination: packet.source,
    ...(destinationPort !== undefined && { sourcePort: destinationPort }),
    ...(sourcePort !== undefined && { destinationPort: sourcePort }),
    ...(out !== undefined && { in: out }),
    ...(cameIn !== undefined && { out: cameIn }),
    ...(icmp !== undefined && { icmp: { type: packet.family === 4 ? 0 : 129, code: 0 } }),
    state: 'established',
    flags: packet.protocol === 6 ? 0x12 : 0,
  }
}

function pass(
  ruleSet: RuleSet,
  hooks: readonly Hook[],
  packet: Packet,
  original: Packet,
  choose: Choose,
  /** For the answer: the first packet as it came, to which the answer is turned back. */
  opened: Packet | undefined,
  /** For what follows: the first packet as it left, by which it is translated as that one was. */
  left?: Packet,
): Scanned {
  let current = packet
  const tags = new Set<string>()
  const by: (Rule | undefined)[] = []
  for (const [at, hook] of hooks.entries()) {
    for (const stage of ruleSet.stages) {
      if (stage.hook !== hook || stage.kind === 'inspection') continue
      if (opened !== undefined && stage.kind !== 'filter') {
        current = turnedBack(current, opened, at === 0, stage.kind)
        continue
      }
      if (left !== undefined && stage.kind !== 'filter') {
        current = asItLeft(current, left, stage.kind)
        continue
      }
      if ((opened ?? left) !== undefined && stage.stateful) continue
      if (!isAttached(stage, current, choose)) continue
      const seen = stage.addresses === 'original' ? withAddressesOf(current, original) : current
      const ended = runChain(ruleSet, stage, stage.chain, seen, { choose, tags, depth: 0 })
      const does = ended.kind === 'fell' ? otherwiseOf(stage, choose) : ended.kind
      by.push(ended.kind === 'fell' ? undefined : ended.rule)
      if (does === 'drop' || does === 'reject') return { end: does, after: current, by }
      if (ended.kind === 'translate') current = translated(current, ended.rule, ended.action, ruleSet, choose)
      if (ended.kind === 'allow' && ended.rule.leadsOut !== undefined) {
        const { leadsOut } = ended.rule
        current = { ...current, out: leadsOut[choose(ended.rule, leadsOut.length, 'leads')] ?? '' }
      }
    }
    if (opened !== undefined) current = turnedBack(current, opened, at === 0)
  }
  return { end: 'allow', after: current, by }
}

/**
 * In the answer a source that was changed is a destination, which is changed back in its first hook, where destinations
 * are changed; a destination that was changed is a source, which is changed back in its last, where sources are. Where
 * the rule set has no stage for it there, at the end of the hook.
 */
function turnedBack(answer: Packet, opened: Packet, isFirstHook: boolean, kind?: Stage['kind']): Packet {
  const { sourcePort, destinationPort } = opened
  if (isFirstHook && kind !== 'source-nat') {
    return { ...answer, destination: opened.source, ...(sourcePort !== undefined && { destinationPort: sourcePort }) }
  }
  if (!isFirstHook && kind !== 'destination-nat' && kind !== undefined) {
    return {
      ...answer,
      source: opened.destination,
      ...(destinationPort !== undefined && { sourcePort: destinationPort }),
    }
  }
  return answer
}

/** What the stages of translation made of the first packet they make of those that follow, without asking their rules. */
function asItLeft(current: Packet, left: Packet, kind: Stage['kind']): Packet {
  const { source, destination, sourcePort, destinationPort } = left
  return kind === 'source-nat'
    ? { ...current, source, ...(sourcePort !== undefined && { sourcePort }) }
    : { ...current, destination, ...(destinationPort !== undefined && { destinationPort }) }
}

function isAttached({ attachedTo, hook }: Stage, packet: Packet, choose: Choose): boolean {
  if (attachedTo === undefined) return true
  const near = hook === 'output' || hook === 'postrouting' ? packet.source : packet.destination
  const at = (aspect: string): boolean => choose(attachedTo, 2, aspect) === 1
  return addressHolds(packet.family, near, attachedTo, choose, at, 'near')
}

function withAddressesOf(current: Packet, original: Packet): Packet {
  const { source, destination, sourcePort, destinationPort } = original
  return {
    ...current,
    source,
    destination,
    ...(sourcePort !== undefined && { sourcePort }),
    ...(destinationPort !== undefined && { destinationPort }),
  }
}

function otherwiseOf({ otherwise }: Stage, choose: Choose): 'allow' | 'drop' | 'reject' {
  if (otherwise.action !== 'unknown') return otherwise.action
  return choose(otherwise, 2) === 1 ? 'allow' : 'drop'
}

interface ChainWalk {
  readonly choose: Choose
  readonly tags: Set<string>
  readonly depth: number
}

/** How a chain ended: by a rule, or by its end or a return, from which the chain before goes on. */
type Ended =
  | { readonly kind: 'fell' }
  | { readonly kind: 'allow' | 'drop' | 'reject'; readonly rule: Rule }
  | { readonly kind: 'translate'; readonly rule: Rule; readonly action: Extract<Action, { kind: 'translate' }> }

const fell: Ended = { kind: 'fell' }

function runChain(ruleSet: RuleSet, stage: Stage, name: string, packet: Packet, walk: ChainWalk): Ended {
  const { choose, tags, depth } = walk
  for (const rule of ruleSet.chains[name] ?? []) {
    if (!matchesPacket(rule, packet, { choose, places: ruleSet.places, tags })) continue
    if (rule.sets !== undefined) tags.add(rule.sets)
    const { action } = rule
    switch (action.kind) {
      case 'allow':
      case 'drop':
      case 'reject':
        return { kind: action.kind, rule }
      case 'translate':
        return { kind: 'translate', rule, action }
      case 'no-translation':
        return { kind: 'allow', rule }
      case 'return':
        return fell
      case 'goto':
      case 'jump': {
        // A chain that is nowhere, or that leads back into itself for ever: nobody knows what is done there.
        const isNowhere = ruleSet.chains[action.chain] === undefined || depth > 64
        const ended = isNowhere
          ? anyEnd(rule, choose)
          : runChain(ruleSet, stage, action.chain, packet, { ...walk, depth: depth + 1 })
        if (ended.kind !== 'fell' || action.kind === 'goto') return ended
        break
      }
      case 'unknown': {
        const ended = anyEnd(rule, choose)
        if (ended.kind !== 'fell') return ended
        break
      }
      case 'continue':
      case 'inspect':
      case 'no-inspection':
        break
      default:
        action satisfies never
    }
  }
  return fell
}

function anyEnd(rule: Rule, choose: Choose): Ended {
  const kind = (['allow', 'drop', undefined] as const)[choose(rule, 3, 'does')]
  return kind === undefined ? fell : { kind, rule }
}

function translated(
  packet: Packet,
  rule: Rule,
  { source, destination }: Extract<Action, { kind: 'translate' }>,
  ruleSet: RuleSet,
  choose: Choose,
): Packet {
  const { match } = rule
  const ofFamily = (ranges: readonly AddressRange[] | undefined) =>
    ranges?.filter(({ family }) => family === packet.family)
  const address = (
    was: ScannedAddress,
    to: Translation['to'],
    matched: readonly AddressRange[] | undefined,
    side: 'in' | 'out',
  ): ScannedAddress => {
    if (to === undefined) return was
    if (to === 'interface') return ownAddress(packet, ruleSet, choose, side)
    if (!('length' in to)) return everyOf(packet.family)
    const [only] = to
    const [from] = matched ?? []
    if (to.length === 1 && only !== undefined && from !== undefined && matched?.length === 1) {
      const isOneToOne = only.last - only.first === from.last - from.first
      if (isOneToOne && typeof was === 'bigint') return only.first + (was - from.first)
    }
    return oneOf(to, rule, choose, `to-${side}`)
  }
  const port = (
    was: Packet['sourcePort'],
    to: NumberRange | undefined,
    matched: readonly NumberRange[] | undefined,
    side: string,
  ): Packet['sourcePort'] => {
    if (to === undefined || was === undefined) return was
    const [from] = matched ?? []
    if (from !== undefined && matched?.length === 1 && typeof was === 'number') {
      if (to.last - to.first === from.last - from.first) return to.first + (was - from.first)
    }
    const size = to.last - to.first + 1
    return size <= Number(mostTried) ? to.first + choose(rule, size, `port-${side}`) : to
  }
  const sourcePort = port(packet.sourcePort, source?.ports, match.sourcePorts, 'source')
  const destinationPort = port(packet.destinationPort, destination?.ports, match.destinationPorts, 'destination')
  return {
    ...packet,
    source: address(packet.source, source?.to, ofFamily(match.source?.sure), 'out'),
    destination: address(packet.destination, destination?.to, ofFamily(match.destination?.sure), 'in'),
    ...(sourcePort !== undefined && { sourcePort }),
    ...(destinationPort !== undefined && { destinationPort }),
  }
}

function oneOf(ranges: readonly AddressRange[], about: object, choose: Choose, aspect: string): ScannedAddress {
  const size = ranges.reduce((sum, { first, last }) => sum + last - first + 1n, 0n)
  if (size > mostTried) return ranges
  let offset = BigInt(choose(about, Number(size), aspect))
  for (const { first, last } of ranges) {
    if (first + offset <= last) return first + offset
    offset -= last - first + 1n
  }
  return ranges
}

function ownAddress(packet: Packet, ruleSet: RuleSet, choose: Choose, side: 'in' | 'out'): ScannedAddress {
  const name = placeOf(packet[side], side, { choose, places: ruleSet.places, tags: new Set() })
  const place = ruleSet.places.find((known) => known.name === name)
  const own = place?.own?.filter(({ family }) => family === packet.family) ?? []
  return place === undefined || own.length === 0 ? everyOf(packet.family) : oneOf(own, place, choose, 'own')
}

function everyOf(family: 4 | 6): readonly AddressRange[] {
  return [{ family, first: 0n, last: (1n << (family === 4 ? 32n : 128n)) - 1n }]
}
