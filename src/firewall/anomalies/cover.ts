import type { BddSet } from '../bdd.ts'
import { Bdd, everything, nothing, tooLarge } from '../bdd.ts'
import type { Box } from '../boxes.ts'
import { boxWithout, meetBoxes, volumeOfBox } from '../boxes.ts'
import type { Intervals } from '../intervals.ts'

/** What one search for covers may cost at most; it is used up as it goes. */
export interface CoverBudget {
  /** Comparisons of the intervals around two rules. */
  pairs: number
  /** Comparisons of two boxes. */
  boxTests: number
  /** Times that a diagram may be tried where boxes become too many. */
  diagrams: number
}

/** Whether others cover all of some boxes: by those of the numbers that are given, not, or nobody knows within the budget. */
export type Cover = readonly number[] | 'not' | 'undecided'

/** Boxes that may be left of one rule while it is cut, above which a diagram is tried. */
const mostFragments = 2000
/** Comparisons that one question may cost, so that a single rule does not use up what is meant for all. */
const mostTests = 300_000
const mostNodes = 1 << 18

/** Boxes that may cover, and how many packets of what is to be covered they have at most. */
export interface Coverer {
  readonly boxes: readonly Box[]
  readonly most: number
}

/**
 * Whether all packets of `boxes` are in others, the likeliest first.
 *
 * @returns numbers of those that took something away, in their order
 */
export function coverOf(boxes: readonly Box[], others: readonly Coverer[], budget: CoverBudget): Cover {
  let left = boxes
  let open = others.reduce((sum, { most }) => sum + most, 0)
  let tests = Math.min(mostTests, budget.boxTests)
  const used: number[] = []
  for (const [number, other] of others.entries()) {
    let isUsed = false
    open -= other.most
    for (const one of other.boxes) {
      tests -= left.length
      budget.boxTests -= left.length
      if (tests < 0 || left.length > mostFragments) return coverByDiagram(boxes, others, budget)
      if (!left.some((fragment) => meetBoxes(fragment, one))) continue
      isUsed = true
      left = left.flatMap((fragment) => boxWithout(fragment, one))
    }
    if (isUsed) used.push(number)
    if (left.length === 0) return used
    // What is left is more than all that is still to come: a margin for the rounding of large products.
    if (isUsed && open < left.reduce((sum, box) => sum + volumeOfBox(box), 0) * (1 - 1e-9)) return 'not'
  }
  return 'not'
}

function coverByDiagram(boxes: readonly Box[], others: readonly Coverer[], budget: CoverBudget): Cover {
  if (budget.diagrams <= 0) return 'undecided'
  budget.diagrams -= 1
  const bdd = new Bdd(variables, mostNodes)
  let left = union(bdd, boxes)
  const used: number[] = []
  for (const [number, other] of others.entries()) {
    const rest = bdd.without(left, union(bdd, other.boxes))
    if (rest === tooLarge) return 'undecided'
    if (rest !== left) used.push(number)
    left = rest
    if (left === nothing) return used
  }
  return 'not'
}

/** Bits of each field of a box, and the order that keeps the diagrams of rule lists small: receiver first. */
const bitsOf = [
  { field: 1, bits: 32 },
  { field: 0, bits: 32 },
  { field: 4, bits: 16 },
  { field: 3, bits: 16 },
  { field: 2, bits: 8 },
] as const
const variables = bitsOf.reduce((sum, { bits }) => sum + bits, 0)

function union(bdd: Bdd, boxes: readonly Box[]): BddSet {
  return boxes.reduce((all, box) => bdd.or(all, setOf(bdd, box)), nothing)
}

function setOf(bdd: Bdd, box: Box): BddSet {
  let set = everything
  let at = 0
  for (const { field, bits } of bitsOf) {
    set = bdd.and(set, numbers(bdd, at, bits, box[field]))
    at += bits
  }
  return set
}

function numbers(bdd: Bdd, at: number, bits: number, set: Intervals): BddSet {
  let all = nothing
  for (let i = 0; i < set.length; i += 2) {
    all = bdd.or(all, bdd.range(at, bits, set[i] ?? 0, Math.min(2 ** bits, set[i + 1] ?? 0) - 1))
  }
  return all
}

/**
 * The fewest of a cover that still cover, as far as taking them away one by one, the last first, shows; a long cover is
 * left as it is.
 */
export function smallestOf(
  boxes: readonly Box[],
  cover: readonly number[],
  of: (one: number) => Coverer,
): readonly number[] {
  if (cover.length < 2 || cover.length > longestPruned) return cover
  let least = cover
  const budget: CoverBudget = { pairs: 0, boxTests: 20_000, diagrams: 0 }
  for (const one of cover.toReversed()) {
    const without = least.filter((other) => other !== one)
    const still = coverOf(boxes, without.map(of), budget)
    if (typeof still !== 'string') least = without
  }
  return least
}

const longestPruned = 24
