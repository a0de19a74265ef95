import { fisherGreater, holm, rankSumGreater } from './exactTests.ts'
import { median } from './median.ts'

/** What was seen of one address behind a name. */
export interface NodeSeen {
  /** Canonical RFC 5952 text. */
  readonly address: string
  readonly looks: number
  /** How many of them failed; 0 to `looks`. */
  readonly failed: number
  /** How long those that did not fail took, milliseconds. */
  readonly times: readonly number[]
}

/** One of several addresses behind one name is worse than the others. */
export interface BadNode {
  readonly address: string
  readonly by: 'failures' | 'latency'
  /** After all comparisons (Holm). */
  readonly p: number
  /** Share of failures, or the median in milliseconds: its own and that of the others. */
  readonly own: number
  readonly others: number
}

/** Told again at each look at many names: rarer than that is not chance. */
const mostP = 1e-4
const fewestLooks = 8
/** A node is worse from so much on: a twentieth of failures, three times those of the others; half as long again, 5 ms. */
const [leastFailures, timesFailures] = [0.05, 3]
const [timesLatency, leastLater] = [1.5, 5]

/**
 * Whether exactly one of several addresses is worse: by failures (Fisher's exact test) or by times (rank sum), each against
 * all others together, with Holm over the addresses. Two that are worse are no single bad node.
 *
 * @param nodes of one name, over the same time; those with fewer than eight looks are left out
 */
export function oneBadNode(nodes: readonly NodeSeen[]): BadNode | undefined {
  const seen = nodes.filter(({ looks, failed }) => looks >= fewestLooks && failed >= 0 && failed <= looks)
  if (seen.length < 2) return undefined
  return only(seen, byFailures) ?? only(seen, byLatency)
}

type Comparison = (node: NodeSeen, others: readonly NodeSeen[]) => Omit<BadNode, 'address'> | undefined

function only(nodes: readonly NodeSeen[], compare: Comparison): BadNode | undefined {
  const compared = nodes.map((node) =>
    compare(
      node,
      nodes.filter((other) => other !== node),
    ),
  )
  const ps = holm(compared.map((each) => each?.p ?? 1))
  const worse = nodes.flatMap(({ address }, at) => {
    const [each, p] = [compared[at], ps[at]]
    return each === undefined || p === undefined || p > mostP ? [] : [{ ...each, address, p }]
  })
  return worse.length === 1 ? worse[0] : undefined
}

function byFailures(node: NodeSeen, others: readonly NodeSeen[]): Omit<BadNode, 'address'> | undefined {
  const [failed, looks] = [sum(others.map((other) => other.failed)), sum(others.map((other) => other.looks))]
  const [own, rest] = [node.failed / node.looks, failed / looks]
  if (own < leastFailures || own < timesFailures * rest) return undefined
  return { by: 'failures', own, others: rest, p: fisherGreater(node.failed, node.looks, failed, looks) }
}

function byLatency(node: NodeSeen, others: readonly NodeSeen[]): Omit<BadNode, 'address'> | undefined {
  const mine = node.times.filter(Number.isFinite)
  const rest = others.flatMap(({ times }) => times.filter(Number.isFinite))
  if (mine.length < fewestLooks || rest.length < fewestLooks) return undefined
  const [own, usual] = [median(mine), median(rest)]
  if (own < timesLatency * usual || own < usual + leastLater) return undefined
  return { by: 'latency', own, others: usual, p: rankSumGreater(mine, rest) }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, one) => all + one, 0)
}
