import type { Intervals } from './intervals.ts'
import {
  countOfIntervals,
  coversIntervals,
  intersectionOfIntervals,
  intervalsWithout,
  meetIntervals,
} from './intervals.ts'

/**
 * Packets of one family: every combination of one value of each of five sets, none of them empty. Lists of a rule stay
 * lists, so that a rule of k sources, m destinations and p ports is one box, and cutting it out of another leaves five
 * boxes at most, however long the lists are.
 *
 * - `source`, `destination`: coordinates (see {@link import('./coordinates.ts').Coordinates}); of IPv4 the address itself
 * - `protocol`: 0 to 255
 * - `from`, `to`: ports of the sender and of the receiver, 0 to 65535; of ICMP and ICMPv6 type and code
 */
export type Box = readonly [
  source: Intervals,
  destination: Intervals,
  protocol: Intervals,
  from: Intervals,
  to: Intervals,
]

/** What is in both, or undefined where that is nothing. */
export function intersectionOfBoxes(a: Box, b: Box): Box | undefined {
  const protocol = intersectionOfIntervals(a[2], b[2])
  if (protocol.length === 0) return undefined
  const to = intersectionOfIntervals(a[4], b[4])
  if (to.length === 0) return undefined
  const destination = intersectionOfIntervals(a[1], b[1])
  if (destination.length === 0) return undefined
  const source = intersectionOfIntervals(a[0], b[0])
  if (source.length === 0) return undefined
  const from = intersectionOfIntervals(a[3], b[3])
  if (from.length === 0) return undefined
  return [source, destination, protocol, from, to]
}

/** Whether two boxes have a packet in common. */
export function meetBoxes(a: Box, b: Box): boolean {
  return (
    meetIntervals(a[2], b[2]) &&
    meetIntervals(a[4], b[4]) &&
    meetIntervals(a[1], b[1]) &&
    meetIntervals(a[0], b[0]) &&
    meetIntervals(a[3], b[3])
  )
}

/** Whether every packet of the second is in the first. */
export function coversBox(a: Box, b: Box): boolean {
  return a.every((set, field) => coversIntervals(set, b[field] as Intervals))
}

/** What is left of a box without another: at most five boxes, none over another. The box itself where they do not meet. */
export function boxWithout(a: Box, b: Box): readonly Box[] {
  const common = intersectionOfBoxes(a, b)
  if (common === undefined) return [a]
  const left: Box[] = []
  const cut: [Intervals, Intervals, Intervals, Intervals, Intervals] = [...a]
  for (const field of sliceOrder) {
    const outside = intervalsWithout(a[field], b[field])
    if (outside.length > 0) {
      const slice: [Intervals, Intervals, Intervals, Intervals, Intervals] = [...cut]
      slice[field] = outside
      left.push(slice)
    }
    cut[field] = common[field]
  }
  return left
}

/** What is left of boxes without some others; undefined where it would be more than `most` boxes. */
export function boxesWithout(some: readonly Box[], others: readonly Box[], most: number): readonly Box[] | undefined {
  let left = some
  for (const other of others) {
    left = left.flatMap((box) => boxWithout(box, other))
    if (left.length === 0) return left
    if (left.length > most) return undefined
  }
  return left
}

/**
 * How many packets of the coordinates' grid are in a box: a measure for comparing and for bounds. A double: rounded
 * beyond 2^53, with a relative error below 1e-14, so that *less* is proven by a distance of more than that only.
 */
export function volumeOfBox(box: Box): number {
  let volume = 1
  for (const set of box) volume *= countOfIntervals(set)
  return volume
}

/** Protocol and ports first: lists of rules differ there least, so what is cut off is large and seldom cut again. */
const sliceOrder = [2, 4, 1, 0, 3] as const
