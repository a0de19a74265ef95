import type { Axis } from './axis.ts'
import { valuesOf } from './axis.ts'
import { coordinates4 } from './coordinates.ts'
import type { Question } from './fitOf.ts'
import type { Piece } from './piece.ts'
import type { Hulls } from './ruleTable.ts'

/** Ends of everything that pieces have in the fields of {@link Hulls}. */
interface Hull {
  readonly sourceLo: number
  readonly sourceHi: number
  readonly destinationLo: number
  readonly destinationHi: number
  readonly protocol: number
  readonly fromLo: number
  readonly fromHi: number
  readonly toLo: number
  readonly toHi: number
}

/** @param pieces at least one, of one family and protocol */
export function hullOf(pieces: readonly Piece[], { views, line }: Question): Hull {
  const hull = {
    sourceLo: Infinity,
    sourceHi: 0,
    destinationLo: Infinity,
    destinationHi: 0,
    protocol: pieces[0]?.protocol ?? 0,
    fromLo: Infinity,
    fromHi: 0,
    toLo: Infinity,
    toHi: 0,
  }
  for (const piece of pieces) {
    const source = valuesOf(piece.source, views.source, line).set
    const destination = valuesOf(piece.destination, views.destination, line).set
    const from = valuesOf(piece.from, views.source, coordinates4).set
    const to = valuesOf(piece.to, views.destination, coordinates4).set
    hull.sourceLo = Math.min(hull.sourceLo, source[0] ?? 0)
    hull.sourceHi = Math.max(hull.sourceHi, source.at(-1) ?? 0)
    hull.destinationLo = Math.min(hull.destinationLo, destination[0] ?? 0)
    hull.destinationHi = Math.max(hull.destinationHi, destination.at(-1) ?? 0)
    hull.fromLo = Math.min(hull.fromLo, from[0] ?? 0)
    hull.fromHi = Math.max(hull.fromHi, from.at(-1) ?? 0)
    hull.toLo = Math.min(hull.toLo, to[0] ?? 0)
    hull.toHi = Math.max(hull.toHi, to.at(-1) ?? 0)
  }
  return hull
}

/** Whether one of many pieces is outside of a rule's hull: what is cut apart seldom meets a rule that the whole met. */
export function misses({ source, destination, to }: Piece, hulls: Hulls, i: number): boolean {
  return (
    isOutside(destination, hulls.destinationLo[i] as number, hulls.destinationHi[i] as number) ||
    isOutside(source, hulls.sourceLo[i] as number, hulls.sourceHi[i] as number) ||
    isOutside(to, hulls.toLo[i] as number, hulls.toHi[i] as number)
  )
}

/** A field that was translated is left to {@link fitOf}, which knows what the stage looks at. */
function isOutside({ now, was }: Axis, lo: number, hi: number): boolean {
  if (was !== undefined) return false
  const { set } = now
  return (set[0] as number) >= hi || (set[set.length - 1] as number) <= lo
}

/** The next rule whose hull meets that of the pieces: all that most rules of a long list ever cost. */
export function nextInHull(rules: Hulls, start: number, count: number, hull: Hull): number {
  const { sourceLo, sourceHi, destinationLo, destinationHi, protocolLo, protocolHi, fromLo, fromHi, toLo, toHi } = rules
  for (let i = start; i < count; i += 1) {
    if ((destinationHi[i] as number) <= hull.destinationLo || (destinationLo[i] as number) >= hull.destinationHi)
      continue
    if ((sourceHi[i] as number) <= hull.sourceLo || (sourceLo[i] as number) >= hull.sourceHi) continue
    if ((toHi[i] as number) <= hull.toLo || (toLo[i] as number) >= hull.toHi) continue
    if ((protocolHi[i] as number) <= hull.protocol || (protocolLo[i] as number) > hull.protocol) continue
    if ((fromHi[i] as number) <= hull.fromLo || (fromLo[i] as number) >= hull.fromHi) continue
    return i
  }
  return count
}
