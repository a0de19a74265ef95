import type { Addresses, AddressRange } from './addresses.ts'
import type { Box } from './boxes.ts'
import type { Coordinates } from './coordinates.ts'
import type { Intervals } from './intervals.ts'
import { intersectionOfIntervals, intervalsOf, unionOfIntervals } from './intervals.ts'
import type { Match, NumberRange, Rule } from './ruleset.ts'
import type { Unknown } from './unknown.ts'

/** Part of a rule's addresses of which nobody knows whether it belongs to them. */
export interface PossibleField {
  readonly within: Intervals
  readonly because: Unknown
  /** All of `within` but what `because` stands for. */
  readonly inverted: boolean
  /** For names of which a table has every address: those, dated. What a question by name does not settle is settled by it. */
  readonly known?: Intervals
}

/** What a rule asks of one end: surely fitting, and fitting at most. */
export interface AddressField {
  readonly sure: Intervals
  /** `sure` and all that may belong to it. */
  readonly reach: Intervals
  readonly possible: readonly PossibleField[]
  /** Some of `sure` comes from a table with a date. */
  readonly isDated: boolean
}

/** A rule's fields in one family; each of its sets has something in it. */
export interface Row {
  readonly rule: Rule
  readonly index: number
  readonly family: 4 | 6
  readonly source: AddressField
  readonly destination: AddressField
  /** Of protocols; ports and types of ICMP leave only protocols that have them. */
  readonly protocol: Intervals
  readonly from: Intervals
  readonly to: Intervals
  /** Types and codes, where they are asked for: `from` and `to` are then those of all pairs. */
  readonly icmp?: readonly { readonly type: Intervals; readonly code: Intervals }[]
}

/**
 * The smallest interval around each field of each rule of a chain, in one family: a struct of arrays, one entry a rule,
 * `[lo, hi)`. A rule that has no packet of the family has `destinationHi` 0.
 */
export interface Hulls {
  readonly sourceLo: Float64Array
  readonly sourceHi: Float64Array
  readonly destinationLo: Float64Array
  readonly destinationHi: Float64Array
  readonly protocolLo: Uint16Array
  readonly protocolHi: Uint16Array
  readonly fromLo: Uint32Array
  readonly fromHi: Uint32Array
  readonly toLo: Uint32Array
  readonly toHi: Uint32Array
}

/**
 * One chain, made ready to be held against packets. The hulls are made at once, and tell of nearly all rules that they
 * do not matter; a row is made when it is first asked for, since few of a hundred thousand rules ever are.
 */
export interface RuleTable {
  readonly rules: readonly Rule[]
  hulls(family: 4 | 6): Hulls
  /** Undefined where the rule has no packet of the family, or asks for what no packet has. */
  row(index: number, family: 4 | 6): Row | undefined
}

/** What all tables of a rule set share. */
export interface TableContext {
  coordinates(family: 4 | 6): Coordinates
  /** Addresses with their tags replaced by what is known of them. */
  settled(addresses: Addresses): { readonly addresses: Addresses; readonly isDated: boolean }
  /** Addresses of names, where a table has all of them. */
  known(because: Unknown): readonly AddressRange[] | undefined
}

/** A list so long that it is worth to remember its ends. */
const longList = 32
const everyPort: Intervals = Object.freeze([0, 65536])
const everyProtocol: Intervals = Object.freeze([0, 256])
/** TCP, UDP, DCCP, SCTP and UDP-Lite. */
const withPorts: Intervals = Object.freeze([6, 7, 17, 18, 33, 34, 132, 133, 136, 137])
/** ICMP and ICMPv6. */
const withTypes: Intervals = Object.freeze([1, 2, 58, 59])

/** Compiles a chain; time and memory are linear in its rules, without the lengths of their lists. */
export function ruleTable(rules: readonly Rule[], context: TableContext): RuleTable {
  const hulls: { 4?: Hulls; 6?: Hulls } = {}
  const fields: Fields = { 4: new Map(), 6: new Map() }
  const rows: { readonly 4: Map<number, Row | undefined>; readonly 6: Map<number, Row | undefined> } = {
    4: new Map(),
    6: new Map(),
  }
  return {
    rules,
    hulls(family) {
      hulls[family] ??= hullsOf(rules, context, family)
      return hulls[family]
    },
    row(index, family) {
      const known = rows[family]
      const before = known.get(index)
      if (before !== undefined || known.has(index)) return before
      const rule = rules[index]
      const row = rule === undefined ? undefined : rowOf(rule, index, context, family, fields[family])
      known.set(index, row)
      return row
    },
  }
}

/** Boxes outside of which it matches no packet. */
export function reachBoxes({ source, destination, protocol, from, to, icmp }: Row): readonly Box[] {
  if (icmp === undefined) return [[source.reach, destination.reach, protocol, from, to]]
  return icmp.map(({ type, code }) => [source.reach, destination.reach, protocol, type, code])
}

/** Fields that were made, by their addresses: objects and groups stand in many rules. */
type Fields = Readonly<Record<4 | 6, Map<Addresses | undefined, AddressField>>>

function rowOf(rule: Rule, index: number, context: TableContext, family: 4 | 6, fields: Fields[4]): Row | undefined {
  const { match } = rule
  if (match.family !== undefined && match.family !== family) return undefined
  const ports = portsOf(match)
  if (ports.protocol.length === 0 || ports.from.length === 0 || ports.to.length === 0) return undefined
  const field = (addresses: Addresses | undefined): AddressField => {
    const made = fields.get(addresses) ?? fieldOf(addresses, context, family)
    fields.set(addresses, made)
    return made
  }
  const source = field(match.source)
  if (source.reach.length === 0) return undefined
  const destination = field(match.destination)
  if (destination.reach.length === 0) return undefined
  const icmp = match.icmp?.map(({ type, code }) => ({
    type: intervalsFrom([type]),
    code: code === undefined ? everyPort : intervalsFrom([code]),
  }))
  return { rule, index, family, source, destination, ...ports, ...(icmp !== undefined && { icmp }) }
}

/**
 * Protocols, and what is asked of ports or types. A packet without ports fits no rule that asks for some of them; a rule
 * that asks for all asks for none.
 */
function portsOf(match: Match): { readonly protocol: Intervals; readonly from: Intervals; readonly to: Intervals } {
  let protocol = match.protocols === undefined ? everyProtocol : intervalsFrom(match.protocols)
  const from = match.sourcePorts === undefined ? everyPort : intervalsFrom(match.sourcePorts)
  const to = match.destinationPorts === undefined ? everyPort : intervalsFrom(match.destinationPorts)
  if (!isEveryPort(from) || !isEveryPort(to)) protocol = intersectionOfIntervals(protocol, withPorts)
  if (match.tcpFlags !== undefined) protocol = intersectionOfIntervals(protocol, [6, 7])
  if (match.icmp === undefined) return { protocol, from, to }
  protocol = intersectionOfIntervals(protocol, withTypes)
  const types = match.icmp.map(({ type }) => type)
  const codes = match.icmp.map(({ code }) => code ?? { first: 0, last: 65535 })
  return { protocol, from: intervalsFrom(types), to: intervalsFrom(codes) }
}

function isEveryPort(set: Intervals): boolean {
  return set.length === 2 && set[0] === 0 && (set[1] as number) >= 65536
}

function fieldOf(addresses: Addresses | undefined, context: TableContext, family: 4 | 6): AddressField {
  const line = context.coordinates(family)
  if (addresses === undefined) return { sure: line.every, reach: line.every, possible: [], isDated: false }
  const settled = context.settled(addresses)
  const sure = line.intervals(settled.addresses.sure)
  let reach = sure
  const possible: PossibleField[] = []
  for (const part of settled.addresses.possible) {
    const within = line.intervals(part.within)
    if (within.length === 0) continue
    reach = unionOfIntervals(reach, within)
    const known = context.known(part.because)
    possible.push({
      within,
      because: part.because,
      inverted: part.inverted === true,
      ...(known !== undefined && { known: line.intervals(known) }),
    })
  }
  return { sure, reach, possible, isDated: settled.isDated }
}

function hullsOf(rules: readonly Rule[], context: TableContext, family: 4 | 6): Hulls {
  const count = rules.length
  const line = context.coordinates(family)
  const hulls: Hulls = {
    sourceLo: new Float64Array(count),
    sourceHi: new Float64Array(count),
    destinationLo: new Float64Array(count),
    destinationHi: new Float64Array(count),
    protocolLo: new Uint16Array(count),
    protocolHi: new Uint16Array(count),
    fromLo: new Uint32Array(count),
    fromHi: new Uint32Array(count),
    toLo: new Uint32Array(count),
    toHi: new Uint32Array(count),
  }
  const whole = line.every[1] as number
  const ends = new Map<Addresses, { readonly lo: number; readonly hi: number }>()
  const endsIn = (addresses: Addresses): { readonly lo: number; readonly hi: number } => {
    if (addresses.sure.length < longList && addresses.possible.length === 0) return endsOf(addresses, context, line)
    const found = ends.get(addresses) ?? endsOf(addresses, context, line)
    ends.set(addresses, found)
    return found
  }
  for (let i = 0; i < count; i += 1) {
    const { match } = rules[i] as Rule
    if (match.family !== undefined && match.family !== family) continue
    const source = match.source === undefined ? undefined : endsIn(match.source)
    const destination = match.destination === undefined ? undefined : endsIn(match.destination)
    if (source?.hi === 0 || destination?.hi === 0) continue
    hulls.sourceLo[i] = source?.lo ?? 0
    hulls.sourceHi[i] = source?.hi ?? whole
    hulls.destinationLo[i] = destination?.lo ?? 0
    hulls.destinationHi[i] = destination?.hi ?? whole
    hulls.protocolLo[i] = lowest(match.protocols, 0)
    hulls.protocolHi[i] = highest(match.protocols, 256)
    // Of ICMP these are types and codes, which a row tells.
    hulls.fromLo[i] = lowest(match.sourcePorts, 0)
    hulls.fromHi[i] = highest(match.sourcePorts, 65536)
    hulls.toLo[i] = lowest(match.destinationPorts, 0)
    hulls.toHi[i] = highest(match.destinationPorts, 65536)
  }
  return hulls
}

/** Ends of all that may belong to a set; `hi` 0 where nothing of the family does. No list is copied for it. */
function endsOf(
  addresses: Addresses,
  context: TableContext,
  line: Coordinates,
): { readonly lo: number; readonly hi: number } {
  const { sure, possible } = addresses.possible.length === 0 ? addresses : context.settled(addresses).addresses
  let first: AddressRange | undefined
  let last: AddressRange | undefined
  const [one] = sure
  if (sure.length === 1) {
    if (one?.family === line.family) first = last = one
  } else {
    for (const range of sure) {
      if (range.family !== line.family) continue
      first ??= range
      if (last === undefined || range.last > last.last) last = range
    }
  }
  for (const { within } of possible) {
    for (const range of within) {
      if (range.family !== line.family) continue
      if (first === undefined || range.first < first.first) first = range
      if (last === undefined || range.last > last.last) last = range
    }
  }
  if (first === undefined || last === undefined) return none
  if (line.family === 4) return { lo: Number(first.first), hi: Number(last.last) + 1 }
  return { lo: line.intervals([first])[0] ?? 0, hi: line.intervals([last]).at(-1) ?? 0 }
}

const none = Object.freeze({ lo: 0, hi: 0 })

function lowest(ranges: readonly NumberRange[] | undefined, otherwise: number): number {
  if (ranges === undefined) return otherwise
  let value = 65536
  for (const { first } of ranges) value = Math.min(value, first)
  return value
}

function highest(ranges: readonly NumberRange[] | undefined, otherwise: number): number {
  if (ranges === undefined) return otherwise
  let value = 0
  for (const { last } of ranges) value = Math.max(value, last + 1)
  return value
}

function intervalsFrom(ranges: readonly NumberRange[]): Intervals {
  return intervalsOf(ranges.flatMap(({ first, last }) => [first, last + 1]))
}
