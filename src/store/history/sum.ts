import { decodeSketch, encodeSketch, Sketch } from '../../series/sketch.ts'
import { OctetReader, OctetWriter } from './octets.ts'
import type { Piece } from './piece.ts'

/** What is told of an hour or a day of one series when the looks themselves are gone. */
export interface Sum {
  looks: number
  notWell: number
  /** By the number of the measure. */
  readonly sketches: Map<number, Sketch>
}

const version = 1

export function newSum(): Sum {
  return { looks: 0, notWell: 0, sketches: new Map() }
}

export function sumUp(sum: Sum, { looks, columns }: Piece): void {
  for (const { face } of looks) {
    sum.looks += 1
    if (!face.isWell) sum.notWell += 1
  }
  for (const [measure, { values }] of columns) {
    const sketch = sketchOf(sum, measure)
    for (const value of values) sketch.add(value)
  }
}

export function mergeSum(to: Sum, from: Sum): void {
  to.looks += from.looks
  to.notWell += from.notWell
  for (const [measure, sketch] of from.sketches) sketchOf(to, measure).merge(sketch)
}

function sketchOf({ sketches }: Sum, measure: number): Sketch {
  const known = sketches.get(measure)
  if (known !== undefined) return known
  const made = new Sketch()
  sketches.set(measure, made)
  return made
}

export function encodeSum({ looks, notWell, sketches }: Sum): Uint8Array {
  const writer = new OctetWriter()
  for (const number of [version, looks, notWell, sketches.size]) writer.varint(number)
  for (const [measure, sketch] of sketches) {
    writer.varint(measure)
    writer.part(encodeSketch(sketch))
  }
  return writer.take()
}

/**
 * Reads what {@link encodeSum} wrote.
 *
 * @param wanted the only measure whose sketch is asked for, or `none`; absent: all
 * @throws RangeError for octets that are no sum
 */
export function decodeSum(octets: Uint8Array, wanted?: number | 'none'): Sum {
  const reader = new OctetReader(octets)
  if (reader.varint() !== version) throw new RangeError('a sum of no version that is known')
  const sum = { looks: reader.varint(), notWell: reader.varint(), sketches: new Map<number, Sketch>() }
  for (let left = reader.count(octets.length); left > 0; left -= 1) {
    const measure = reader.varint()
    const part = reader.part()
    if (wanted !== undefined && wanted !== measure) continue
    const sketch = decodeSketch(part)
    if (sketch === undefined) throw new RangeError('a sketch that is none')
    sum.sketches.set(measure, sketch)
  }
  return sum
}
