import type { Lines } from './lines.ts'

/** Finds the lines that can overlap with one without a look at all of them. */
export interface LineIndex {
  /** Numbers of lines, ascending: all that overlap with the line are among them. Undefined: all lines are to be looked at. */
  candidates(line: number): Int32Array | undefined
}

/** Parts into which the values of a field are divided at most. */
const mostParts = 512
/** Entries of all lists together, for each line: an index of wide lines is larger than it helps. */
const mostEntries = 64

/**
 * Divides the values of one field into parts, and lists for each part the lines that have some of it: a line within one
 * part has all that it overlaps with in one list. The field is the one that leaves the fewest pairs.
 */
export function lineIndex(lines: Lines): LineIndex {
  const best = indexedFields
    .map((field) => dividedBy(lines, field))
    .reduce<Division | undefined>(
      (least, one) => (least === undefined || one.pairs < least.pairs ? one : least),
      undefined,
    )
  if (best === undefined || best.entries > mostEntries * lines.count || best.pairs > (lines.count * lines.count) / 2) {
    return { candidates: () => undefined }
  }
  const { first, last, sizes } = best
  const lists = Array.from(sizes, (size) => new Int32Array(size))
  const filled = new Int32Array(lists.length)
  for (let line = 0; line < lines.count; line += 1) {
    for (let part = first[line] ?? 0; part <= (last[line] ?? 0); part += 1) {
      const list = lists[part]
      const at = filled[part] ?? 0
      if (list !== undefined) list[at] = line
      filled[part] = at + 1
    }
  }
  return { candidates: (line) => (first[line] === last[line] ? lists[first[line] ?? 0] : undefined) }
}

/** Source, destination and the receiver's ports: protocols and the sender's ports are nearly the same everywhere. */
const indexedFields = [0, 1, 4] as const

interface Division {
  /** Of each line, its first and last part. */
  readonly first: Int32Array
  readonly last: Int32Array
  /** Lines of each part. */
  readonly sizes: Int32Array
  readonly entries: number
  /** Pairs that are looked at with it. */
  readonly pairs: number
}

function dividedBy({ lo, hi, count }: Lines, field: (typeof indexedFields)[number]): Division {
  const los = lo[field] ?? new Float64Array(count)
  const his = hi[field] ?? new Float64Array(count)
  const cuts = cutsOf(los, his)
  const first = new Int32Array(count)
  const last = new Int32Array(count)
  const changes = new Int32Array(cuts.length + 2)
  let entries = 0
  for (let line = 0; line < count; line += 1) {
    const [from, to] = [partOf(cuts, los[line] ?? 0), partOf(cuts, (his[line] ?? 1) - 1)]
    first[line] = from
    last[line] = to
    entries += to - from + 1
    changes[from] = (changes[from] ?? 0) + 1
    changes[to + 1] = (changes[to + 1] ?? 0) - 1
  }
  const sizes = new Int32Array(cuts.length + 1)
  let open = 0
  for (let part = 0; part < sizes.length; part += 1) {
    open += changes[part] ?? 0
    sizes[part] = open
  }
  let pairs = 0
  for (let line = 0; line < count; line += 1) {
    pairs += first[line] === last[line] ? (sizes[first[line] ?? 0] ?? 0) : count
  }
  return { first, last, sizes, entries, pairs }
}

/** Bounds of lines, evenly chosen where they are many, so that most lines lie within one part. */
function cutsOf(los: Float64Array, his: Float64Array): Float64Array {
  const all = new Float64Array(los.length + his.length)
  all.set(los)
  all.set(his, los.length)
  all.sort()
  const distinct = all.filter((value, at) => at === 0 || value !== all[at - 1])
  if (distinct.length <= mostParts) return distinct
  const step = distinct.length / mostParts
  return Float64Array.from({ length: mostParts }, (_, at) => distinct[Math.floor(at * step)] ?? 0)
}

/** How many cuts are at or below a value. */
function partOf(cuts: Float64Array, value: number): number {
  let low = 0
  let high = cuts.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((cuts[middle] ?? 0) <= value) low = middle + 1
    else high = middle
  }
  return low
}
