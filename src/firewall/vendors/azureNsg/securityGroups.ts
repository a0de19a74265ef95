import type { Addresses, AddressRange } from '../../addresses.ts'
import { addressesOf, everyAddress, mergedRanges, unionOf, unknownAddresses } from '../../addresses.ts'
import type { ReadingHints } from '../../reader.ts'
import type { Span } from '../../source.ts'
import type { Unknown } from '../../unknown.ts'
import type { AzureResource, ResourceIndex } from '../azure/azureResource.ts'
import { effectiveType, idIn, parentKey } from '../azure/azureResource.ts'
import type { AzureValue } from '../azure/azureValue.ts'
import { arrayValue, listOf, objectValue, unknownValue } from '../azure/azureValue.ts'
import type { Network } from './network.ts'

/** A network security group with the rules that are its own, wherever they stand. */
export interface SecurityGroup {
  readonly name: string
  readonly key: string
  readonly resource: AzureResource
  /** Elements of its lists and rules that are resources of their own. */
  readonly rules: readonly RuleStatement[]
  /** Lists of rules that are not there, are not known or hold no rules: they could say anything. */
  readonly gaps: readonly { readonly span: Span; readonly why: string }[]
  /** Whether the export has the default rules itself. */
  readonly hasDefaults: boolean
  readonly attachments: readonly Attachment[]
}

export interface RuleStatement {
  readonly value: AzureValue
  readonly resource: AzureResource
}

/** A subnet or network interface whose packets a group filters. */
export interface Attachment {
  readonly level: 'subnet' | 'interface'
  readonly key: string
  /** Addresses behind it; empty where the files do not tell them. */
  readonly ranges: readonly AddressRange[]
  /** Where those lie at the most that are not told. */
  readonly within?: readonly AddressRange[]
  /** Key of the virtual network that it lies in. */
  readonly network?: string
}

const groupType = 'microsoft.network/networksecuritygroups'

/** Finds the groups of an export, their rules and what they are attached to: either side may tell it. */
export function readSecurityGroups(
  resources: readonly AzureResource[],
  index: ResourceIndex,
  network: Network,
  hints: ReadingHints,
): readonly SecurityGroup[] {
  const groups = resources.filter(({ type }) => type === groupType)
  const apart = rulesApart(resources, groups, index)
  const links = attachmentsOf(resources, index, network)
  const all = new Set([...groups, ...apart.keys()])
  return [...all].map((resource) => {
    const { name, key, value, form } = resource
    const own = listOf(value.member('securityRules'))
    const separate = apart.get(resource) ?? []
    // The provider fills the list in after an apply where rules are resources of their own; else it may hold anything.
    const blocks = (form === 'terraform' ? listOf(value.member('securityRule')) : []).filter(
      ({ kind }) => kind !== 'unknown' || separate.length === 0,
    )
    const names = new Set(separate.map((rule) => rule.value.member('name')?.text()))
    // A state lists rules of their own within their group as well.
    const inline = [...own, ...blocks].filter((rule) => !names.has(rule.member('name')?.text()))
    const isRule = (rule: AzureValue): boolean => rule.kind === 'object'
    const defaults = listOf(value.member('defaultSecurityRules'))
    const gaps = [...inline, ...defaults]
      .filter((rule) => !isRule(rule))
      .map((rule) => ({ span: rule.span(), why: gapReason(rule) }))
    if (form === 'rest' && value.member('securityRules') === undefined) {
      gaps.push({ span: resource.span(), why: 'its security rules are not in the export' })
    }
    const hint = hints.places[name]
    const attachments = links.filter((link) => link.group === resource)
    const given: readonly Attachment[] =
      hint === undefined ? [] : [{ level: 'subnet', key: `place ${name}`, ranges: hint }]
    return {
      name,
      key,
      resource,
      rules: [...inline, ...defaults]
        .filter(isRule)
        .map((rule) => ({ value: rule, resource }))
        .concat(separate),
      gaps,
      hasDefaults: defaults.some(isRule),
      attachments:
        given.length > 0
          ? given
          : distinct([...attachments.map(({ attachment }) => attachment), ...ownAttachments(resource, index, network)]),
    }
  })
}

/** Entries of `az network nic list-effective-nsg`: each is a group as it is in effect at one interface. */
export function effectiveEntries(resources: readonly AzureResource[]): readonly AzureResource[] {
  return resources.filter(({ type }) => type === effectiveType)
}

function gapReason(rule: AzureValue): string {
  if (rule.kind === 'unknown') return rule.because ?? 'it depends on a template'
  const text = rule.text() ?? ''
  return /^(System|Microsoft)\./.test(text)
    ? 'it was cut off: ConvertTo-Json was run without -Depth'
    : 'it is no security rule'
}

/** Rules that are resources of their own, under the group that their id or Terraform's name of it tells. */
function rulesApart(
  resources: readonly AzureResource[],
  groups: readonly AzureResource[],
  index: ResourceIndex,
): ReadonlyMap<AzureResource, readonly RuleStatement[]> {
  const byName = new Map<string, AzureResource[]>()
  for (const group of groups) {
    const name = group.name.toLowerCase()
    byName.set(name, [...(byName.get(name) ?? []), group])
  }
  const rules = new Map<AzureResource, RuleStatement[]>()
  const absent = new Map<string, AzureResource>()
  for (const resource of resources) {
    if (resource.type !== `${groupType}/securityrules`) continue
    const { value } = resource
    const alike = byName.get(value.member('networkSecurityGroupName')?.text()?.toLowerCase() ?? '') ?? []
    const place = value.member('resourceGroupName')?.text()?.toLowerCase()
    const named =
      alike.length < 2
        ? alike[0]
        : alike.find((group) => group.value.member('resourceGroupName')?.text()?.toLowerCase() === place)
    const group = index.find(parentKey(resource.key)) ?? named ?? absentGroup(resource, absent)
    const own = rules.get(group)
    if (own === undefined) rules.set(group, [{ value, resource }])
    else own.push({ value, resource })
  }
  return rules
}

/** A group of which the files hold rules alone: `az network nsg rule list`, or a group that another template makes. */
function absentGroup(rule: AzureResource, absent: Map<string, AzureResource>): AzureResource {
  const parent = parentKey(rule.key)
  const name = parent?.split('/').at(-1) ?? rule.value.member('networkSecurityGroupName')?.text() ?? 'unknown group'
  const key = parent ?? name
  const before = absent.get(key.toLowerCase())
  if (before !== undefined) return before
  // What `az` lists is whole; a template or plan holds what it makes, beside whatever else is there.
  const isWhole = rule.form === 'rest'
  const why = 'of the group that it belongs to, other rules may be in no file'
  const gap = unknownValue(why, rule.span)
  const value = objectValue([['securityRules', () => (isWhole ? arrayValue([], rule.span) : gap)]], rule.span)
  const group: AzureResource = { ...rule, type: groupType, name, key, value, unknowns: [] }
  absent.set(key.toLowerCase(), group)
  return group
}

interface Link {
  readonly group: AzureResource
  readonly attachment: Attachment
}

/** What subnets, interfaces and Terraform's associations say. */
function attachmentsOf(resources: readonly AzureResource[], index: ResourceIndex, network: Network): readonly Link[] {
  const links: Link[] = []
  const add = (group: AzureValue | undefined, attachment: Attachment | undefined): void => {
    const found = index.find(idIn(group))
    if (found !== undefined && attachment !== undefined) links.push({ group: found, attachment })
  }
  for (const { resource } of network.subnets) {
    const { value } = resource
    add(
      value.member('networkSecurityGroup') ?? value.member('securityGroup'),
      attachmentAt(resource.key, 'subnet', index, network),
    )
  }
  for (const { resource } of network.interfaces) {
    add(resource.value.member('networkSecurityGroup'), attachmentAt(resource.key, 'interface', index, network))
  }
  for (const { type, value } of resources) {
    const level = linkLevels[type]
    if (level === undefined) continue
    const end = value.member(level === 'subnet' ? 'subnetId' : 'networkInterfaceId')
    add(value.member('networkSecurityGroupId'), attachmentAt(idIn(end), level, index, network))
  }
  return links
}

/** What a group itself says it is attached to. */
function ownAttachments({ value }: AzureResource, index: ResourceIndex, network: Network): readonly Attachment[] {
  const of = (name: string, level: Attachment['level']): readonly Attachment[] =>
    listOf(value.member(name)).flatMap((one) => attachmentAt(idIn(one), level, index, network) ?? [])
  return [...of('subnets', 'subnet'), ...of('networkInterfaces', 'interface')]
}

function attachmentAt(
  key: string | undefined,
  level: Attachment['level'],
  index: ResourceIndex,
  network: Network,
): Attachment | undefined {
  if (key === undefined) return undefined
  const resource = index.find(key)
  if (level === 'subnet') {
    const subnet = network.subnets.find((one) => one.resource === resource)
    if (subnet === undefined) return { level, key, ranges: [] }
    return {
      level,
      key: subnet.resource.key,
      ranges: subnet.ranges,
      ...(subnet.network !== undefined && { network: subnet.network }),
    }
  }
  const found = network.interfaces.find((one) => one.resource === resource)
  if (found === undefined) return { level, key, ranges: [] }
  const within = mergedRanges(found.subnets.flatMap(({ ranges }) => ranges))
  const in_ = found.subnets.map((subnet) => subnet.network).find((one) => one !== undefined)
  return {
    level,
    key: found.resource.key,
    ranges: found.ranges,
    ...(within.length > 0 && { within }),
    ...(in_ !== undefined && { network: in_ }),
  }
}

function distinct(attachments: readonly Attachment[]): readonly Attachment[] {
  const byKey = new Map<string, Attachment>()
  for (const attachment of attachments) byKey.set(attachment.key.toLowerCase(), attachment)
  return [...byKey.values()]
}

/**
 * Where machines are behind a group that no file has, or whose id is not known: what lets them pass is not known
 * either.
 */
export function behindOtherGroups(
  network: Network,
  resources: readonly AzureResource[],
  index: ResourceIndex,
): Addresses {
  const because: Unknown = { kind: 'place', what: 'a network security group that is not in these files' }
  const sets: Addresses[] = []
  const isElsewhere = (group: AzureValue | undefined): boolean =>
    group !== undefined && index.find(idIn(group)) === undefined && idIn(group) !== ''
  const add = (attachment: Attachment | undefined): void => {
    if (attachment === undefined) return
    const { ranges, within = everyAddress().sure } = attachment
    sets.push(ranges.length > 0 ? addressesOf(ranges) : unknownAddresses(because, within))
  }
  for (const { resource } of network.subnets) {
    const { value, key } = resource
    const group = value.member('networkSecurityGroup') ?? value.member('securityGroup')
    if (isElsewhere(group)) add(attachmentAt(key, 'subnet', index, network))
  }
  for (const { resource } of network.interfaces) {
    if (isElsewhere(resource.value.member('networkSecurityGroup')))
      add(attachmentAt(resource.key, 'interface', index, network))
  }
  for (const { type, value } of resources) {
    const level = linkLevels[type]
    if (level === undefined || !isElsewhere(value.member('networkSecurityGroupId'))) continue
    add(attachmentAt(idIn(value.member(level === 'subnet' ? 'subnetId' : 'networkInterfaceId')), level, index, network))
  }
  return unionOf([addressesOf([]), ...sets])
}

/** Terraform's resources that attach a group. */
const linkLevels: Readonly<Record<string, Attachment['level']>> = {
  azurerm_subnet_network_security_group_association: 'subnet',
  azurerm_network_interface_security_group_association: 'interface',
}
