import { globalUnicast, notPublic } from '../model/cidr.ts'
import type { AddressRange } from './addresses.ts'
import { everyAddress, mergedRanges, rangesWithout } from './addresses.ts'
import type { Values } from './axis.ts'
import type { Coordinates } from './coordinates.ts'
import type { Intervals } from './intervals.ts'
import { intervalsOf } from './intervals.ts'
import type { AskedFlow } from './judged.ts'
import type { Piece } from './piece.ts'
import type { PlaceGuess } from './placeMap.ts'
import { rangeOfBlock } from './rangesOfPrefix.ts'
import type { NumberRange } from './ruleset.ts'

/** What systems choose the port of the opening end from (RFC 6056 §3.2). */
export const chosenPorts: NumberRange = Object.freeze({ first: 1024, last: 65535 })

/** The fields of part of a flow in one family, in no coordinates. */
export interface Ends {
  readonly family: 4 | 6
  readonly protocol: number
  readonly source: readonly AddressRange[]
  readonly destination: readonly AddressRange[]
  /** Ports of the sender and of the receiver; of ICMP type and code. */
  readonly from: Intervals
  readonly to: Intervals
}

/**
 * The fields of an asked flow in one family; undefined where it has nothing in it. An ICMP flow is an echo request
 * (RFC 792, RFC 4443 §4.1). Where only a name is known, it goes to any address that a host on the internet can have.
 */
export function askedEnds(asked: AskedFlow, family: 4 | 6): Ends | undefined {
  const own = (ranges: readonly AddressRange[]) => mergedRanges(ranges.filter((range) => range.family === family))
  const source = own(asked.source)
  const destination = own(asked.destination ?? onInternet)
  if (source.length === 0 || destination.length === 0) return undefined
  if (asked.transport === 'icmp') {
    const [protocol, from] = family === 4 ? [1, [8, 9]] : [58, [128, 129]]
    return { family, protocol, source, destination, from, to: [0, 1] }
  }
  const protocol = asked.transport === 'tcp' ? 6 : 17
  const from = portsOf([asked.sourcePorts ?? chosenPorts])
  return { family, protocol, source, destination, from, to: portsOf(asked.ports) }
}

/** An asked flow as pieces of one family: one, or none where it has nothing in the family. */
export function askedPieces(asked: AskedFlow, line: Coordinates): readonly Piece[] {
  const ends = askedEnds(asked, line.family)
  return ends === undefined ? [] : [pieceOf(ends, line)]
}

/** Part of a flow as it comes to a device. */
export function pieceOf({ family, protocol, source, destination, from, to }: Ends, line: Coordinates): Piece {
  return {
    family,
    protocol,
    source: { now: valuesOn(line, source) },
    destination: { now: valuesOn(line, destination) },
    from: { now: { set: from } },
    to: { now: { set: to } },
    state: { in: anyPlace, out: anyPlace, isLocal: false },
  }
}

/** Addresses on a line, where they may end between its bounds. */
export function valuesOn(line: Coordinates, ranges: readonly AddressRange[]): Values {
  const set = line.intervals(ranges)
  return line.family === 4 ? { set } : { set, within: ranges }
}

export const anyPlace: PlaceGuess = Object.freeze({ kind: 'unknown', not: new Set<string>() })

function portsOf(ranges: readonly NumberRange[]): Intervals {
  return ranges.length === 0 ? [0, 65536] : intervalsOf(ranges.flatMap(({ first, last }) => [first, last + 1]))
}

/** The addresses that `isPublic` takes for hosts on the internet. */
const onInternet: readonly AddressRange[] = Object.freeze(
  rangesWithout(
    [...everyAddress(4).sure, ...globalUnicast.map(rangeOfBlock)],
    mergedRanges(notPublic.map(rangeOfBlock)),
  ),
)
