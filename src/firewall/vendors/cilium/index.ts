import type { AddressRange } from '../../addresses.ts'
import type { Reader, Reading } from '../../reader.ts'
import type { JsonValue } from '../../text/jsonTree.ts'
import { countStatements } from '../../text/statements.ts'
import type { Unknown } from '../../unknown.ts'
import { cidrRange } from '../cidrRange.ts'
import { emptyCluster, readClusterObject, settleEndpoints } from '../kubernetes/cluster.ts'
import { nodeRules, serviceRules } from '../kubernetes/clusterRules.ts'
import { clusterRuleSet, distinct } from '../kubernetes/index.ts'
import { insideOf, readNetworkPolicy } from '../kubernetes/networkPolicy.ts'
import { readObjects } from '../kubernetes/objects.ts'
import { podFinder } from '../kubernetes/podsOf.ts'
import type { PolicySide } from '../kubernetes/policyStages.ts'
import { policyStages } from '../kubernetes/policyStages.ts'
import { ownPlaces } from '../ownPlaces.ts'
import { asksAmong, readSide, specsOf } from './ciliumPolicy.ts'
import type { CiliumContext } from './peers.ts'
import { clusterReach } from './peers.ts'

export { write } from './write.ts'

/**
 * CiliumNetworkPolicies and CiliumClusterwideNetworkPolicies, and the NetworkPolicies beside them, which Cilium adds to
 * the same lists. Pods, nodes, services and hints are as the reader of Kubernetes takes them; `hints.places` has
 * further `nodes` and `kube-apiserver`. Blocks of addresses never stand for pods and nodes, so where those are decides.
 */
export const read: Reader = (files, given): Reading => {
  const hints = ownPlaces(given)
  const statements = countStatements()
  const doubts: Unknown[] = []
  const cluster = emptyCluster()
  const groups = new Map<string, readonly AddressRange[]>()
  const objects = readObjects(files, statements, doubts)
  const isPolicy = (kind: string): boolean => /^(Cilium(Clusterwide)?)?NetworkPolicy$/.test(kind)
  for (const { kind, value } of objects) {
    if (isPolicy(kind)) continue
    if (kind !== 'CiliumCIDRGroup') readClusterObject(kind, value, cluster)
    else if (!readBlocks(value, groups)) {
      statements.unread(value.span(), 'the blocks of the group are not understood')
      continue
    }
    statements.understood()
  }
  settleEndpoints(cluster)
  const policies = objects.filter(({ kind }) => isPolicy(kind))
  const [first] = policies
  if (first === undefined) return { ruleSets: [], coverage: statements.coverage() }
  const find = podFinder(cluster, hints)
  const context: CiliumContext = { cluster, hints, groups, find, reach: clusterReach(cluster, hints) }
  const specs = policies.flatMap(({ kind, value }) => {
    if (kind === 'NetworkPolicy') return []
    const found = specsOf(value, kind === 'CiliumClusterwideNetworkPolicy', context)
    const whole = found.filter((spec) => spec.value.kind === 'object')
    if (whole.length === 0 || whole.length < found.length) {
      const name = value.member('metadata')?.member('name')?.text() ?? '?'
      statements.unread(value.span(), 'it has no spec')
      doubts.push({ kind: 'unread', what: `what the policy ${name} says, which has no spec` })
    }
    return whole
  })
  const plain = policies.flatMap(({ kind, value }) =>
    kind === 'NetworkPolicy'
      ? [readNetworkPolicy(value, { find, inside: insideOf(cluster, hints), plugin: 'cilium' })]
      : [],
  )
  statements.understood(specs.length)
  for (const { unread, understood } of plain) {
    statements.understood(understood)
    for (const { value, why } of unread) statements.unread(value.span(), why)
  }
  const asksOf = asksAmong(specs)
  const span = first.value.span()
  const sides = [true, false].map((isEgress) => {
    const own = specs.flatMap((spec): readonly PolicySide[] => {
      const { side, unread, understood } = readSide(spec, isEgress, asksOf, context)
      statements.understood(understood)
      for (const { value, why } of unread) statements.unread(value.span(), why)
      return side === undefined ? [] : [side]
    })
    const others = plain.flatMap(({ ingress, egress }) => (isEgress ? egress : ingress) ?? [])
    return policyStages({
      isEgress,
      policies: distinct([...own, ...others]),
      // The node reaches its own pods, and pods do not reach their node without a rule.
      before: isEgress ? () => serviceRules(cluster, span) : nodeRules(cluster, false, span),
      after: [],
    })
  })
  return { ruleSets: [clusterRuleSet('cilium', sides, doubts, span)], coverage: statements.coverage() }
}

/** The blocks of a CiliumCIDRGroup; false where one of them is none, and then rules that name the group are doubtful. */
function readBlocks(value: JsonValue, groups: Map<string, readonly AddressRange[]>): boolean {
  const texts = value.member('spec')?.member('externalCIDRs')
  const ranges = (texts?.elements() ?? []).flatMap((text) => cidrRange(text.text() ?? '') ?? [])
  if (texts?.kind !== 'array' || ranges.length < texts.elements().length) return false
  groups.set(value.member('metadata')?.member('name')?.text() ?? '', ranges)
  return true
}
