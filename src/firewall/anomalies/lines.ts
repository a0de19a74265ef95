import type { Box } from '../boxes.ts'
import { intersectionOfBoxes, volumeOfBox } from '../boxes.ts'
import type { Intervals } from '../intervals.ts'
import { reachBoxes } from '../ruleTable.ts'
import type { Occurrence, Via } from './occurrences.ts'

/**
 * The occurrences of a stage that can match packets of one family, with the smallest interval around each field: a
 * struct of arrays, because nearly all of n² pairs are told apart by it.
 */
export interface Lines {
  readonly family: 4 | 6
  readonly count: number
  /** Number of the occurrence that each line is. */
  readonly at: Int32Array
  /** For each field of a {@link Box}, `[lo, hi)` of each line. */
  readonly lo: readonly Float64Array[]
  readonly hi: readonly Float64Array[]
  /** Packets of a line, each counted as often as boxes of it have it. */
  readonly volume: Float64Array
  /** Packets that there are in the family. */
  readonly everyVolume: number
  /** 1: the line is one box with one interval a field, so that the intervals are all of it. */
  readonly isSimple: Uint8Array
  /** 1: the occurrence is sure, so that it matches every packet of its boxes that fulfils its conditions. */
  readonly isExact: Uint8Array
  /** Of each line's occurrence: `until`, and a number for what it does. */
  readonly until: Float64Array
  readonly does: Int32Array
  /** 1: it asks for something that boxes do not say. */
  readonly isConditional: Uint8Array
  /** Boxes outside of which the line matches no packet. */
  boxes(line: number): readonly Box[]
}

/** Boxes of a line at most, above which only the rule's own are looked at, or none. */
const mostBoxes = 64

/** @param addresses of the family's line, all of them: one interval */
export function linesOf(occurrences: readonly Occurrence[], family: 4 | 6, addresses: Intervals): Lines {
  const at: number[] = []
  const reaches: Reach[] = []
  const ofVia = new Map<Via, Reach>()
  for (const [number, occurrence] of occurrences.entries()) {
    const row = occurrence.table.row(occurrence.index, family)
    if (row === undefined) continue
    const own = { boxes: reachBoxes(row), isExact: occurrence.isSure }
    const reached = occurrence.via === undefined ? own : within(own, reachOfVia(occurrence.via, family, ofVia))
    if (reached.boxes.length === 0) continue
    at.push(number)
    reaches.push(reached)
  }
  const count = at.length
  const columns = (): readonly Float64Array[] => Array.from({ length: 5 }, () => new Float64Array(count))
  const [lo, hi] = [columns(), columns()]
  const volume = new Float64Array(count)
  const isSimple = new Uint8Array(count)
  const isExact = new Uint8Array(count)
  const until = new Float64Array(count)
  const does = new Int32Array(count)
  const isConditional = new Uint8Array(count)
  const deeds = new Map<string, number>()
  for (const [line, number] of at.entries()) {
    const occurrence = occurrences[number]
    if (occurrence === undefined) continue
    until[line] = occurrence.until
    isConditional[line] = occurrence.conditions.length === 0 ? 0 : 1
    const deed = deeds.get(occurrence.does) ?? deeds.size
    deeds.set(occurrence.does, deed)
    does[line] = deed
  }
  for (const [line, { boxes: some, isExact: isAll }] of reaches.entries()) {
    for (let field = 0; field < 5; field += 1) {
      let first = Number.POSITIVE_INFINITY
      let last = 0
      for (const box of some) {
        const set = box[field] ?? []
        first = Math.min(first, set[0] ?? first)
        last = Math.max(last, set.at(-1) ?? last)
      }
      const [los, his] = [lo[field], hi[field]]
      if (los !== undefined && his !== undefined) {
        los[line] = first
        his[line] = last
      }
    }
    volume[line] = some.reduce((sum, box) => sum + volumeOfBox(box), 0)
    isExact[line] = isAll ? 1 : 0
    isSimple[line] = some.length === 1 && some[0]?.every((set) => set.length === 2) === true ? 1 : 0
  }
  return {
    everyVolume: volumeOfBox([addresses, addresses, [0, 256], [0, 65536], [0, 65536]]),
    ...{ family, count, at: Int32Array.from(at), lo, hi, volume, isSimple, isExact, until, does, isConditional },
    boxes: (line) => reaches[line]?.boxes ?? [],
  }
}

/** Boxes with all packets that are meant, and whether with no others. */
interface Reach {
  readonly boxes: readonly Box[]
  readonly isExact: boolean
}

/** What can come through jumps. */
function reachOfVia(via: Via, family: 4 | 6, known: Map<Via, Reach>): Reach {
  const before = known.get(via)
  if (before !== undefined) return before
  const row = via.table.row(via.index, family)
  const own: Reach = { boxes: row === undefined ? [] : reachBoxes(row), isExact: true }
  const all = via.before === undefined ? own : within(own, reachOfVia(via.before, family, known))
  known.set(via, all)
  return all
}

function within(own: Reach, bounds: Reach): Reach {
  if (own.boxes.length * bounds.boxes.length > mostBoxes) return { boxes: own.boxes, isExact: false }
  const boxes = own.boxes.flatMap((box) =>
    bounds.boxes.flatMap((bound) => {
      const common = intersectionOfBoxes(box, bound)
      return common === undefined ? [] : [common]
    }),
  )
  return { boxes, isExact: own.isExact && bounds.isExact }
}
