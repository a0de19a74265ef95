import type { Intervals } from './intervals.ts'

/**
 * What each of several sets has that none before it has: of routes by length, the addresses that each decides. Time n
 * log n in the intervals of all, where taking each away from the ones behind it would be quadratic.
 */
export function unclaimedParts(sets: readonly Intervals[]): readonly Intervals[] {
  const cuts = sortedOnce(sets)
  /** The first cell at or behind one that nobody has: a cell lies between two cuts. */
  const free = Uint32Array.from(cuts, (_, at) => at)
  const firstFree = (from: number): number => {
    let at = from
    for (let next = free[at] as number; next !== at; next = free[at] as number) {
      free[at] = free[next] as number
      at = next
    }
    return at
  }
  return sets.map((set) => {
    const own: number[] = []
    for (let i = 0; i < set.length; i += 2) {
      const end = indexOf(cuts, set[i + 1] as number)
      for (let cell = firstFree(indexOf(cuts, set[i] as number)); cell < end; cell = firstFree(cell)) {
        free[cell] = cell + 1
        const [low, high] = [cuts[cell] as number, cuts[cell + 1] as number]
        if (own.at(-1) === low) own[own.length - 1] = high
        else own.push(low, high)
      }
    }
    return own
  })
}

function sortedOnce(sets: readonly Intervals[]): Float64Array {
  const all = Float64Array.from(sets.flat()).sort()
  return all.filter((value, at) => at === 0 || value !== all[at - 1])
}

/** Where a value stands that is in the list. */
function indexOf(sorted: Float64Array, value: number): number {
  let low = 0
  let high = sorted.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return low
}
