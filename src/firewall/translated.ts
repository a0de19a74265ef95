import type { Addresses, AddressRange } from './addresses.ts'
import type { Axis, Values } from './axis.ts'
import { moved, replaced } from './axis.ts'
import type { Coordinates } from './coordinates.ts'
import { coordinates4 } from './coordinates.ts'
import type { Question } from './fitOf.ts'
import { countOfIntervals } from './intervals.ts'
import type { Piece } from './piece.ts'
import type { PlaceGuess } from './placeMap.ts'
import type { NumberRange, Rule, Translation } from './ruleset.ts'
import type { Unknown } from './unknown.ts'

/** A piece as a rule of address translation leaves it. */
export function translated(
  piece: Piece,
  rule: Rule,
  action: { readonly source?: Translation; readonly destination?: Translation },
  { line }: Pick<Question, 'line'>,
): Piece {
  let next = piece
  // Type and code of ICMP stand in place of ports, and stay.
  const hasPorts = piece.protocol !== 1 && piece.protocol !== 58
  if (action.destination !== undefined) {
    const { to, ports } = action.destination
    const destination = addressesTo(next.destination, to, rule.match.destination, next.state.in, line, 'destination')
    const isLocal = to === 'interface' || next.state.isLocal
    next = {
      ...next,
      destination,
      to: hasPorts ? portsTo(next.to, ports, rule.match.destinationPorts) : next.to,
      state: isLocal === next.state.isLocal ? next.state : { ...next.state, isLocal },
    }
  }
  if (action.source !== undefined) {
    const { to, ports } = action.source
    next = {
      ...next,
      source: addressesTo(next.source, to, rule.match.source, next.state.out, line, 'source'),
      from: hasPorts ? portsTo(next.from, ports, rule.match.sourcePorts) : next.from,
    }
  }
  return next
}

function addressesTo(
  axis: Axis,
  to: Translation['to'],
  matched: Addresses | undefined,
  at: PlaceGuess,
  line: Coordinates,
  end: 'source' | 'destination',
): Axis {
  if (to === undefined) return axis
  const what = `which address the ${end} is translated to`
  if (to === 'interface') {
    const own = at.kind === 'among' ? at.places.flatMap((place) => place.own ?? []) : []
    const isKnown = at.kind === 'among' && at.places.every((place) => (place.own ?? []).length > 0)
    return pool(axis, isKnown ? own : [], line, { kind: 'place', what: `the address of the interface, and so ${what}` })
  }
  if ('kind' in to) return pool(axis, [], line, to)
  const ranges = to.filter(({ family }) => family === line.family)
  const [only] = ranges
  const from = matched === undefined ? undefined : onlyRange(matched, line.family)
  if (only !== undefined && ranges.length === 1 && from !== undefined && sizeOf(from) === sizeOf(only)) {
    return moved(axis, only.first - from.first, line)
  }
  return pool(axis, ranges, line, { kind: 'other', what })
}

/** Any of some addresses, or of all where none is known; one address is no question. */
function pool(axis: Axis, ranges: readonly AddressRange[], line: Coordinates, because: Unknown): Axis {
  const [only] = ranges
  const isOne = only !== undefined && ranges.length === 1 && only.first === only.last
  return replaced(axis, valuesAt(ranges, line), line, isOne ? undefined : because)
}

function valuesAt(ranges: readonly AddressRange[], line: Coordinates): Values {
  const set = ranges.length === 0 ? line.every : line.intervals(ranges)
  return line.family === 6 && ranges.length > 0 ? { set, within: ranges } : { set }
}

/** The one range that a rule asks for in a family; undefined where it is several, or not known. */
function onlyRange({ sure, possible }: Addresses, family: 4 | 6): AddressRange | undefined {
  const own = sure.filter((range) => range.family === family)
  return own.length === 1 && possible.length === 0 ? own[0] : undefined
}

function sizeOf({ first, last }: AddressRange): bigint {
  return last - first
}

function portsTo(axis: Axis, to: NumberRange | undefined, matched: readonly NumberRange[] | undefined): Axis {
  if (to === undefined) return axis
  const [from] = matched ?? []
  if (from !== undefined && matched?.length === 1 && from.last - from.first === to.last - to.first) {
    return moved(axis, BigInt(to.first - from.first), coordinates4)
  }
  const now: Values = { set: [to.first, to.last + 1] }
  const isOne = countOfIntervals(now.set) === 1
  return replaced(
    axis,
    now,
    coordinates4,
    isOne ? undefined : { kind: 'other', what: 'which port it is translated to' },
  )
}
