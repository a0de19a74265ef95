import type { Reader, Reading } from '../../reader.ts'
import type { RuleSet } from '../../ruleset.ts'
import type { Span } from '../../source.ts'
import { countStatements } from '../../text/statements.ts'
import type { Unknown } from '../../unknown.ts'
import { ownPlaces } from '../ownPlaces.ts'
import { emptyCluster, readClusterObject, settleEndpoints } from './cluster.ts'
import { nodeRules, otherProtocols, serviceRules } from './clusterRules.ts'
import type { ReadPolicy } from './networkPolicy.ts'
import { insideOf, readNetworkPolicy } from './networkPolicy.ts'
import { readObjects } from './objects.ts'
import { podFinder } from './podsOf.ts'
import type { PolicySide } from './policyStages.ts'
import { policyStages } from './policyStages.ts'

export { write } from './write.ts'

/**
 * NetworkPolicies in YAML or JSON: manifests, lists, several documents, several files; all together are one cluster.
 * Pods and their addresses come from Pod, Endpoints and EndpointSlice objects in the same files, or from
 * `hints.places` by `namespace/label=value`, `namespace/` for all pods of one, and `pods` for the ranges that nodes
 * number pods from; Namespace, Node and Service objects are read as well.
 */
export const read: Reader = (files, given): Reading => {
  const hints = ownPlaces(given)
  const statements = countStatements()
  const doubts: Unknown[] = []
  const cluster = emptyCluster()
  const objects = readObjects(files, statements, doubts)
  const policies = objects.filter(({ kind }) => kind === 'NetworkPolicy')
  for (const { kind, value } of objects) {
    if (kind === 'NetworkPolicy') continue
    if (/^Cilium.*NetworkPolicy$/.test(kind)) {
      const span = value.span()
      statements.unread(span, `${kind} is of Cilium: read these files as "cilium"`)
      doubts.push({ kind: 'unread', what: `${span.file}:${span.line}, a policy of Cilium` })
      continue
    }
    readClusterObject(kind, value, cluster)
    statements.understood()
  }
  settleEndpoints(cluster)
  const [first] = policies
  if (first === undefined) return { ruleSets: [], coverage: statements.coverage() }
  const context = { find: podFinder(cluster, hints), inside: insideOf(cluster, hints), plugin: 'unknown' as const }
  const all = policies.map(({ value }): ReadPolicy => {
    const policy = readNetworkPolicy(value, context)
    statements.understood(policy.understood)
    for (const { value: at, why } of policy.unread) statements.unread(at.span(), why)
    return policy
  })
  const span = first.value.span()
  const sides = [true, false].map((isEgress) => {
    const found = all.map((policy) => (isEgress ? policy.egress : policy.ingress)).filter((side) => side !== undefined)
    const ofNodes = nodeRules(cluster, isEgress, span)
    const ofServices = isEgress ? serviceRules(cluster, span) : []
    return policyStages({
      isEgress,
      policies: distinct(found),
      before: (pods) => [...ofNodes(pods), ...ofServices],
      after: [otherProtocols(span)],
    })
  })
  return { ruleSets: [clusterRuleSet('kubernetes', sides, doubts, span)], coverage: statements.coverage() }
}

/** Policies of one name, from two files, stay apart: titles name chains. */
export function distinct(policies: readonly PolicySide[]): readonly PolicySide[] {
  const times = new Map<string, number>()
  return policies.map((policy) => {
    const time = (times.get(policy.title) ?? 0) + 1
    times.set(policy.title, time)
    return time === 1 ? policy : { ...policy, title: `${policy.title} (${time})` }
  })
}

export function clusterRuleSet(
  vendor: 'kubernetes' | 'cilium',
  sides: readonly Pick<RuleSet, 'stages' | 'chains'>[],
  doubts: readonly Unknown[],
  { file }: Span,
): RuleSet {
  return {
    vendor,
    name: file,
    stages: sides.flatMap(({ stages }) => stages),
    chains: Object.assign(Object.create(null), ...sides.map(({ chains }) => chains)),
    places: [],
    doubts,
  }
}
