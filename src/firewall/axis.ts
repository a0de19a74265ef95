import type { AddressRange } from './addresses.ts'
import type { Coordinates } from './coordinates.ts'
import type { Intervals } from './intervals.ts'
import { intersectionOfIntervals, intervalsWithout } from './intervals.ts'
import type { Unknown } from './unknown.ts'

/** Values of one field: on its line, and for IPv6 the addresses themselves where they end between bounds of the line. */
export interface Values {
  readonly set: Intervals
  readonly within?: readonly AddressRange[]
}

/**
 * One field of a piece of a flow: what it is now, and how that came of what it was before translation.
 * Absent `was`: nothing was translated. `shift`: each value became itself plus that. `kept`: it became any of the values
 * that it has now, and which one of them is not known; or one value, where `because` is absent.
 */
export interface Axis {
  readonly now: Values
  readonly was?: { readonly shift: bigint } | { readonly kept: Values; readonly because?: Unknown }
}

/** Which of the two a rule is held against. */
export type View = 'now' | 'was'

/** Ports, and types and codes of ICMP: their line is the numbers themselves, as that of IPv4 is. */
export type Line = Pick<Coordinates, 'intervals' | 'ranges' | 'family'>

/** The values of a field in one view. */
export function valuesOf(axis: Axis, view: View, line: Line): Values {
  const { was } = axis
  if (view === 'now' || was === undefined) return axis.now
  return 'kept' in was ? was.kept : shifted(axis.now, -was.shift, line)
}

/** The part of a field whose view is in a set; undefined where that is nothing, the field itself where it is all. */
export function axisInside(axis: Axis, set: Intervals, view: View, line: Line): Axis | undefined {
  return cut(axis, view, line, (values) => intersectionOfIntervals(values, set))
}

/** The part whose view is outside of it; undefined where that is nothing. */
export function axisOutside(axis: Axis, set: Intervals, view: View, line: Line): Axis | undefined {
  return cut(axis, view, line, (values) => intervalsWithout(values, set))
}

function cut(axis: Axis, view: View, line: Line, by: (set: Intervals) => Intervals): Axis | undefined {
  const values = valuesOf(axis, view, line)
  const set = by(values.set)
  if (set.length === 0) return undefined
  if (set === values.set) return axis
  const part: Values = values.within === undefined ? { set } : { set, within: values.within }
  const { was } = axis
  if (was === undefined) return { now: part }
  if (view === 'now') return { now: part, was }
  if ('kept' in was) return { now: axis.now, was: { ...was, kept: part } }
  return { now: shifted(part, was.shift, line), was }
}

/** Values that each moved by the same step. */
export function shifted(values: Values, step: bigint, line: Line): Values {
  if (step === 0n) return values
  if (line.family === 4) return { set: values.set.map((value) => value + Number(step)) }
  const within = line
    .ranges(values.set, values.within)
    .map(({ family, first, last }) => ({ family, first: first + step, last: last + step }))
  return { set: line.intervals(within), within }
}

/** A field that became one value or any of several, whatever it was. */
export function replaced(axis: Axis, now: Values, line: Line, because?: Unknown): Axis {
  const kept = valuesOf(axis, 'was', line)
  const was = axis.was
  const before = was !== undefined && 'kept' in was ? was.because : undefined
  const reason = because ?? before
  return { now, was: { kept, ...(reason !== undefined && { because: reason }) } }
}

/** A field that moved by a step. */
export function moved(axis: Axis, step: bigint, line: Line): Axis {
  const now = shifted(axis.now, step, line)
  const { was } = axis
  if (was === undefined) return { now, was: { shift: step } }
  return 'kept' in was ? { now, was } : { now, was: { shift: was.shift + step } }
}
