import { meetBoxes } from '../boxes.ts'
import type { Place } from '../ruleset.ts'
import { conditionsExclude } from './conditions.ts'
import type { PairContext } from './deadLines.ts'
import { coversLine } from './deadLines.ts'
import type { Lines } from './lines.ts'

/**
 * A later line that does the same to all packets of a line, with nothing in between that would do something else to one
 * of them: without the line, nothing changes.
 *
 * @param dead 1 for lines that never match, which make nothing superfluous
 * @returns the number of its occurrence
 */
export function laterLine(
  { lines, index, occurrences, implies }: PairContext,
  line: number,
  dead: Uint8Array,
  places: readonly Place[],
): number | undefined {
  const subject = occurrences[lines.at[line] ?? 0]
  if (subject === undefined || subject.effect !== 'ends' || lines.isExact[line] !== 1) return undefined
  const near = index.candidates(line)
  const start = near === undefined ? line + 1 : firstAbove(near, line)
  const end = near === undefined ? lines.count : near.length
  for (let at = start; at < end; at += 1) {
    at = nextOverlap(lines, line, near, at, end)
    if (at === end) break
    const other = near === undefined ? at : (near[at] ?? 0)
    const later = occurrences[lines.at[other] ?? 0]
    if (later === undefined || conditionsExclude(subject.conditions, later.conditions, places)) continue
    if (later.effect === 'continues') {
      if (later.rule.sets !== undefined && meetLines(lines, line, other)) return undefined
      continue
    }
    const isSame = later.effect === 'ends' && later.does === subject.does
    if (!isSame) {
      if (meetLines(lines, line, other)) return undefined
      continue
    }
    if (lines.isExact[other] !== 1 || dead[other] === 1 || later.rule.implied === true) continue
    if (implies(subject, later) && coversLine(lines, other, line)) return lines.at[other]
  }
  return undefined
}

function meetLines(lines: Lines, some: number, other: number): boolean {
  if (lines.isSimple[some] === 1 && lines.isSimple[other] === 1) return true
  return lines.boxes(some).some((a) => lines.boxes(other).some((b) => meetBoxes(a, b)))
}

/** The first place from one on, in a list of lines or of all, at which a line overlaps in every field; `end` where none does. */
function nextOverlap(lines: Lines, line: number, near: Int32Array | undefined, from: number, end: number): number {
  const [sourceLo, destinationLo, protocolLo, fromLo, toLo] = lines.lo as Columns
  const [sourceHi, destinationHi, protocolHi, fromHi, toHi] = lines.hi as Columns
  const [sl, sh] = [sourceLo[line] as number, sourceHi[line] as number]
  const [dl, dh] = [destinationLo[line] as number, destinationHi[line] as number]
  const [tl, th] = [toLo[line] as number, toHi[line] as number]
  for (let at = from; at < end; at += 1) {
    const other = near === undefined ? at : (near[at] as number)
    if ((destinationLo[other] as number) >= dh || (destinationHi[other] as number) <= dl) continue
    if ((sourceLo[other] as number) >= sh || (sourceHi[other] as number) <= sl) continue
    if ((toLo[other] as number) >= th || (toHi[other] as number) <= tl) continue
    if ((protocolLo[other] as number) >= (protocolHi[line] as number)) continue
    if ((protocolHi[other] as number) <= (protocolLo[line] as number)) continue
    if ((fromLo[other] as number) >= (fromHi[line] as number)) continue
    if ((fromHi[other] as number) > (fromLo[line] as number)) return at
  }
  return end
}

/** Place of the first number above one, in an ascending list. */
function firstAbove(list: Int32Array, number: number): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((list[middle] ?? 0) <= number) low = middle + 1
    else high = middle
  }
  return low
}

type Columns = readonly [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array]
