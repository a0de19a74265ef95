import type { Axis, Line, Values, View } from './axis.ts'
import { axisInside, axisOutside } from './axis.ts'
import type { Coordinates } from './coordinates.ts'
import { coordinates4 } from './coordinates.ts'
import type { Intervals } from './intervals.ts'
import { sameIntervals, unionOfIntervals } from './intervals.ts'
import type { DecidedBy } from './judged.ts'
import type { PlaceGuess } from './placeMap.ts'
import type { Unknown } from './unknown.ts'

/** A list that grows at its end and shares its beginning with others. */
export interface Grown<T> {
  readonly before?: Grown<T> | undefined
  readonly last: T
}

export function listOf<T>(grown: Grown<T> | undefined): readonly T[] {
  const list: T[] = []
  for (let at = grown; at !== undefined; at = at.before) list.push(at.last)
  return list.reverse()
}

/** What a rule would have done that was passed because it may match and may not. */
export interface Maybe {
  readonly kind: 'allow' | 'drop' | 'reject' | 'inspect' | 'no-inspection'
  readonly step: DecidedBy
  readonly because: readonly Unknown[]
  readonly by?: Matched
  readonly inspectsTls?: true
  /** As the rule has it. */
  readonly leadsOut?: readonly string[]
}

/** How addresses or names of a rule were found to fit, where it is worth telling. */
export type Matched = 'name' | 'dated-addresses'

/** What is known of a piece beside its addresses and ports. Pieces that were cut from one share it. */
export interface State {
  readonly in: PlaceGuess
  readonly out: PlaceGuess
  /** A rule said by which place it leaves, or may have: no route is asked for it. */
  readonly isLed?: true
  /** The device itself is the destination, whatever its address. */
  readonly isLocal: boolean
  /** Tags that are set, or may be. */
  readonly tags?: ReadonlyMap<string, 'set' | readonly Unknown[]>
  /** Rules of this stage that were passed by and may have ended it. */
  readonly maybes?: Grown<Maybe> | undefined
  /** Chains, by how deep they lie, from which it may have returned before their end. */
  readonly escapes?: Grown<{ readonly depth: number; readonly because: readonly Unknown[] }>
  readonly trace?: Grown<DecidedBy> | undefined
  /** Denials that may have happened, and on what that depends. */
  readonly doubts?: Grown<readonly Unknown[]>
  /** It stands beside other pieces for the same packets: which of them is real depends on these. */
  readonly forks?: Grown<readonly Unknown[]>
  /** Reasons why nothing is sure of it any more. */
  readonly unsettled?: Grown<readonly Unknown[]>
  readonly matched?: Matched
  readonly inspected?: 'yes' | 'may'
}

/** Part of an asked flow on its way through a device: one family and protocol, every combination of its fields. */
export interface Piece {
  readonly family: 4 | 6
  readonly protocol: number
  readonly source: Axis
  readonly destination: Axis
  readonly from: Axis
  readonly to: Axis
  readonly state: State
}

/** Sets of a rule, in the order of the fields of a piece; an absent one asks nothing. */
export interface Asks {
  readonly source?: Intervals
  readonly destination?: Intervals
  readonly from?: Intervals
  readonly to?: Intervals
}

/** Which addresses and ports a stage looks at. */
export interface Views {
  readonly source: View
  readonly destination: View
}

const axes = ['to', 'destination', 'source', 'from'] as const

/**
 * Cuts a piece by a rule's sets.
 *
 * @returns the part that fits all of them and at most four more that do not, none over another; no `inside` where none
 *   fits, and then the piece whole as the one part `outside`
 */
export function sliced(
  piece: Piece,
  asks: Asks,
  views: Views,
  line: Coordinates,
): { readonly inside: Piece | undefined; readonly outside: readonly Piece[] } {
  const inside: { -readonly [name in (typeof axes)[number]]?: Axis } = {}
  for (const name of axes) {
    const set = asks[name]
    if (set === undefined) continue
    const part = axisInside(piece[name], set, viewOf(name, views), lineOf(name, line))
    if (part === undefined) return { inside: undefined, outside: [piece] }
    if (part !== piece[name]) inside[name] = part
  }
  const outside: Piece[] = []
  let rest = piece
  for (const name of axes) {
    const part = inside[name]
    const set = asks[name]
    if (part === undefined || set === undefined) continue
    const left = axisOutside(piece[name], set, viewOf(name, views), lineOf(name, line))
    if (left !== undefined) outside.push({ ...rest, [name]: left })
    rest = { ...rest, [name]: part }
  }
  return { inside: rest, outside }
}

/** Ports follow their address: where that is looked at as it came, so are they. */
export function viewOf(name: (typeof axes)[number], views: Views): View {
  return name === 'source' || name === 'from' ? views.source : views.destination
}

export function lineOf(name: (typeof axes)[number], line: Coordinates): Line {
  return name === 'source' || name === 'destination' ? line : coordinates4
}

/** A piece as its answer comes back: the ends change places. Done twice, it is the piece again. */
export function answered(piece: Piece): Piece {
  const { source, destination, from, to, state } = piece
  return {
    ...piece,
    source: destination,
    destination: source,
    from: to,
    to: from,
    state: { ...state, in: state.out, out: state.in },
  }
}

/** Joins pieces of one state that differ in one field alone. */
export function joinedPieces(pieces: readonly Piece[]): readonly Piece[] {
  let left = pieces
  for (const name of axes) {
    const others = axes.filter((other) => other !== name)
    const joined = new Map<State, Map<string, Piece[]>>()
    for (const piece of left) {
      const ofState = joined.get(piece.state) ?? new Map<string, Piece[]>()
      joined.set(piece.state, ofState)
      const key = others.map((field) => sketch(piece[field])).join()
      const alike = ofState.get(key) ?? []
      ofState.set(key, alike)
      const at = alike.findIndex(
        (other) =>
          piece.family === other.family &&
          others.every((field) => isSameAxis(piece[field], other[field])) &&
          isJoinable(piece[name], other[name]),
      )
      const before = alike[at]
      if (before === undefined) alike.push(piece)
      else alike[at] = { ...before, [name]: bothOf(before[name], piece[name]) }
    }
    left = [...joined.values()].flatMap((ofState) => [...ofState.values()].flat())
  }
  return left
}

/** What equal fields have in common, at little cost. */
function sketch({ now: { set } }: Axis): string {
  return `${set[0]} ${set[set.length - 1]} ${set.length}`
}

function isSameAxis(a: Axis, b: Axis): boolean {
  return a === b || (a.was === b.was && isSameValues(a.now, b.now))
}

function isSameValues(a: Values, b: Values): boolean {
  return a.within === b.within && sameIntervals(a.set, b.set)
}

function isJoinable(a: Axis, b: Axis): boolean {
  return a.was === b.was && a.now.within === b.now.within
}

function bothOf(a: Axis, b: Axis): Axis {
  return { ...a, now: { ...a.now, set: unionOfIntervals(a.now.set, b.now.set) } }
}
