import type { Addresses, AddressRange } from '../../addresses.ts'
import { addressesOf, outsideOf, unionOf, unknownAddresses } from '../../addresses.ts'
import type { Action, Match, NumberRange, Rule } from '../../ruleset.ts'
import type { Unknown } from '../../unknown.ts'
import { lookUp } from '../lookUp.ts'
import type { Aliases } from './aliases.ts'
import type { Gateways } from './gateways.ts'
import { icmpTypeOf } from './icmpTypes.ts'
import type { Interface } from './interfaces.ts'
import type { PfEnd, PfRule } from './pfRule.ts'

/** What words of a rule are looked up in. */
export interface Words {
  readonly aliases: Aliases
  readonly interfaces: readonly Interface[]
  readonly groups: ReadonlySet<string>
  readonly gateways: Gateways
}

/** IANA numbers by the words of the products. */
const protocols: Readonly<Record<string, readonly number[]>> = {
  tcp: [6],
  udp: [17],
  'tcp/udp': [6, 17],
  icmp: [1],
  'ipv6-icmp': [58],
  esp: [50],
  ah: [51],
  gre: [47],
  igmp: [2],
  pim: [103],
  ospf: [89],
  sctp: [132],
  carp: [112],
  pfsync: [240],
  ipv6: [41],
  etherip: [97],
}

const actions: Readonly<Record<string, Action>> = {
  pass: { kind: 'allow' },
  block: { kind: 'drop' },
  reject: { kind: 'reject' },
  match: { kind: 'continue' },
}

/** Bits of the TCP flags octet (RFC 9293 §3.1, RFC 3168). */
const flagBits: Readonly<Record<string, number>> = {
  fin: 1,
  syn: 2,
  rst: 4,
  psh: 8,
  ack: 16,
  urg: 32,
  ece: 64,
  cwr: 128,
}

/** Why a condition of a rule is open. */
const conditionKinds: Readonly<Record<string, Unknown['kind']>> = { sched: 'time', os: 'packet', dscp: 'packet' }

/** Whether a packet is met as it comes in, or as it goes out: pf goes through its rules both times. */
export type Way = 'in' | 'out'

/** A rule of the file as rules of a chain: one for each family that it is for. */
export function rulesOf(rule: PfRule, way: Way, words: Words): readonly Rule[] {
  const families: readonly (4 | 6)[] = rule.family === 'inet46' ? [4, 6] : rule.family === 'inet6' ? [6] : [4]
  return families.flatMap((family) => {
    const made = ruleIn(rule, way, family, words)
    const { tunnels } = words.gateways
    // The products do this for rules to any destination alone.
    if (made.leadsOut === undefined || made.match.destination !== undefined || tunnels.length === 0) return [made]
    return [aheadOfGateway(made, tunnels), made]
  })
}

/** What goes into a tunnel of the firewall is led by routes first, unless the settings say otherwise. */
function aheadOfGateway({ leadsOut: _, ...rule }: Rule, tunnels: readonly AddressRange[]): Rule {
  const because: Unknown = { kind: 'place', what: 'whether networks of tunnels are exempt from rules with a gateway' }
  return {
    ...rule,
    match: { ...rule.match, destination: addressesOf(tunnels) },
    unknowns: [...rule.unknowns, because],
    implied: true,
  }
}

function ruleIn(rule: PfRule, way: Way, family: 4 | 6, words: Words): Rule {
  const unknowns: Unknown[] = rule.conditions.map(([name, text]) => ({
    kind: lookUp(conditionKinds, name) ?? (name.startsWith('max') ? 'limit' : 'other'),
    what: `${name} ${text}`,
  }))
  for (const name of rule.strange) unknowns.push({ kind: 'unread', what: `${name}, which is not understood` })
  const action = lookUp(actions, rule.type)
  if (action === undefined) unknowns.push({ kind: 'unread', what: `what a rule of type "${rule.type}" does` })
  const match: Match = {
    family,
    ...placeMatch(rule, way),
    ...protocolMatch(rule, family, unknowns),
    ...endMatch('source', rule.source, words, unknowns),
    ...endMatch('destination', rule.destination, words, unknowns),
    ...(rule.tagged !== '' && { tagged: { tag: rule.tagged } }),
    ...(rule.flags !== undefined && { tcpFlags: [flagsOf(rule.flags)] }),
  }
  const led = rule.type === 'pass' ? words.gateways.placesOf(rule.gateway) : undefined
  // What is on its way out already would be met by the rules of another interface.
  if (
    led !== undefined &&
    way === 'out' &&
    (led.length === 0 || led.some((place) => !rule.interfaces.includes(place)))
  ) {
    unknowns.push({ kind: 'place', what: `what becomes of packets that the gateway ${rule.gateway} leads elsewhere` })
  }
  return {
    name: rule.name,
    span: rule.span,
    match,
    action: action ?? { kind: 'unknown' },
    unknowns,
    ...(rule.sets !== '' && { sets: rule.sets }),
    ...(led !== undefined && way === 'in' && { leadsOut: led }),
    ...(rule.comment !== '' && { comment: rule.comment }),
  }
}

/** A rule asks for the interface by which a packet comes in, or goes out by. */
function placeMatch({ interfaces, isNotOn }: PfRule, way: Way): Pick<Match, 'in' | 'out'> {
  if (interfaces.length === 0) return {}
  const places = { names: interfaces, ...(isNotOn && { inverted: true as const }) }
  return { [way]: places }
}

function protocolMatch({ protocol, icmpTypes }: PfRule, family: 4 | 6, unknowns: Unknown[]): Match {
  if (protocol === '') return {}
  const named = protocol === 'icmp' && family === 6 ? [58] : lookUp(protocols, protocol)
  const numbers = named ?? (/^\d{1,3}$/.test(protocol) && Number(protocol) <= 255 ? [Number(protocol)] : undefined)
  if (numbers === undefined) {
    unknowns.push({ kind: 'unread', what: `the protocol "${protocol}"` })
    return {}
  }
  const ranges = numbers.map((number): NumberRange => ({ first: number, last: number }))
  const types = icmpTypes.flatMap((word) => icmpTypeOf(word, family) ?? [])
  if (icmpTypes.some((word) => icmpTypeOf(word, family) === undefined)) {
    unknowns.push({ kind: 'unread', what: `one of the ICMP types ${icmpTypes.join(', ')}` })
  }
  return {
    protocols: ranges,
    ...(types.length > 0 && { icmp: types.map((type) => ({ type: { first: type, last: type } })) }),
  }
}

function flagsOf({ set, of }: NonNullable<PfRule['flags']>): { readonly mask: number; readonly value: number } {
  const bits = (names: readonly string[]): number => names.reduce((sum, name) => sum | (lookUp(flagBits, name) ?? 0), 0)
  return { mask: bits(of), value: bits(set) }
}

function endMatch(side: 'source' | 'destination', end: PfEnd, words: Words, unknowns: Unknown[]): Match {
  const isAny = end.words.length === 1 && /^any$/i.test(end.words[0] ?? '')
  const set = unionOf(end.words.map((word) => addressesOfWord(word.trim(), words)))
  const ports = end.port === '' || end.port === 'any' ? undefined : words.aliases.ports(end.port)
  if (ports !== undefined && 'kind' in ports) unknowns.push(ports)
  return {
    ...((!isAny || end.isNegated) && { [side]: end.isNegated ? outsideOf(set) : set }),
    ...(ports !== undefined &&
      !('kind' in ports) && { [side === 'source' ? 'sourcePorts' : 'destinationPorts']: ports }),
  }
}

/** `lan` is its networks, `lanip` its addresses, `(self)` every address of the firewall; all else is an alias or literal. */
export function addressesOfWord(word: string, { aliases, interfaces, groups }: Words): Addresses {
  if (word === '(self)') return addressesOf(interfaces.flatMap(({ own }) => own))
  const net = interfaces.find(({ key }) => key === word || `__${key}_network` === word)
  if (net !== undefined) {
    return net.nets.length > 0
      ? addressesOf(net.nets)
      : unknownAddresses({ kind: 'place', what: `the network of ${net.title}, whose address is not in the file` })
  }
  const at = interfaces.find(({ key }) => `${key}ip` === word || `__${key}_address` === word)
  if (at !== undefined) {
    return at.own.length > 0
      ? addressesOf(at.own)
      : unknownAddresses({ kind: 'place', what: `the address of ${at.title}, which is not in the file` })
  }
  if (groups.has(word) || /^(wan|lan|opt\d+|openvpn|pppoe|l2tp|pptp|wireguard|enc0)(ip)?$/.test(word)) {
    return unknownAddresses({ kind: 'place', what: `the networks of ${word}` })
  }
  return aliases.addresses(word)
}
