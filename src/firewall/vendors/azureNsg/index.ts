/** Network security groups of Azure, with the security admin rules that are asked before them. */
import type { Reader, ReadingHints } from '../../reader.ts'
import type { RuleSet } from '../../ruleset.ts'
import type { Statements } from '../../text/statements.ts'
import { countStatements } from '../../text/statements.ts'
import type { Unknown } from '../../unknown.ts'
import type { AzureResource, AzureResources } from '../azure/azureResource.ts'
import { resourceIndex } from '../azure/azureResource.ts'
import { listBudget, readAzureResources } from '../azure/azureResources.ts'
import { listOf } from '../azure/azureValue.ts'
import { ownPlaces } from '../ownPlaces.ts'
import type { AddressWords } from './addressLists.ts'
import { internetWithout } from './addressLists.ts'
import { adminChains, adminChainsOf } from './adminRules.ts'
import { chainsOf } from './chains.ts'
import type { Network } from './network.ts'
import { readNetwork } from './network.ts'
import type { Guard } from './ruleSets.ts'
import { elsewhereOf, knownPlaces, placed, ruleSetOf } from './ruleSets.ts'
import type { SecurityGroup } from './securityGroups.ts'
import { behindOtherGroups, effectiveEntries, readSecurityGroups } from './securityGroups.ts'
import { readSecurityRule } from './securityRule.ts'

/**
 * Reads network security groups in every form that {@link readAzureResources} finds, and the rules in effect at an
 * interface (`az network nic list-effective-nsg`).
 *
 * Groups that are attached to subnets or interfaces of known addresses make one rule set; each other one makes its
 * own. `hints.places` says what lies behind a group, subnet (`subnet` or `network/subnet`), interface or application
 * security group, and under `VirtualNetwork` what that tag stands for.
 */
export const read: Reader = (files, given) => {
  const hints = ownPlaces(given)
  const statements = countStatements()
  const found = readAzureResources(files)
  const budget = listBudget(files)
  const doubts = found.unread.map(({ span, why }): Unknown => {
    statements.unread(span, why)
    return { kind: 'unread', what: `a part of ${span.file} that was not understood (line ${span.line})` }
  })
  const ruleSets = [
    ...effectiveRuleSets(found.resources, hints, statements, budget),
    ...configuredRuleSets(found, hints, statements, files[0]?.name ?? 'network security groups', budget),
  ].map((ruleSet) => ({ ...ruleSet, doubts: [...doubts, ...ruleSet.doubts] }))
  return { ruleSets, coverage: statements.coverage() }
}

function configuredRuleSets(
  { resources }: AzureResources,
  hints: ReadingHints,
  statements: Statements,
  fileName: string,
  budget: { texts: number },
): readonly RuleSet[] {
  const index = resourceIndex(resources)
  const network = readNetwork(resources, index, hints)
  const groups = readSecurityGroups(resources, index, network, hints)
  countRest(resources, groups, statements)
  const everywhere = wordsOf(network, new Set(network.subnets.flatMap(({ network: own }) => own ?? [])), budget)
  const admin = adminChains(resources, index, network, everywhere, statements)
  const words = wordsByNetwork(network, budget)
  const chains = new Map(groups.map((group) => [group, chainsOf(group, words(group), statements)]))
  const known = knownPlaces([
    ...network.subnets.map(({ ranges }) => ranges),
    ...network.interfaces.map(({ ranges }) => ranges),
    ...groups.flatMap(({ attachments }) => attachments.map(({ ranges }) => ranges)),
  ])
  const { together, alone } = placed(groups, known)
  const ruleSets: RuleSet[] = []
  const [first] = together
  if (first !== undefined) {
    const guards = together.flatMap(({ group, levels }): readonly Guard[] => {
      const own = chains.get(group)
      return own === undefined ? [] : levels.map((level) => ({ name: group.name, chains: own, ...level }))
    })
    const name = together.length === 1 ? first.group.name : fileName
    const doubts = together.flatMap(({ group }) => doubtsOf(group))
    ruleSets.push(
      ruleSetOf(
        name,
        guards,
        admin,
        doubts,
        elsewhereOf(known, behindOtherGroups(network, resources, index), first.group.resource.span()),
        network.interfaces.flatMap(({ published }) => published),
      ),
    )
  }
  for (const group of alone) {
    const own = chains.get(group)
    if (own === undefined) continue
    const guard: Guard = { name: group.name, chains: own, level: 'subnet' }
    ruleSets.push(ruleSetOf(group.name, [guard], admin, doubtsOf(group)))
  }
  if (groups.length === 0 && admin !== undefined) ruleSets.push(ruleSetOf('security admin rules', [], admin, []))
  return ruleSets
}

function wordsOf(network: Network, networks: ReadonlySet<string>, budget: { texts: number }): AddressWords {
  const virtualNetwork = network.virtualNetwork(networks)
  const { applicationGroup } = network
  return { virtualNetwork, internet: internetWithout(virtualNetwork), applicationGroup, budget }
}

/** Groups of one network read their words alike: they are worked out once for each. */
function wordsByNetwork(network: Network, budget: { texts: number }): (group: SecurityGroup) => AddressWords {
  const known = new Map<string, AddressWords>()
  return (group) => {
    const networks = networksOf(group)
    const key = [...networks].toSorted().join(' ')
    const words = known.get(key) ?? wordsOf(network, networks, budget)
    known.set(key, words)
    return words
  }
}

function networksOf({ attachments }: SecurityGroup): ReadonlySet<string> {
  return new Set(attachments.flatMap(({ network }) => network ?? []))
}

/** Resources beside rules: a group that is understood, and others, which say nothing about passing a group. */
function countRest(
  resources: readonly AzureResource[],
  groups: readonly SecurityGroup[],
  statements: Statements,
): void {
  const rules = new Set(groups.flatMap((group) => group.rules.map(({ resource }) => resource)))
  const own = new Set(groups.map(({ resource }) => resource))
  for (const resource of resources) {
    if (/\/rulecollections\/rules$/.test(resource.type)) continue
    if (own.has(resource) || !rules.has(resource)) statements.understood()
  }
}

function doubtsOf({ name, resource }: SecurityGroup): readonly Unknown[] {
  const state = resource.value.member('provisioningState')?.text()
  if (state === undefined || state.toLowerCase() === 'succeeded') return resource.unknowns
  const what = `whether the rules of ${name} are in effect: its provisioningState is ${state}`
  return [...resource.unknowns, { kind: 'other', what }]
}

/** One rule set for each file of effective rules: such a file is about one interface. */
function effectiveRuleSets(
  resources: readonly AzureResource[],
  hints: ReadingHints,
  statements: Statements,
  budget: { texts: number },
): readonly RuleSet[] {
  const network = readNetwork([], resourceIndex([]), hints)
  const words: AddressWords = { ...wordsOf(network, new Set(), budget), areEffective: true }
  const byFile = new Map<string, AzureResource[]>()
  for (const entry of effectiveEntries(resources)) {
    const { file } = entry.span()
    byFile.set(file, [...(byFile.get(file) ?? []), entry])
  }
  return [...byFile].map(([file, entries]) => {
    const managed = entries.filter((entry) => associationOf(entry, 'networkManager') !== undefined)
    const guards = entries
      .filter((entry) => !managed.includes(entry))
      .map((entry): Guard => {
        const group = effectiveGroup(entry)
        const level = associationOf(entry, 'networkInterface') === undefined ? 'subnet' : 'interface'
        return { name: group.name, chains: chainsOf(group, words, statements), level }
      })
    const admin = managed.flatMap((entry) =>
      effectiveGroup(entry).rules.map(({ value }) => {
        const rule = readSecurityRule(value, words, [])
        if (rule.faults.length === 0) statements.understood()
        else statements.unread(value.span(), rule.faults.join('; '))
        return { rule }
      }),
    )
    const id = entries.map((entry) => associationOf(entry, 'networkInterface')).find((one) => one !== undefined)
    const name = id?.split('/').at(-1) ?? file
    return ruleSetOf(name, guards, admin.length === 0 ? undefined : adminChainsOf(admin), [])
  })
}

function associationOf({ value }: AzureResource, kind: string): string | undefined {
  return value.member('association')?.member(kind)?.member('id')?.text()
}

function effectiveGroup(entry: AzureResource): SecurityGroup {
  const { name, key, value } = entry
  const all = listOf(value.member('effectiveSecurityRules'))
  const rules = all.filter(({ kind }) => kind === 'object')
  return {
    name,
    key,
    resource: entry,
    rules: rules.map((rule) => ({ value: rule, resource: entry })),
    gaps: all
      .filter(({ kind }) => kind !== 'object')
      .map((rule) => ({ span: rule.span(), why: 'it is no security rule' })),
    hasDefaults: rules.some((rule) => (rule.member('priority')?.number() ?? 0) >= 65_000),
    attachments: [],
  }
}

export { write } from './write.ts'
