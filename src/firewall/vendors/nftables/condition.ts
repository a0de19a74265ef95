import type { AddressRange } from '../../addresses.ts'
import { addressesOf, outsideOf } from '../../addresses.ts'
import { everyOctet, everyPort, numbers, numbersWithout } from '../../numberRanges.ts'
import type { Match, NumberRange, Places } from '../../ruleset.ts'
import { lookUp } from '../lookUp.ts'
import { icmpCodes, icmpTypes, icmpv6Codes, icmpv6Types } from '../netfilter/icmpNames.ts'
import { protocolNumber } from '../netfilter/protocolNames.ts'
import { portOfService } from '../netfilter/services.ts'
import { ofAnswer, ofRequest, trackedStates, translatedTag } from '../netfilter/trackedStates.ts'
import type { Way } from '../netfilter/way.ts'
import { depends } from '../netfilter/way.ts'
import type { FieldMeaning } from './fields.ts'
import { meaningOf } from './fields.ts'
import { bitsOf, bitTestOf, stateBits, statesOf, statusBits, tcpFlagBits, tcpFlagsOf } from './flags.ts'
import { markCondition } from './markCondition.ts'
import type { Members } from './members.ts'
import { doubtsOf, membersOf } from './members.ts'
import type { Scope } from './scope.ts'
import type { Comparison, Expression } from './syntax.ts'
import type { Numbers } from './values.ts'
import { addressValuesOf, everyOf, numbersOf, plainNumber } from './values.ts'

/** Ways in which a comparison holds; none: it never does. Undefined: it is not understood. */
export type Ways = readonly Way[] | undefined

const never: readonly Way[] = []

/** A comparison of one field; sets of several fields together are the business of {@link import('./concat.ts')}. */
export function conditionOf(left: Expression, op: Comparison, right: Expression, scope: Scope): Ways {
  const members = membersOf(right, scope)
  if (left.kind === 'made') return depends({ kind: 'other', what: 'the turn or the hash of a packet' })
  if (left.kind === 'field') return fieldCondition(left.name, op, members, undefined, scope)
  if (left.kind !== 'bits' || left.op !== '&' || left.left.kind !== 'field') return openField(left)
  return fieldCondition(left.left.name, op, members, left.right, scope)
}

/** Arithmetic on a field: it depends on the field where that is one which no match can say, and is unread else. */
function openField(left: Expression): Ways {
  if (left.kind === 'bits') return openField(left.left)
  if (left.kind !== 'field') return undefined
  const meaning = meaningOf(left.name)
  return meaning?.kind === 'depends' ? depends(meaning.unknown, meaning.match) : undefined
}

function fieldCondition(
  name: string,
  op: Comparison,
  members: Members,
  mask: Expression | undefined,
  scope: Scope,
): Ways {
  const meaning = meaningOf(name)
  if (meaning === undefined) return undefined
  if (mask !== undefined && isUnreadMask(meaning, mask)) return undefined
  switch (meaning.kind) {
    case 'depends':
      return depends(meaning.unknown, meaning.match)
    case 'fragment':
      return depends(
        { kind: 'packet', what: 'whether it is a fragment' },
        { protocols: numbersWithout(everyOctet, numbers(6)) },
      )
    case 'state':
      return stateCondition(op, maskOf(mask, stateBits), members, scope)
    case 'flags':
      return flagCondition(op, maskOf(mask, tcpFlagBits), members)
    case 'status':
      return statusCondition(op, maskOf(mask, statusBits), members)
    case 'mark':
      return markCondition(op, maskOf(mask, {}), members, scope)
    case 'address':
      return addressCondition(meaning, op, members, mask)
    default:
      return mask === undefined ? plainCondition(meaning, op, members, scope) : undefined
  }
}

function maskOf(mask: Expression | undefined, names: Readonly<Record<string, number>>): number | undefined {
  return mask === undefined ? undefined : bitsOf(mask, names)
}

function isUnreadMask({ kind }: FieldMeaning, mask: Expression): boolean {
  const names = kind === 'state' ? stateBits : kind === 'status' ? statusBits : kind === 'flags' ? tcpFlagBits : {}
  return ['state', 'flags', 'status', 'mark'].includes(kind) && bitsOf(mask, names) === undefined
}

function isNot(op: Comparison): boolean {
  return op === '!=' || op === '!'
}

function addressCondition(
  { side, family }: Extract<FieldMeaning, { kind: 'address' }>,
  op: Comparison,
  members: Members,
  mask: Expression | undefined,
): Ways {
  const masked = mask === undefined ? members : underMask(members, mask, family)
  if (masked === undefined) return undefined
  let values = addressValuesOf(masked, family)
  if (values === undefined) return undefined
  if (op === '<' || op === '>' || op === '<=' || op === '>=') {
    const [range] = values.sure
    const bounded = range === undefined ? undefined : boundedAddresses(op, range)
    if (bounded === undefined) return undefined
    values = addressesOf([bounded])
  } else if (isNot(op)) values = outsideOf(values, [family])
  if (values.sure.length === 0 && values.possible.length === 0) return never
  return [{ match: { family, [side]: values }, unknowns: [] }]
}

/** `ip saddr & 255.255.255.0 == 10.0.0.0` is a prefix, where the mask is one. */
function underMask(members: Members, mask: Expression, family: 4 | 6): Members | undefined {
  const bits = family === 4 ? 32 : 128
  const found = addressValuesOf({ elements: [{ key: mask }], unknowns: [], isSet: false }, family)?.sure[0]?.first
  if (found === undefined) return undefined
  const ones = found.toString(2).padStart(bits, '0')
  if (!/^1*0*$/.test(ones)) return undefined
  const length = ones.replace(/0/g, '').length
  return {
    ...members,
    elements: members.elements.map((element) => ({
      ...element,
      key: { kind: 'prefix', address: element.key, length },
    })),
  }
}

function boundedAddresses(op: '<' | '>' | '<=' | '>=', { family, first }: AddressRange): AddressRange | undefined {
  const { last } = everyOf(family)
  const range =
    op === '<'
      ? [0n, first - 1n]
      : op === '<='
        ? [0n, first]
        : op === '>'
          ? [first + 1n, last]
          : ([first, last] as const)
  const [from = 0n, to = 0n] = range
  return from > to ? undefined : { family, first: from, last: to }
}

/** The ways of a field of numbers: those that are sure, and any number where others may be meant. */
function numberWays(
  { sure, unknowns }: Numbers,
  op: Comparison,
  every: readonly NumberRange[],
  matchOf: (set: readonly NumberRange[]) => Match,
): Ways {
  if (op === '<' || op === '>' || op === '<=' || op === '>=') {
    const bound = sure[0]?.first
    const most = every[0]?.last
    if (bound === undefined || most === undefined) return undefined
    const first = op === '>' ? bound + 1 : op === '>=' ? bound : 0
    const last = op === '<' ? bound - 1 : op === '<=' ? bound : most
    return first > last ? never : [{ match: matchOf([{ first, last }]), unknowns: [] }]
  }
  const outside = numbersWithout(every, sure)
  if (isNot(op)) return outside.length === 0 ? never : [{ match: matchOf(outside), unknowns }]
  return [
    ...(sure.length === 0 ? [] : [{ match: matchOf(sure), unknowns: [] }]),
    ...(unknowns.length === 0 || outside.length === 0 ? [] : [{ match: matchOf(outside), unknowns }]),
  ]
}

function plainCondition(meaning: FieldMeaning, op: Comparison, members: Members, scope: Scope): Ways {
  switch (meaning.kind) {
    case 'port': {
      const found = numbersOf(members, portOfService, 65535)
      const protocols = numbers(...meaning.protocols)
      return found && numberWays(found, op, everyPort, (set) => ({ protocols, [meaning.side]: set }))
    }
    case 'protocol': {
      const found = numbersOf(members, protocolNumber, 255)
      const family = meaning.family === undefined ? {} : { family: meaning.family }
      return found && numberWays(found, op, everyOctet, (set) => ({ ...family, protocols: set }))
    }
    case 'icmp': {
      const isType = meaning.part === 'type'
      const names = meaning.family === 4 ? (isType ? icmpTypes : icmpCodes) : isType ? icmpv6Types : icmpv6Codes
      const found = numbersOf(members, (name) => lookUp(names, name), 255)
      const protocols = numbers(meaning.family === 4 ? 1 : 58)
      const [all] = everyOctet
      if (all === undefined) return undefined
      return (
        found &&
        numberWays(found, op, everyOctet, (set) => ({
          protocols,
          icmp: set.map((range) => (isType ? { type: range } : { type: all, code: range })),
        }))
      )
    }
    case 'family':
      return familyCondition(op, members)
    case 'interface':
      return interfaceCondition(meaning, op, members)
    case 'direction':
      return directionCondition(op, members)
    case 'local':
      return localCondition(op, members, scope)
    default:
      return undefined
  }
}

const families: ReadonlyMap<string, 4 | 6 | 'none'> = new Map<string, 4 | 6 | 'none'>([
  ['ipv4', 4],
  ['ip', 4],
  ['2', 4],
  ['4', 4],
  ['0x0800', 4],
  ['0x800', 4],
  ['2048', 4],
  ['ipv6', 6],
  ['ip6', 6],
  ['10', 6],
  ['6', 6],
  ['0x86dd', 6],
  ['34525', 6],
  ['arp', 'none'],
  ['0x0806', 'none'],
  ['2054', 'none'],
  ['vlan', 'none'],
  ['8021q', 'none'],
  ['0x8100', 'none'],
  ['33024', 'none'],
])

function familyCondition(op: Comparison, { elements, unknowns }: Members): Ways {
  const found = elements.map(({ key }) => (key.kind === 'word' ? families.get(key.text.toLowerCase()) : undefined))
  if (found.includes(undefined) || unknowns.length > 0) return undefined
  return ([4, 6] as const)
    .filter((family) => found.includes(family) !== isNot(op))
    .map((family) => ({ match: { family }, unknowns: [] }))
}

function interfaceCondition(
  { side, isIndex }: Extract<FieldMeaning, { kind: 'interface' }>,
  op: Comparison,
  { elements, unknowns }: Members,
): Ways {
  const names: string[] = []
  const open = [...unknowns, ...elements.flatMap(doubtsOf)]
  for (const { key } of elements) {
    if (key.kind === 'rest') names.push('*')
    else if (key.kind !== 'word') return undefined
    // Number 1 is the loopback interface on every Linux; the others are counted anew at each start.
    else if (isIndex && plainNumber(key.text) === 1) names.push('lo')
    else if (isIndex && plainNumber(key.text) !== undefined) {
      open.push({ kind: 'place', what: `which interface has the number ${key.text}` })
    } else names.push(key.text)
  }
  if (isNot(op)) {
    const places: Places = { names, inverted: true }
    return [{ match: names.length === 0 ? {} : { [side]: places }, unknowns: open }]
  }
  return [
    ...(names.length === 0 ? [] : [{ match: { [side]: { names } }, unknowns: [] }]),
    ...(open.length === 0 ? [] : [{ match: {}, unknowns: open }]),
  ]
}

function stateCondition(op: Comparison, mask: number | undefined, members: Members, scope: Scope): Ways {
  const found = statesOf(op, mask, members)
  if (found === undefined) return undefined
  if (found.length === 0 && members.unknowns.length === 0) return never
  if (members.unknowns.length > 0) return [{ match: {}, unknowns: members.unknowns }]
  if (scope.untracked === 'yes') return found.includes('invalid') ? [{ match: {}, unknowns: [] }] : never
  if (scope.untracked === 'some') return depends({ kind: 'packet', what: 'whether its connection is tracked yet' })
  return scope.hasNotrack ? trackedStates(found) : [{ match: { states: found }, unknowns: [] }]
}

function flagCondition(op: Comparison, mask: number | undefined, members: Members): Ways {
  const test = bitTestOf(op, mask, members, tcpFlagBits)
  if (test === undefined) return undefined
  const protocols = numbers(6)
  if (members.unknowns.length > 0)
    return depends(members.unknowns[0] ?? { kind: 'packet', what: 'TCP flags' }, { protocols })
  const tcpFlags = tcpFlagsOf(test)
  return tcpFlags.length === 0 ? never : [{ match: { protocols, tcpFlags }, unknowns: [] }]
}

/** `ct status dnat`: what the rules that translate have set, for the packets of both directions. */
function statusCondition(op: Comparison, mask: number | undefined, members: Members): Ways {
  const test = bitTestOf(op, mask, members, statusBits)
  if (test === undefined) return undefined
  const isZero = !test.isAny && test.values.length === 1 && test.values[0] === 0
  const tag =
    !test.isAny && !isZero
      ? undefined
      : test.mask === 32
        ? translatedTag.destination
        : test.mask === 16
          ? translatedTag.source
          : undefined
  if (tag === undefined) return depends({ kind: 'packet', what: 'the status of the connection' })
  const isSet = test.isAny || test.isNot
  return [{ match: { tagged: isSet ? { tag } : { tag, not: true } }, unknowns: [] }]
}

function directionCondition(op: Comparison, { elements, unknowns }: Members): Ways {
  const words = elements.map(({ key }) => (key.kind === 'word' ? key.text : ''))
  const isOriginal = words.some((word) => word === 'original' || word === '0') !== isNot(op)
  const isReply = words.some((word) => word === 'reply' || word === '1') !== isNot(op)
  if (unknowns.length > 0 || words.some((word) => !/^(original|reply|0|1)$/.test(word))) return undefined
  if (isOriginal && isReply) return [{ match: {}, unknowns: [] }]
  // Of the two packets that are judged the first is the original direction, its answer the reply.
  return [{ match: { states: isOriginal ? ofRequest : ofAnswer }, unknowns: [] }]
}

/** `fib daddr type local`: forwarded packets are for others, and what came to `input` is for the machine. */
function localCondition(op: Comparison, { elements, unknowns }: Members, scope: Scope): Ways {
  const words = new Set(elements.map(({ key }) => (key.kind === 'word' ? key.text : '')))
  if (unknowns.length > 0) return depends({ kind: 'place', what: 'whether the destination is the machine itself' })
  const [hook] = scope.hooks
  // A conversation is with one host: a broadcast or multicast is none of the destinations that are asked about.
  const type =
    scope.hooks.size !== 1 ? undefined : hook === 'input' ? 'local' : hook === 'forward' ? 'unicast' : undefined
  if (type !== undefined) return words.has(type) !== isNot(op) ? [{ match: {}, unknowns: [] }] : never
  if (!words.has('local') && !words.has('unicast')) return isNot(op) ? [{ match: {}, unknowns: [] }] : never
  return depends({ kind: 'place', what: 'whether the destination is an address of the machine itself' })
}
