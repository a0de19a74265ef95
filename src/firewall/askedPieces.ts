import type { AddressRange } from './addresses.ts'
import { commonRanges, mergedRanges, rangesWithout } from './addresses.ts'
import type { Values } from './axis.ts'
import type { Coordinates } from './coordinates.ts'
import type { Intervals } from './intervals.ts'
import { intervalsOf } from './intervals.ts'
import type { AskedFlow } from './judged.ts'
import type { Piece } from './piece.ts'
import type { PlaceGuess } from './placeMap.ts'
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

function range4(text: readonly [number, number, number, number], length: number): AddressRange {
  const first = text.reduce((value, octet) => value * 256n + BigInt(octet), 0n)
  return { family: 4, first, last: first + (1n << BigInt(32 - length)) - 1n }
}

/** Unicast without what the registries of special-purpose addresses keep from the internet (RFC 6890), as in model/cidr.ts. */
const onInternet: readonly AddressRange[] = Object.freeze([
  ...rangesWithout(
    [{ family: 4, first: 1n << 24n, last: (224n << 24n) - 1n }],
    mergedRanges([
      range4([10, 0, 0, 0], 8),
      range4([100, 64, 0, 0], 10),
      range4([127, 0, 0, 0], 8),
      range4([169, 254, 0, 0], 16),
      range4([172, 16, 0, 0], 12),
      range4([192, 0, 0, 0], 24),
      range4([192, 0, 2, 0], 24),
      range4([192, 88, 99, 0], 24),
      range4([192, 168, 0, 0], 16),
      range4([198, 18, 0, 0], 15),
      range4([198, 51, 100, 0], 24),
      range4([203, 0, 113, 0], 24),
    ]),
  ),
  ...commonRanges(
    [{ family: 6, first: 0x2n << 124n, last: (0x4n << 124n) - 1n }],
    rangesWithout(
      [{ family: 6, first: 0n, last: (1n << 128n) - 1n }],
      [
        { family: 6, first: 0x2001_0000n << 96n, last: (0x2001_0200n << 96n) - 1n },
        { family: 6, first: 0x2001_0db8n << 96n, last: (0x2001_0db9n << 96n) - 1n },
        { family: 6, first: 0x2002n << 112n, last: (0x2003n << 112n) - 1n },
        { family: 6, first: 0x3fffn << 112n, last: (0x3fff_1000n << 96n) - 1n },
      ],
    ),
  ),
])
