import type { AddressRange } from '../../addresses.ts'
import type { NumberRange, Translation } from '../../ruleset.ts'
import { portOfService } from '../netfilter/services.ts'
import type { Way } from '../netfilter/way.ts'
import { always, bothOf } from '../netfilter/way.ts'
import { elementWays } from './concat.ts'
import { membersOf } from './members.ts'
import { isExpression } from './parseRule.ts'
import type { Scope } from './scope.ts'
import type { Expression, Statement } from './syntax.ts'
import { addressRangeOf, numbersOf } from './values.ts'

/** What addresses or ports are translated to, in the ways in which a map leads there. */
export interface NatWay {
  readonly ways: readonly Way[]
  readonly translation: Translation
}

export type NatStatement = Extract<Statement, { kind: 'nat' }>

/** Where a statement of address translation leads; undefined where that is not understood. */
export function natWays(
  nat: NatStatement,
  tableFamily: 4 | 6 | undefined,
  scope: Scope,
): readonly NatWay[] | undefined {
  const { address, port, type } = nat
  const family = nat.family ?? tableFamily ?? (address === undefined ? undefined : familyOf(address))
  const isOwn = type === 'masquerade' || type === 'redirect'
  const addresses = isOwn || address === undefined ? [{ ways: always, target: undefined }] : targets(address, scope)
  const ports = port === undefined ? [{ ways: always, target: undefined }] : targets(port, scope)
  const found: NatWay[] = []
  if (addresses === undefined || ports === undefined) return undefined
  for (const one of addresses) {
    for (const other of ports) {
      const translation = translationOf(one.target, other.target, { isOwn, family, isPrefix: nat.isPrefix === true })
      const held = bothOf(one.ways, other.ways)
      const ways =
        held === undefined
          ? undefined
          : bothOf(held, family === undefined || isOwn ? always : [{ match: { family }, unknowns: [] }])
      if (translation === undefined || ways === undefined) return undefined
      const unknowns = isPoolOfPorts(translation)
        ? [{ kind: 'other' as const, what: 'which of some ports it is translated to' }]
        : []
      found.push({ ways: ways.map((way) => ({ ...way, unknowns: [...way.unknowns, ...unknowns] })), translation })
    }
  }
  return found
}

/** The kernel takes any of the ports, and keeps no order; a rule that asks for as many would seem to. */
function isPoolOfPorts({ ports }: Translation): boolean {
  return ports !== undefined && ports.first !== ports.last
}

function familyOf(address: Expression): 4 | 6 | undefined {
  switch (address.kind) {
    case 'word':
      return address.text.includes(':') ? 6 : 4
    case 'range':
      return familyOf(address.first)
    case 'prefix':
      return familyOf(address.address)
    case 'concat':
      return address.parts[0] === undefined ? undefined : familyOf(address.parts[0])
    default:
      return undefined
  }
}

interface Target {
  readonly ways: readonly Way[]
  readonly target: Expression | undefined
}

/** A target, or those that a map has for its keys. */
function targets(expression: Expression, scope: Scope): readonly Target[] | undefined {
  if (expression.kind !== 'map') return [{ ways: always, target: expression }]
  const { elements, unknowns } = membersOf(expression.data, scope)
  const isMade = expression.key.kind === 'made'
  const parts = expression.key.kind === 'concat' ? expression.key.parts : [expression.key]
  const found: Target[] = []
  for (const [at, element] of elements.entries()) {
    if (element.data === undefined || !isExpression(element.data)) return undefined
    const ways = isMade ? turn(at === elements.length - 1) : elementWays(parts, element, scope)
    if (ways === undefined) return undefined
    found.push({ ways, target: element.data })
  }
  if (unknowns.length > 0) found.push({ ways: [{ match: {}, unknowns }], target: { kind: 'unread', text: 'a map' } })
  return found
}

/** Packets go to targets in turn: each may be the one, and one of them is. */
function turn(isLast: boolean): readonly Way[] {
  return isLast ? always : [{ match: {}, unknowns: [{ kind: 'other', what: 'whose turn it is' }] }]
}

interface TargetKind {
  readonly isOwn: boolean
  readonly isPrefix: boolean
  readonly family: 4 | 6 | undefined
}

function translationOf(
  address: Expression | undefined,
  port: Expression | undefined,
  kind: TargetKind,
): Translation | undefined {
  if (address?.kind === 'concat') {
    const [inner, outer] = address.parts
    return port === undefined ? translationOf(inner, outer, kind) : undefined
  }
  const ports = port === undefined ? undefined : portsOf(port)
  if (port !== undefined && ports === undefined) return undefined
  const to = kind.isOwn ? ('interface' as const) : address === undefined ? undefined : addressesTo(address, kind)
  if (address !== undefined && to === undefined) return undefined
  return { ...(to !== undefined && { to }), ...(ports !== undefined && { ports }) }
}

function portsOf(port: Expression): NumberRange | undefined {
  return numbersOf({ elements: [{ key: port }], unknowns: [], isSet: false }, portOfService, 65535)?.sure[0]
}

function addressesTo(address: Expression, { family, isPrefix }: TargetKind): Translation['to'] {
  if (address.kind === 'unread') return { kind: 'dynamic-set', what: 'what a map leads to' }
  const range = addressRangeOf(address, family ?? familyOf(address) ?? 4)
  if (range === undefined) return undefined
  return isPrefix ? [range] : pool(range)
}

/** Any of a range: in two parts, since one of the size of what is asked for would keep offsets. */
export function pool(range: AddressRange): readonly AddressRange[] {
  if (range.first === range.last) return [range]
  return [
    { ...range, last: range.first },
    { ...range, first: range.first + 1n },
  ]
}
