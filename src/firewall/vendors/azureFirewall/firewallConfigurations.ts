import type { Unknown } from '../../unknown.ts'
import type { AzureResource, ResourceIndex } from '../azure/azureResource.ts'
import { idIn, parentKey } from '../azure/azureResource.ts'
import type { AzureValue } from '../azure/azureValue.ts'
import { listOf } from '../azure/azureValue.ts'
import { lastName } from '../azure/resourceId.ts'

/** What one firewall, or one policy that no firewall of the files uses, is told to do. */
export interface FirewallConfiguration {
  readonly name: string
  /** The resource whose place is told for what no line of its own says. */
  readonly resource: AzureResource
  /** The firewall itself, where it is in the files. */
  readonly firewall?: AzureResource
  /** The policy and those above it, its own last; empty for a firewall with classic rules. */
  readonly policies: readonly Policy[]
  /** Collections of a firewall without a policy. */
  readonly classic: readonly CollectionSource[]
  /** What else of its rules is not known. */
  readonly missing: readonly Unknown[]
}

/** One policy with its groups of rule collections. */
export interface Policy {
  readonly name: string
  /** Absent where only its groups are in the files: then its settings and what is above it are not known. */
  readonly resource?: AzureResource
  readonly groups: readonly CollectionGroup[]
  /** Groups that it has and that are in no file, and whatever else of its rules is not known. */
  readonly missing: readonly Unknown[]
}

export interface CollectionGroup {
  readonly name: string
  readonly value: AzureValue
  readonly unknowns: readonly Unknown[]
  readonly resource: AzureResource
}

/** A list of classic collections, or one of Terraform's collections of their own. */
export interface CollectionSource {
  readonly kind: 'nat' | 'network' | 'application'
  readonly value: AzureValue
  readonly unknowns: readonly Unknown[]
}

const firewallType = 'microsoft.network/azurefirewalls'
const policyType = 'microsoft.network/firewallpolicies'
const groupType = `${policyType}/rulecollectiongroups`

/** Policies above each other that are followed: Azure has one level, and a file may have a circle. */
const mostPolicies = 8

/** Finds the firewalls of the files, and the policies that none of them uses. */
export function firewallConfigurations(
  resources: readonly AzureResource[],
  index: ResourceIndex,
): readonly FirewallConfiguration[] {
  const groups = groupsByPolicy(resources, index)
  const firewalls = resources.filter(({ type }) => type === firewallType)
  const policies = resources.filter(({ type }) => type === policyType)
  const used = new Set<AzureResource>()
  const apart = collectionsApart(resources, index)
  const fromFirewalls = firewalls.map((firewall): FirewallConfiguration => {
    const reference = firewall.value.member('firewallPolicy') ?? firewall.value.member('firewallPolicyId')
    const base = { name: firewall.name, resource: firewall, firewall, missing: [] }
    if (reference === undefined) {
      const classic = [
        ...classicOf(firewall),
        ...(apart.get(firewall.key.toLowerCase()) ?? []).map(({ source }) => source),
      ]
      return { ...base, policies: [], classic }
    }
    const id = idIn(reference)
    const policies = id === undefined ? [unknownPolicy(reference)] : withParents(id, groups, index, used)
    return { ...base, policies, classic: [] }
  })
  const withoutFirewall = [...apart].flatMap(([key, collections]): readonly FirewallConfiguration[] => {
    const [first] = collections
    if (first === undefined || firewalls.some((firewall) => firewall.key.toLowerCase() === key)) return []
    const what = `the other rules and settings of the firewall ${lastName(key)}, which is not in these files`
    const classic = collections.map(({ source }) => source)
    return [
      { name: lastName(key), resource: first.resource, policies: [], classic, missing: [{ kind: 'reference', what }] },
    ]
  })
  for (const policy of policies) {
    const parent = index.find(idIn(policy.value.member('basePolicy') ?? policy.value.member('basePolicyId')))
    if (parent !== undefined && parent !== policy) used.add(parent)
  }
  const alone = policies.filter((policy) => !used.has(policy))
  // Policies that are above each other in a circle are all used, and none is told of: each is then shown.
  const shown = alone.length === 0 && firewalls.length === 0 ? policies : alone
  const fromPolicies = shown.map(
    (policy): FirewallConfiguration => ({
      name: policy.name,
      resource: policy,
      policies: withParents(policy.key, groups, index, used),
      classic: [],
      missing: [],
    }),
  )
  const orphans = [...groups.keys()].filter(
    (key) => index.find(key)?.type !== policyType && !fromFirewalls.some(usesKey(key)),
  )
  const fromGroups = orphans.flatMap((key): readonly FirewallConfiguration[] => {
    const [first] = groups.get(key) ?? []
    if (first === undefined) return []
    return [
      {
        name: lastName(key),
        resource: first.resource,
        policies: withParents(key, groups, index, used),
        classic: [],
        missing: [],
      },
    ]
  })
  return [...fromFirewalls, ...withoutFirewall, ...fromPolicies, ...fromGroups]
}

function usesKey(key: string): (configuration: FirewallConfiguration) => boolean {
  return ({ policies }) => policies.some(({ name, resource }) => resource === undefined && name === lastName(key))
}

/** Groups under the key of their policy, in lower case where the policy is in no file. */
function groupsByPolicy(
  resources: readonly AzureResource[],
  index: ResourceIndex,
): ReadonlyMap<string, readonly CollectionGroup[]> {
  const groups = new Map<string, CollectionGroup[]>()
  const add = (key: string, group: CollectionGroup): void => {
    const policy = index.find(key)?.key ?? key.toLowerCase()
    const others = groups.get(policy)
    if (others === undefined) groups.set(policy, [group])
    else if (!others.some(({ name, value }) => name === group.name && value === group.value)) others.push(group)
  }
  for (const resource of resources) {
    const { type, key, value, name, unknowns } = resource
    if (type === groupType) {
      add(parentKey(key) ?? idIn(value.member('firewallPolicyId')) ?? 'unknown policy', {
        name,
        value,
        unknowns,
        resource,
      })
    }
    if (type !== policyType) continue
    for (const element of listOf(value.member('ruleCollectionGroups'))) {
      if (collectionsIn(element) === undefined) continue
      const own = element.member('name')?.text() ?? lastName(idIn(element) ?? '')
      add(key, { name: own, value: element, unknowns, resource })
    }
  }
  return groups
}

/** The collections of a group, whatever the form calls them. */
export function collectionsIn(group: AzureValue): AzureValue | undefined {
  return group.member('ruleCollections') ?? group.member('ruleCollection')
}

function withParents(
  id: string,
  groups: ReadonlyMap<string, readonly CollectionGroup[]>,
  index: ResourceIndex,
  used: Set<AzureResource>,
): readonly Policy[] {
  const chain: Policy[] = []
  const seen = new Set<AzureResource>()
  for (let next: string | undefined = id; next !== undefined && chain.length < mostPolicies; ) {
    const resource: AzureResource | undefined = index.find(next)
    if (resource === undefined || resource.type !== policyType) {
      const name = lastName(next)
      const missing: Unknown[] = [
        {
          kind: 'reference',
          what: `the policy ${name}, which is not in these files: its settings and what it inherits`,
        },
      ]
      chain.unshift({ name, groups: groups.get(next.toLowerCase()) ?? [], missing })
      return chain
    }
    if (seen.has(resource)) {
      chain[0] = {
        ...(chain[0] ?? { name: resource.name, groups: [] }),
        missing: [{ kind: 'reference', what: `policies that inherit from each other: ${resource.name}` }],
      }
      return chain
    }
    seen.add(resource)
    used.add(resource)
    const own = groups.get(resource.key) ?? []
    chain.unshift({ name: resource.name, resource, groups: own, missing: missingGroups(resource, own) })
    const base: AzureValue | undefined = resource.value.member('basePolicy') ?? resource.value.member('basePolicyId')
    next = idIn(base)
    if (base !== undefined && next === undefined) chain.unshift(unknownPolicy(base))
  }
  return chain
}

/** Groups that a policy lists by their ids and that no file has. */
function missingGroups({ value, name, unknowns }: AzureResource, own: readonly CollectionGroup[]): readonly Unknown[] {
  const listed = listOf(value.member('ruleCollectionGroups'))
  const known = new Set(own.map((group) => group.name.toLowerCase()))
  const missing = listed.flatMap((element): readonly Unknown[] => {
    if (element.kind === 'unknown')
      return [{ kind: 'reference', what: element.because ?? 'its rule collection groups' }]
    const id = idIn(element)
    const group = id === undefined ? element.member('name')?.text() : lastName(id)
    if (group === undefined || known.has(group.toLowerCase())) return []
    return [{ kind: 'reference', what: `the rule collection group ${group} of ${name}, which is not in these files` }]
  })
  return [...unknowns, ...missing]
}

const classicNames = [
  ['nat', 'natRuleCollections', 'azurerm_firewall_nat_rule_collection'],
  ['network', 'networkRuleCollections', 'azurerm_firewall_network_rule_collection'],
  ['application', 'applicationRuleCollections', 'azurerm_firewall_application_rule_collection'],
] as const

function classicOf({ value, unknowns }: AzureResource): readonly CollectionSource[] {
  return classicNames.flatMap(([kind, member]) =>
    listOf(value.member(member)).map((one) => ({ kind, value: one, unknowns })),
  )
}

/** Classic collections that are resources of their own, under the key of their firewall in lower case. */
function collectionsApart(
  resources: readonly AzureResource[],
  index: ResourceIndex,
): ReadonlyMap<string, readonly { readonly source: CollectionSource; readonly resource: AzureResource }[]> {
  const apart = new Map<string, { source: CollectionSource; resource: AzureResource }[]>()
  for (const resource of resources) {
    const { type, key, value, unknowns } = resource
    const row = classicNames.find(
      ([, member, own]) => type === own || type === `${firewallType}/${member.toLowerCase()}`,
    )
    if (row === undefined) continue
    const named = value.member('azureFirewallName')?.text() ?? ''
    const byName = resources.find((one) => one.type === firewallType && one.name === named)
    const parent = parentKey(key)
    const firewall =
      (named === '' ? index.find(parent)?.key : byName?.key) ?? (named === '' ? (parent ?? 'firewall') : named)
    const place = firewall.toLowerCase()
    apart.set(place, [...(apart.get(place) ?? []), { source: { kind: row[0], value, unknowns }, resource }])
  }
  return apart
}

function unknownPolicy(reference: AzureValue): Policy {
  const because = reference.because ?? reference.member('id')?.because ?? 'the policy of the firewall'
  return { name: 'policy', groups: [], missing: [{ kind: 'reference', what: because }] }
}
