export interface PairNeeds {
  /** How many there are on the right. */
  readonly count: number
  /** Whether one of the left, or of the right, must be paired before others are. */
  readonly needsLeft: (left: number) => boolean
  readonly needsRight: (right: number) => boolean
}

/**
 * Pairs as many as can be, each at most once, so that of both sides everything that needs a pair and can have one has one
 * (Mendelsohn and Dulmage: what can be covered of either side can be covered of both). By augmenting paths, breadth first.
 *
 * @param edges of each on the left: those on the right that it goes with, the best first
 * @returns pairs of left and right
 */
export function maximumPairs(
  edges: readonly (readonly number[])[],
  needs: PairNeeds,
): readonly (readonly [number, number])[] {
  const ofLeft: (number | undefined)[] = edges.map(() => undefined)
  const ofRight: (number | undefined)[] = Array.from({ length: needs.count }, () => undefined)
  const back: number[][] = Array.from({ length: needs.count }, () => [])
  for (const [left, rights] of edges.entries()) for (const right of rights) back[right]?.push(left)
  const fromLeft: Side = { edges, own: ofLeft, other: ofRight }
  const fromRight: Side = { edges: back, own: ofRight, other: ofLeft }
  const never = (): boolean => false
  for (const left of ofLeft.keys()) if (needs.needsLeft(left)) augment(left, fromLeft, never)
  // One that needs no pair gives way to one that does; whoever is paired on the left stays so.
  for (const right of ofRight.keys()) {
    if (needs.needsRight(right) && ofRight[right] === undefined) {
      augment(right, fromRight, (other) => !needs.needsRight(other))
    }
  }
  for (const left of ofLeft.keys()) if (ofLeft[left] === undefined) augment(left, fromLeft, never)
  return ofLeft.flatMap((right, left) => (right === undefined ? [] : [[left, right] as const]))
}

interface Side {
  readonly edges: readonly (readonly number[])[]
  /** Pairs by the side that is begun from, and by the other. */
  readonly own: (number | undefined)[]
  readonly other: (number | undefined)[]
}

/** Finds a pair for one that has none, by giving others another one. */
function augment(start: number, { edges, own, other }: Side, givesWay: (one: number) => boolean): void {
  /** By each of the other side, from whom it was come to. */
  const cameFrom = new Map<number, number>()
  const queue = [start]
  for (let next = 0; next < queue.length; next += 1) {
    const one = queue[next] ?? start
    if (one !== start && givesWay(one)) {
      const freed = own[one]
      own[one] = undefined
      if (freed !== undefined) turn(freed, start, cameFrom, own, other)
      return
    }
    for (const to of edges[one] ?? []) {
      if (cameFrom.has(to)) continue
      cameFrom.set(to, one)
      const holder = other[to]
      if (holder === undefined) {
        turn(to, start, cameFrom, own, other)
        return
      }
      queue.push(holder)
    }
  }
}

function turn(
  end: number,
  start: number,
  cameFrom: ReadonlyMap<number, number>,
  own: (number | undefined)[],
  other: (number | undefined)[],
): void {
  for (let to: number | undefined = end; to !== undefined; ) {
    const one = cameFrom.get(to)
    if (one === undefined) return
    const before = own[one]
    own[one] = to
    other[to] = one
    if (one === start) return
    to = before
  }
}
