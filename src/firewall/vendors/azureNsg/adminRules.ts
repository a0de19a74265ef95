import type { Addresses } from '../../addresses.ts'
import { addressesOf, unionOf, unknownAddresses } from '../../addresses.ts'
import type { Rule } from '../../ruleset.ts'
import type { Statements } from '../../text/statements.ts'
import type { Unknown } from '../../unknown.ts'
import { readAddressText } from '../azure/addressTexts.ts'
import type { AzureResource, ResourceIndex } from '../azure/azureResource.ts'
import { idIn, parentKey } from '../azure/azureResource.ts'
import { listOf } from '../azure/azureValue.ts'
import type { AddressWords } from './addressLists.ts'
import { alwaysAllowed, boundTo, ordered } from './chains.ts'
import type { Network } from './network.ts'
import type { Direction, SecurityRule } from './securityRule.ts'
import { readSecurityRule } from './securityRule.ts'

const collectionType = 'microsoft.network/networkmanagers/securityadminconfigurations/rulecollections'
const groupType = 'microsoft.network/networkmanagers/networkgroups'

/**
 * The security admin rules of Azure Virtual Network Manager, which are asked before any group: Allow goes on to the
 * groups, AlwaysAllow passes them by, Deny ends (Microsoft Learn: *Security admin rules in Azure Virtual Network
 * Manager*). A configuration among the files counts as deployed.
 */
export function adminChains(
  resources: readonly AzureResource[],
  index: ResourceIndex,
  network: Network,
  words: AddressWords,
  statements: Statements,
): Readonly<Record<Direction, readonly Rule[]>> | undefined {
  const rules = resources.filter(({ type }) => type === `${collectionType}/rules`)
  if (rules.length === 0) return undefined
  const reaches = new Map<string, Addresses>()
  const read = rules.map((resource) => {
    const collection = parentKey(resource.key) ?? resource.value.member('adminRuleCollectionId')?.text() ?? ''
    const reach = reaches.get(collection) ?? reachOf(index.find(collection), collection, resources, index, network)
    reaches.set(collection, reach)
    const rule = readSecurityRule(resource.value, words, resource.unknowns)
    if (rule.faults.length === 0) statements.understood()
    else statements.unread(resource.span(), rule.faults.join('; '))
    return { rule, reach }
  })
  return adminChainsOf(read)
}

/** Rules in their order in each direction, each held to the networks that it is for, where that is not all. */
export function adminChainsOf(
  read: readonly { readonly rule: SecurityRule; readonly reach?: Addresses }[],
): Readonly<Record<Direction, readonly Rule[]>> {
  const reachBy = new Map(read.map(({ rule, reach }) => [rule, reach]))
  const chain = (direction: Direction): readonly Rule[] =>
    ordered(read.map(({ rule }) => rule).filter((rule) => rule.directions.includes(direction))).flatMap((rule) =>
      rule.rules.map((one) => bound(one, rule, direction, reachBy.get(rule))),
    )
  return { Inbound: chain('Inbound'), Outbound: chain('Outbound') }
}

function bound(one: Rule, rule: SecurityRule, direction: Direction, reach: Addresses | undefined): Rule {
  return {
    ...one,
    match: reach === undefined ? one.match : boundTo(one.match, direction, reach),
    ...(rule.access === 'alwaysallow' && { sets: alwaysAllowed }),
  }
}

/** The networks of the groups that a collection applies to. Beside its static members a group can have others by policy. */
function reachOf(
  collection: AzureResource | undefined,
  key: string,
  resources: readonly AzureResource[],
  index: ResourceIndex,
  network: Network,
): Addresses {
  const name = key.split('/').at(-1) ?? key
  const because: Unknown = { kind: 'place', what: `which networks the security admin rules of ${name} hold for` }
  const groups = [
    ...listOf(collection?.value.member('appliesToGroups')).map((one) => idIn(one.member('networkGroupId'))),
    ...listOf(collection?.value.member('networkGroupIds')).map((one) => idIn(one)),
  ].filter((id) => id !== undefined)
  const keys = new Set(groups.map((group) => (index.find(group)?.key ?? group).toLowerCase()))
  const members = resources.filter(({ type, key: own, value }) => {
    if (type !== `${groupType}/staticmembers`) return false
    const parent = parentKey(own) ?? value.member('networkGroupId')?.text() ?? ''
    return keys.has((index.find(parent)?.key ?? parent).toLowerCase())
  })
  const sets = members.map(({ value }) => {
    const id = idIn(value.member('resourceId') ?? value.member('targetVirtualNetworkId'))
    const found = index.find(id)
    const subnets = network.subnets.filter(
      ({ network: own, resource }) => found !== undefined && (own === found.key || resource === found),
    )
    const space = found?.value.member('addressSpace')
    const texts = listOf(space?.kind === 'array' ? space : space?.member('addressPrefixes'))
    const told = texts.flatMap((text) => {
      const one = readAddressText(text.text() ?? '')
      return one.kind === 'range' ? [one.range] : []
    })
    return addressesOf([...told, ...subnets.flatMap(({ ranges }) => ranges)])
  })
  return unionOf([unknownAddresses(because), ...sets])
}
