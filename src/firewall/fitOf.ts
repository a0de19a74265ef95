import { valuesOf } from './axis.ts'
import type { CompiledRuleSet } from './compiledRuleSet.ts'
import type { Coordinates } from './coordinates.ts'
import type { Intervals } from './intervals.ts'
import { intersectionOfIntervals, intervalsWithout, meetIntervals, unionOfIntervals } from './intervals.ts'
import type { AskedFlow } from './judged.ts'
import { coverOfAny } from './nameCover.ts'
import type { NameCover } from './namePattern.ts'
import type { Asks, Matched, Piece, Views } from './piece.ts'
import { sliced } from './piece.ts'
import { isAtPlaces, isSameZone, meetsLoopback } from './placeMap.ts'
import type { Rule } from './ruleset.ts'
import type { AddressField, PossibleField, Row } from './ruleTable.ts'
import type { Unknown } from './unknown.ts'

/** What a stage holds its rules against, beside the pieces. */
export interface Question {
  readonly asked: AskedFlow
  readonly compiled: CompiledRuleSet
  readonly line: Coordinates
  readonly views: Views
  /** The way back: established, with SYN and ACK, and the name belongs to the source. */
  readonly isAnswer: boolean
  /** What follows the answer on the way there: established, with ACK alone. */
  readonly isLater: boolean
  /** Fields of rules as this question settles them; made by {@link settledField}, shared by all pieces. */
  readonly fields: Map<AddressField, SettledField>
}

/** How a piece stands to a rule: three sets of parts, none over another. */
export interface Fit {
  readonly sure: readonly Piece[]
  readonly may: readonly { readonly piece: Piece; readonly because: readonly Unknown[] }[]
  readonly rest: readonly Piece[]
  readonly matched?: Matched
}

/** An address field in which names were compared with the name that is asked for. */
interface SettledField extends AddressField {
  readonly isByName: boolean
}

const sourcePlace: Unknown = { kind: 'place', what: 'the interface or zone that it comes in by' }
const destinationPlace: Unknown = { kind: 'place', what: 'the interface or zone that it goes out by' }
const zones: Unknown = { kind: 'place', what: 'whether it comes in and goes out by one zone' }

/** The flags of the first packet, of its answer, and of what follows (RFC 9293 §3.1, §3.5). */
const syn = 0x02
const synAck = 0x12
const ack = 0x10

/** Holds a piece against a rule. Undefined where nothing of it can match, which is what most rules are to most pieces. */
export function fitOf(piece: Piece, row: Row, question: Question): Fit | undefined {
  const { line, views, isAnswer } = question
  if (!holds(row.protocol, piece.protocol)) return undefined
  const conditions = conditionsOf(row.rule, piece, question)
  if (conditions === undefined) return undefined
  const source = settledField(row.source, isAnswer, question)
  const destination = settledField(row.destination, !isAnswer, question)
  if (source.reach.length === 0 || destination.reach.length === 0) return undefined
  const ports = row.icmp === undefined ? portsAsked(row) : {}
  if (row.icmp !== undefined && !fitsIcmp(row, piece)) return undefined
  const reach: Asks = {
    ...(source.reach !== line.every && { source: source.reach }),
    ...(destination.reach !== line.every && { destination: destination.reach }),
    ...ports,
  }
  const { inside, outside } = sliced(piece, reach, views, line)
  if (inside === undefined) return undefined
  const named = source.isByName || destination.isByName
  const dated = source.isDated || destination.isDated
  const matched: Matched | undefined =
    named || row.rule.match.requestedNames !== undefined ? 'name' : dated ? 'dated-addresses' : undefined
  const tell = matched !== undefined && { matched }
  if (source.possible.length === 0 && destination.possible.length === 0) {
    if (conditions.length === 0) return { sure: [inside], may: [], rest: outside, ...tell }
    return { sure: [], may: [{ piece: inside, because: conditions }], rest: outside, ...tell }
  }
  const core =
    source.sure.length === 0 || destination.sure.length === 0
      ? { inside: undefined, outside: [inside] }
      : sliced(inside, { source: source.sure, destination: destination.sure }, views, line)
  const may: { piece: Piece; because: readonly Unknown[] }[] = core.outside.map((part) => ({
    piece: part,
    because: [...conditions, ...reasonsFor(part, source, destination, question)],
  }))
  if (core.inside !== undefined && conditions.length > 0) may.push({ piece: core.inside, because: conditions })
  const sure = core.inside !== undefined && conditions.length === 0 ? [core.inside] : []
  return { sure, may, rest: outside, ...tell }
}

/** On what the conditions depend that are no sets; none where they surely hold, undefined where they surely do not. */
function conditionsOf(rule: Rule, piece: Piece, question: Question): readonly Unknown[] | undefined {
  const { match, unknowns } = rule
  const { asked, isAnswer, isLater, line } = question
  const connection = isAnswer || isLater ? 'established' : 'new'
  if (match.states !== undefined && !match.states.includes(connection)) return undefined
  if (match.tcpFlags !== undefined) {
    const flags = isAnswer ? synAck : isLater ? ack : syn
    if (!match.tcpFlags.some(({ mask, value }) => (flags & mask) === value)) return undefined
  }
  if (match.requests !== undefined && !match.requests.includes(asked.request)) return undefined
  const open: Unknown[] = []
  const { state } = piece
  const isLoopback = (): boolean =>
    meetsLoopback(piece.source.now.set, line) || meetsLoopback(piece.destination.now.set, line)
  const ask = (found: 'yes' | 'no' | 'may', because: Unknown): boolean => {
    if (found === 'may') open.push(because)
    return found !== 'no'
  }
  if (match.in !== undefined && !ask(isAtPlaces(state.in, match.in, isLoopback()), sourcePlace)) return undefined
  if (match.out !== undefined && !ask(isAtPlaces(state.out, match.out, isLoopback()), destinationPlace))
    return undefined
  if (match.sameZone !== undefined) {
    const same = isSameZone(state.in, state.out)
    if (same === 'may') open.push(zones)
    else if ((same === 'yes') !== match.sameZone) return undefined
  }
  if (match.tagged !== undefined) {
    const tag = state.tags?.get(match.tagged.tag)
    if (tag === undefined || tag === 'set') {
      if ((tag === 'set') === (match.tagged.not === true)) return undefined
    } else open.push(...tag)
  }
  if (match.requestedNames !== undefined) {
    const cover: NameCover = asked.name === undefined ? 'some' : coverOfAny(match.requestedNames, asked.name)
    if (cover === 'none') return undefined
    if (cover === 'some') {
      const what = asked.name === undefined ? 'the name that is asked for' : `which of the names ${asked.name} it is`
      open.push({ kind: 'names', what, names: match.requestedNames })
    }
  }
  // What a rule without a known deed asks further does not matter: it may do anything in either case.
  return open.length === 0 ? unknowns : [...open, ...unknowns]
}

/** Compares the names of a field with the asked name, and falls back to addresses of a table. Once for each question. */
function settledField(field: AddressField, isNamedEnd: boolean, question: Question): SettledField {
  const before = question.fields.get(field)
  if (before !== undefined) return before
  const made = settle(field, isNamedEnd ? question.asked.name : undefined)
  question.fields.set(field, made)
  return made
}

function settle(field: AddressField, name: string | undefined): SettledField {
  if (field.possible.every(({ because }) => because.kind !== 'names')) return { ...field, isByName: false }
  let { sure, isDated } = field
  let isByName = false
  const possible: PossibleField[] = []
  for (const part of field.possible) {
    const { names } = part.because
    const cover = names === undefined || name === undefined ? 'none' : coverOfAny(names, name)
    if (cover === 'all') {
      isByName = true
      if (!part.inverted) sure = unionOfIntervals(sure, part.within)
    } else if (cover === 'none' && part.known !== undefined) {
      isDated = true
      const by = part.inverted ? intervalsWithout : intersectionOfIntervals
      sure = unionOfIntervals(sure, by(part.within, part.known))
    } else possible.push(part)
  }
  const reach = possible.reduce((set, { within }) => unionOfIntervals(set, within), sure)
  return { sure, reach, possible, isDated, isByName }
}

function reasonsFor(
  piece: Piece,
  source: SettledField,
  destination: SettledField,
  { line, views }: Question,
): readonly Unknown[] {
  const reasons: Unknown[] = []
  for (const name of ['source', 'destination'] as const) {
    const field = name === 'source' ? source : destination
    const { set } = valuesOf(piece[name], views[name], line)
    if (field.possible.length === 0 || intervalsWithout(set, field.sure).length === 0) continue
    for (const { within, because } of field.possible) if (meetIntervals(within, set)) reasons.push(because)
  }
  return reasons
}

function portsAsked({ from, to }: Row): Asks {
  return { ...(!isEveryPort(from) && { from }), ...(!isEveryPort(to) && { to }) }
}

function isEveryPort(set: Intervals): boolean {
  return set.length === 2 && set[0] === 0 && (set[1] as number) >= 65536
}

/** Type and code of a piece are one each. */
function fitsIcmp({ icmp = [] }: Row, { from, to }: Piece): boolean {
  return icmp.some(({ type, code }) => holds(type, from.now.set[0] ?? -1) && holds(code, to.now.set[0] ?? -1))
}

function holds(set: Intervals, value: number): boolean {
  return meetIntervals([value, value + 1], set)
}
