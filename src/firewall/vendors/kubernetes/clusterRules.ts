import type { AddressRange } from '../../addresses.ts'
import { addressesOf, mergedRanges } from '../../addresses.ts'
import type { NumberRange, Rule } from '../../ruleset.ts'
import type { Span } from '../../source.ts'
import type { Unknown } from '../../unknown.ts'
import type { Cluster } from './cluster.ts'

/**
 * What passes whatever policies say: between a pod and the node that it runs on (Kubernetes documentation: network
 * policies), as far as files show nodes. Gives the rules of pods at some addresses.
 */
export function nodeRules(
  cluster: Cluster,
  isEgress: boolean,
  span: Span,
): (pods: readonly AddressRange[]) => readonly Rule[] {
  const placed = cluster.pods
    .flatMap(({ addresses, node }) => addresses.map(({ family, first }) => ({ family, first, node })))
    .toSorted((a, b) => a.family - b.family || (a.first < b.first ? -1 : a.first > b.first ? 1 : 0))
  const isBefore = (at: number, { family, first }: AddressRange): boolean => {
    const pod = placed[at]
    return pod !== undefined && (pod.family < family || (pod.family === family && pod.first < first))
  }
  const podsIn = (range: AddressRange) => {
    let low = 0
    for (let high = placed.length; low < high; ) {
      const middle = (low + high) >>> 1
      if (isBefore(middle, range)) low = middle + 1
      else high = middle
    }
    let end = low
    for (let pod = placed[end]; pod?.family === range.family && pod.first <= range.last; pod = placed[end]) end += 1
    return placed.slice(low, end)
  }
  return (pods) => rulesOfNodes(pods.flatMap(podsIn), cluster, isEgress, span)
}

function rulesOfNodes(
  bearing: readonly { readonly node: readonly AddressRange[] }[],
  cluster: Cluster,
  isEgress: boolean,
  span: Span,
): readonly Rule[] {
  const own = mergedRanges(bearing.flatMap(({ node }) => node))
  const names = new Set(bearing.map(({ node }) => node.map(({ first }) => first).join()))
  const isShown = bearing.length > 0 && bearing.every(({ node }) => node.length > 0) && names.size === 1
  const nodes = isShown ? own : mergedRanges([...own, ...cluster.nodes])
  if (nodes.length === 0) return []
  const because: Unknown = {
    kind: 'place',
    what: 'whether the pod runs on this node, which is never held back from it',
  }
  return [
    {
      name: 'a pod and its own node',
      span,
      match: isEgress ? { destination: addressesOf(nodes) } : { source: addressesOf(nodes) },
      action: { kind: 'allow' },
      unknowns: isShown ? [] : [because],
      implied: true,
    },
  ]
}

/** The addresses of services are exchanged for those of pods before policies are asked, so that none names them. */
export function serviceRules(cluster: Cluster, span: Span): readonly Rule[] {
  return cluster.clusterIps.map(({ name, ranges }): Rule => {
    const what = `which pod stands behind the service ${name}: policies are held against its address`
    return {
      name: `service ${name}`,
      span,
      match: { destination: addressesOf(ranges) },
      action: { kind: 'allow' },
      unknowns: [{ kind: 'other', what }],
      implied: true,
    }
  })
}

const spokenOf = new Set([6, 17, 132])

/** Policies speak of TCP, UDP and SCTP; of all else, ICMP above all, each network plugin does as it likes. */
export function otherProtocols(span: Span): Rule {
  const protocols: NumberRange[] = []
  for (let first = 0; first <= 255; first += 1) if (!spokenOf.has(first)) protocols.push({ first, last: first })
  const what = 'what the network plugin does with protocols other than TCP, UDP and SCTP'
  return {
    name: 'protocols that policies do not speak of',
    span,
    match: { protocols },
    action: { kind: 'unknown' },
    unknowns: [{ kind: 'other', what }],
    implied: true,
  }
}
