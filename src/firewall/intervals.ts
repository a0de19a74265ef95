/**
 * A set of whole numbers as half-open intervals `[a0, b0, a1, b1, …]`: sorted, none empty, none over or beside another.
 * Half-open, so that cutting needs no step of one and 2^32 ends the addresses of IPv4 exactly.
 */
export type Intervals = readonly number[]

export const nothing: Intervals = Object.freeze([])

/** What is in both. Linear in the shorter one where it is a single interval, else in both together. */
export function intersectionOfIntervals(a: Intervals, b: Intervals): Intervals {
  if (a === b) return a
  if (a.length === 2 && b.length === 2) {
    const lo = Math.max(at(a, 0), at(b, 0))
    const hi = Math.min(at(a, 1), at(b, 1))
    if (lo >= hi) return nothing
    if (lo === at(a, 0) && hi === at(a, 1)) return a
    return lo === at(b, 0) && hi === at(b, 1) ? b : [lo, hi]
  }
  if (a.length > b.length) return intersectionOfIntervals(b, a)
  const common: number[] = []
  let j = a.length === 0 ? b.length : firstEndingAfter(b, at(a, 0))
  for (let i = 0; i < a.length && j < b.length; ) {
    const lo = Math.max(at(a, i), at(b, j))
    const hi = Math.min(at(a, i + 1), at(b, j + 1))
    if (lo < hi) common.push(lo, hi)
    if (at(a, i + 1) < at(b, j + 1)) i += 2
    else j += 2
  }
  return common.length === 0 ? nothing : common
}

/** What is in the first and not in the second. */
export function intervalsWithout(a: Intervals, b: Intervals): Intervals {
  if (a === b || a.length === 0) return nothing
  const left: number[] = []
  let j = firstEndingAfter(b, at(a, 0))
  for (let i = 0; i < a.length; i += 2) {
    let lo = at(a, i)
    const hi = at(a, i + 1)
    while (j < b.length && at(b, j + 1) <= lo) j += 2
    let k = j
    for (; k < b.length && at(b, k) < hi; k += 2) {
      if (at(b, k) > lo) left.push(lo, at(b, k))
      lo = Math.max(lo, at(b, k + 1))
      if (lo >= hi) break
    }
    if (lo < hi) left.push(lo, hi)
  }
  return left.length === 0 ? nothing : left
}

/** What is in one or the other. */
export function unionOfIntervals(a: Intervals, b: Intervals): Intervals {
  if (a.length === 0 || a === b) return b
  if (b.length === 0) return a
  return intervalsOf([...a, ...b])
}

/** The set of pairs in any order, over each other or not; empty pairs count for nothing. */
export function intervalsOf(pairs: readonly number[]): Intervals {
  if (pairs.length === 0) return nothing
  if (pairs.length === 2) return at(pairs, 0) < at(pairs, 1) ? pairs : nothing
  const order: number[] = []
  for (let i = 0; i < pairs.length; i += 2) if (at(pairs, i) < at(pairs, i + 1)) order.push(i)
  order.sort((x, y) => at(pairs, x) - at(pairs, y))
  const set: number[] = []
  for (const i of order) {
    const last = set.length - 1
    if (last > 0 && at(set, last) >= at(pairs, i)) set[last] = Math.max(at(set, last), at(pairs, i + 1))
    else set.push(at(pairs, i), at(pairs, i + 1))
  }
  return set
}

/** Whether anything of `[lo, hi)` is in the set. Logarithmic. */
export function meetsInterval(set: Intervals, lo: number, hi: number): boolean {
  const i = firstEndingAfter(set, lo)
  return i < set.length && at(set, i) < hi
}

/** Whether two sets have something in common. */
export function meetIntervals(a: Intervals, b: Intervals): boolean {
  if (a.length > b.length) return meetIntervals(b, a)
  for (let i = 0; i < a.length; i += 2) if (meetsInterval(b, at(a, i), at(a, i + 1))) return true
  return false
}

/** Whether all of the second is in the first. */
export function coversIntervals(a: Intervals, b: Intervals): boolean {
  if (a === b) return true
  for (let i = 0; i < b.length; i += 2) {
    const j = firstEndingAfter(a, at(b, i))
    if (j >= a.length || at(a, j) > at(b, i) || at(a, j + 1) < at(b, i + 1)) return false
  }
  return true
}

export function sameIntervals(a: Intervals, b: Intervals): boolean {
  return a === b || (a.length === b.length && a.every((value, i) => value === b[i]))
}

/** How many numbers are in it; exact up to 2^53. */
export function countOfIntervals(set: Intervals): number {
  let count = 0
  for (let i = 0; i < set.length; i += 2) count += at(set, i + 1) - at(set, i)
  return count
}

/** Index of the first interval that ends after a number; the length where none does. */
function firstEndingAfter(set: Intervals, value: number): number {
  let low = 0
  let high = set.length >>> 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if (at(set, 2 * middle + 1) > value) high = middle
    else low = middle + 1
  }
  return 2 * low
}

/** Callers stay within the length; a read beyond it would be NaN in every comparison. */
function at(set: readonly number[], index: number): number {
  return set[index] as number
}
