import type { Box } from '../boxes.ts'
import { boxesWithout, coversBox, intersectionOfBoxes } from '../boxes.ts'
import { conditionsImply } from './conditions.ts'
import type { Cover, CoverBudget, Coverer } from './cover.ts'
import { coverOf, smallestOf } from './cover.ts'
import type { LineIndex } from './lineIndex.ts'
import type { Lines } from './lines.ts'
import type { Occurrence } from './occurrences.ts'

/** What is before a line, and takes packets from it. */
export type Before =
  | { readonly kind: 'alive'; readonly exceptions: readonly number[] }
  | {
      readonly kind: 'dead'
      /** Occurrences that cover it together, the largest overlap first. */
      readonly by: readonly number[]
      /** The largest that does something else to packets which otherwise were the line's. */
      readonly contradictedBy: number | undefined
    }
  | { readonly kind: 'undecided' }

/** The lines of a stage with what tells in a pair of them. */
export interface PairContext {
  readonly lines: Lines
  readonly occurrences: readonly Occurrence[]
  readonly budget: CoverBudget
  readonly index: LineIndex
  readonly found: FoundOverlaps
  /** Remembers which lists of conditions imply which. */
  readonly implies: (some: Occurrence, other: Occurrence) => boolean
}

/** Remembers answers by the text of conditions: few are different. */
export function rememberedImplication(): PairContext['implies'] {
  const known = new Map<string, boolean>()
  const texts = new Map<Occurrence['conditions'], string>()
  const textOf = ({ conditions }: Occurrence): string => {
    const before = texts.get(conditions)
    if (before !== undefined) return before
    const made = JSON.stringify(conditions)
    texts.set(conditions, made)
    return made
  }
  return (some, other) => {
    if (other.conditions.length === 0) return true
    const key = `${textOf(some)} => ${textOf(other)}`
    const before = known.get(key)
    if (before !== undefined) return before
    const made = conditionsImply(some.conditions, other.conditions)
    known.set(key, made)
    return made
  }
}

/** 1 for lines that surely end what they match: they can cover. */
export function coveringLines({ lines, occurrences }: PairContext): Uint8Array {
  return Uint8Array.from({ length: lines.count }, (_, line) => {
    const effect = occurrences[lines.at[line] ?? 0]?.effect
    return lines.isExact[line] === 1 && (effect === 'ends' || effect === 'returns') ? 1 : 0
  })
}

/**
 * Says whether earlier lines take all packets of a line. Three tests spare nearly all of the work: what does not overlap
 * in some field; one line that covers all; and too little overlap, summed up, to cover.
 */
export function beforeLine(context: PairContext, covering: Uint8Array, line: number): Before {
  const { lines, occurrences, implies } = context
  const subject = occurrences[lines.at[line] ?? 0]
  const number = lines.at[line] ?? 0
  if (subject === undefined) return { kind: 'alive', exceptions: [] }
  context.budget.pairs -= context.index.candidates(line)?.length ?? line
  if (context.budget.pairs < 0) return { kind: 'undecided' }
  const found = overlapsBefore(context, covering, line, (other) => {
    const before = occurrences[lines.at[other] ?? 0]
    if (before === undefined || before.until <= number || !implies(subject, before)) return false
    return lines.isSimple[other] === 1 || coversLine(lines, other, line)
  })
  const { until, does, isConditional } = lines
  const isUsable = (other: number): boolean => {
    const before = isConditional[other] === 0 ? undefined : occurrences[lines.at[other] as number]
    return (until[other] as number) > number && (before === undefined || implies(subject, before))
  }
  const exceptions: number[] = []
  let sum = 0
  let isContradicted = false
  for (let i = 0; i < found.count; i += 1) {
    const other = found.lines[i] as number
    const isOther = does[other] !== does[line]
    if (isOther && found.isWithin[i] === 1 && (until[other] as number) > number) {
      const before = occurrences[lines.at[other] as number]
      if (before !== undefined && implies(before, subject)) exceptions.push(other)
    }
    if (!isUsable(other)) continue
    sum += found.most[i] as number
    isContradicted ||= isOther
  }
  if (sum < (lines.volume[line] as number) * (1 - 1e-9)) return { kind: 'alive', exceptions }
  const last = found.lines[found.count - 1]
  if (found.isCovered && last !== undefined && does[last] === does[line]) return deadBy(lines, [last])
  const usable: Overlap[] = []
  for (let i = 0; i < found.count; i += 1) {
    const other = found.lines[i] as number
    if (isUsable(other)) usable.push({ line: other, most: found.most[i] as number })
  }
  usable.sort((a, b) => b.most - a.most || a.line - b.line)
  const cover = found.isCovered && last !== undefined ? [last] : coverIn(context, line, usable)
  if (cover === 'undecided') return { kind: 'undecided' }
  if (cover === 'not') return { kind: 'alive', exceptions }
  if (!isContradicted) return deadBy(lines, cover)
  const same = usable.filter((overlap) => does[overlap.line] === does[line])
  const different = usable.filter((overlap) => does[overlap.line] !== does[line])
  const coverBySame = coverIn(context, line, same)
  if (typeof coverBySame === 'string') return deadBy(lines, cover, contradiction(lines, line, different, same))
  // Rules that do the same take all; smaller ones before them are their exceptions, as they are this line's.
  const whole = contradiction(
    lines,
    line,
    different.filter((overlap) => coversLine(lines, overlap.line, line)),
    same,
  )
  return whole === undefined ? deadBy(lines, coverBySame) : deadBy(lines, [whole], whole)
}

function deadBy({ at }: Lines, by: readonly number[], contradictedBy?: number): Before {
  return {
    kind: 'dead',
    by: by.map((line) => at[line] ?? 0),
    contradictedBy: contradictedBy === undefined ? undefined : at[contradictedBy],
  }
}

/** The fewest of some lines, the largest overlap first, that cover a line together. */
function coverIn({ lines, budget }: PairContext, line: number, usable: readonly Overlap[]): Cover {
  const boxes = lines.boxes(line)
  const coverers = usable.map((overlap): Coverer => ({ boxes: lines.boxes(overlap.line), most: overlap.most }))
  const cover = coverOf(boxes, coverers, budget)
  if (typeof cover === 'string') return cover
  const least = smallestOf(boxes, cover, (one) => coverers[one] ?? { boxes: [], most: 0 })
  return least.flatMap((one) => usable[one]?.line ?? [])
}

interface Overlap {
  readonly line: number
  /** Packets that both can have, at most. */
  readonly most: number
}

/** Overlaps of one line as columns, which the next one writes over: of millions nearly none is looked at twice. */
export interface FoundOverlaps {
  count: number
  readonly lines: Int32Array
  /** Packets that both can have, at most. */
  readonly most: Float64Array
  /** 1: the other is within the line, as far as the smallest intervals around both tell. */
  readonly isWithin: Uint8Array
  /** The last covers the line by itself. */
  isCovered: boolean
}

export function noOverlaps(count: number): FoundOverlaps {
  return {
    ...{ count: 0, lines: new Int32Array(count), most: new Float64Array(count), isWithin: new Uint8Array(count) },
    isCovered: false,
  }
}

/**
 * Earlier lines that can cover and overlap in every field, up to the first that covers all by itself: behind it no
 * packet of the line is left to take.
 *
 * @param coversAll asked of lines of which the intervals around each field do
 */
function overlapsBefore(
  { lines, found, index }: PairContext,
  covering: Uint8Array,
  line: number,
  coversAll: (other: number) => boolean,
): FoundOverlaps {
  const [sourceLo, destinationLo, protocolLo, fromLo, toLo] = lines.lo as Columns
  const [sourceHi, destinationHi, protocolHi, fromHi, toHi] = lines.hi as Columns
  const [sl, sh] = [sourceLo[line] as number, sourceHi[line] as number]
  const [dl, dh] = [destinationLo[line] as number, destinationHi[line] as number]
  const [pl, ph] = [protocolLo[line] as number, protocolHi[line] as number]
  const [fl, fh] = [fromLo[line] as number, fromHi[line] as number]
  const [tl, th] = [toLo[line] as number, toHi[line] as number]
  let count = 0
  found.isCovered = false
  const near = index.candidates(line)
  for (let at = 0; ; at += 1) {
    const other = near === undefined ? at : (near[at] ?? line)
    if (other >= line) break
    const d0 = destinationLo[other] as number
    const d1 = destinationHi[other] as number
    if (d0 >= dh || d1 <= dl) continue
    const s0 = sourceLo[other] as number
    const s1 = sourceHi[other] as number
    if (s0 >= sh || s1 <= sl) continue
    const t0 = toLo[other] as number
    const t1 = toHi[other] as number
    if (t0 >= th || t1 <= tl) continue
    const p0 = protocolLo[other] as number
    const p1 = protocolHi[other] as number
    if (p0 >= ph || p1 <= pl) continue
    const f0 = fromLo[other] as number
    const f1 = fromHi[other] as number
    if (f0 >= fh || f1 <= fl || covering[other] === 0) continue
    found.lines[count] = other
    found.most[count] =
      (Math.min(d1, dh) - Math.max(d0, dl)) *
      (Math.min(s1, sh) - Math.max(s0, sl)) *
      (Math.min(t1, th) - Math.max(t0, tl)) *
      (Math.min(p1, ph) - Math.max(p0, pl)) *
      (Math.min(f1, fh) - Math.max(f0, fl))
    const isWithin = d0 >= dl && d1 <= dh && s0 >= sl && s1 <= sh && t0 >= tl && t1 <= th
    found.isWithin[count] = isWithin && p0 >= pl && p1 <= ph && f0 >= fl && f1 <= fh ? 1 : 0
    count += 1
    const isAround = d0 <= dl && d1 >= dh && s0 <= sl && s1 >= sh && t0 <= tl && t1 >= th
    if (isAround && p0 <= pl && p1 >= ph && f0 <= fl && f1 >= fh && coversAll(other)) {
      found.isCovered = true
      break
    }
  }
  found.count = count
  return found
}

type Columns = readonly [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array]

/** Others that are tried: a contradiction of the 20 largest overlaps says enough. */
const mostContradictions = 20

/**
 * The largest of the covering lines that does something else, and is met by packets of the line which no line before it
 * that does the same as the line has taken.
 */
function contradiction(
  lines: Lines,
  line: number,
  different: readonly Overlap[],
  same: readonly Overlap[],
): number | undefined {
  for (const overlap of different.slice(0, mostContradictions)) {
    const common = commonBoxes(lines.boxes(line), lines.boxes(overlap.line))
    const earlier = same.filter((other) => other.line < overlap.line)
    const left = boxesWithout(
      common,
      earlier.flatMap((other) => lines.boxes(other.line)),
      2000,
    )
    if (left === undefined || left.length > 0) return overlap.line
  }
  return undefined
}

function commonBoxes(some: readonly Box[], others: readonly Box[]): readonly Box[] {
  return some.flatMap((box) =>
    others.flatMap((other) => {
      const common = intersectionOfBoxes(box, other)
      return common === undefined ? [] : [common]
    }),
  )
}

/** Whether all packets of one line are in another, box by box. */
export function coversLine(lines: Lines, other: number, line: number): boolean {
  const boxes = lines.boxes(other)
  return lines.boxes(line).every((box) => boxes.some((one) => coversBox(one, box)))
}
