import type { Addresses, AddressRange } from '../../addresses.ts'
import { addressesOf, mergedRanges, rangesWithout, unionOf } from '../../addresses.ts'
import type { ReadingHints } from '../../reader.ts'
import type { Unknown } from '../../unknown.ts'
import { privateSpace, readAddressText } from '../azure/addressTexts.ts'
import type { AzureResource, ResourceIndex } from '../azure/azureResource.ts'
import { idIn, parentKey } from '../azure/azureResource.ts'
import type { AzureValue } from '../azure/azureValue.ts'
import { isTrue, listOf } from '../azure/azureValue.ts'

/** Virtual networks, subnets and network interfaces of an export, as far as they tell addresses. */
export interface Network {
  readonly subnets: readonly Subnet[]
  readonly interfaces: readonly Interface[]
  /** What the tag VirtualNetwork stands for at a group whose attachments lie in networks of these keys. */
  virtualNetwork(networks: ReadonlySet<string>): Addresses
  applicationGroup(key: string): Addresses
}

export interface Subnet {
  readonly resource: AzureResource
  /** Key of its virtual network; absent where it is not in the files. */
  readonly network?: string
  readonly ranges: readonly AddressRange[]
}

export interface Interface {
  readonly resource: AzureResource
  readonly subnets: readonly Subnet[]
  /** Addresses of its own; empty where Azure gives them when it starts. */
  readonly ranges: readonly AddressRange[]
  readonly published: readonly Published[]
  readonly applicationGroups: readonly string[]
}

/** A public address and the private one that it is translated to: ahead of groups coming in, behind them going out. */
export interface Published {
  readonly privately: AddressRange
  readonly publicly: AddressRange
  readonly resource: AzureResource
}

const networkType = 'microsoft.network/virtualnetworks'

export function readNetwork(resources: readonly AzureResource[], index: ResourceIndex, hints: ReadingHints): Network {
  const ofType = (type: string): readonly AzureResource[] => resources.filter((resource) => resource.type === type)
  const networks = ofType(networkType)
  const subnets = ofType(`${networkType}/subnets`).map((resource) => subnetOf(resource, networks, index, hints))
  const joined = ofType('azurerm_network_interface_application_security_group_association')
  const interfaces = ofType('microsoft.network/networkinterfaces').map((resource) =>
    interfaceOf(resource, subnets, joined, index, hints),
  )
  const given = hints.places['VirtualNetwork']
  const groups = new Map<string, Addresses>()
  return {
    subnets,
    interfaces,
    virtualNetwork: (keys) => {
      if (given !== undefined) return addressesOf([...given, ...networks.flatMap(spaceOf)])
      const [only] = keys
      const own = keys.size === 1 ? networks.find(({ key }) => key === only) : undefined
      return virtualNetworkOf(own, resources, index)
    },
    applicationGroup: (key) => {
      const name = index.find(key)?.name ?? key.split('/').at(-1) ?? key
      const before = groups.get(key)
      if (before !== undefined) return before
      const hint = hints.places[name]
      const addresses = hint === undefined ? membersOf(key, name, interfaces, index) : addressesOf(hint)
      groups.set(key, addresses)
      return addresses
    },
  }
}

/** Ranges of prefixes; texts that are none are the business of who counts statements. */
function rangesOf(values: readonly AzureValue[]): readonly AddressRange[] {
  return mergedRanges(
    values.flatMap((value) => {
      const read = readAddressText(value.text() ?? '')
      return read.kind === 'range' ? [read.range] : []
    }),
  )
}

function spaceOf({ value }: AzureResource): readonly AddressRange[] {
  const space = value.member('addressSpace')
  return rangesOf(listOf(space?.kind === 'array' ? space : space?.member('addressPrefixes')))
}

function subnetOf(
  resource: AzureResource,
  networks: readonly AzureResource[],
  index: ResourceIndex,
  hints: ReadingHints,
): Subnet {
  const { key, value, name } = resource
  const parent = parentKey(key) ?? key.slice(0, Math.max(0, key.lastIndexOf('/subnets/')))
  const named = value.member('virtualNetworkName')?.text()
  const network = index.find(parent) ?? networks.find((one) => one.name === named)
  const prefixes = [...listOf(value.member('addressPrefix')), ...listOf(value.member('addressPrefixes'))]
  const hint = (network === undefined ? undefined : hints.places[`${network.name}/${name}`]) ?? hints.places[name]
  const ranges = rangesOf(prefixes)
  return {
    resource,
    ...(network !== undefined && { network: network.key }),
    ranges: ranges.length > 0 ? ranges : (hint ?? []),
  }
}

function interfaceOf(
  resource: AzureResource,
  subnets: readonly Subnet[],
  joined: readonly AzureResource[],
  index: ResourceIndex,
  hints: ReadingHints,
): Interface {
  const { value, name, key } = resource
  const blocks = value.member('ipConfigurations') ?? value.member('ipConfiguration')
  const own = blocks?.elements() ?? []
  const ranges = rangesOf([
    ...own.flatMap((block) => listOf(block.member('privateIPAddress'))),
    ...listOf(value.member('privateIpAddresses')),
  ])
  const published = own.flatMap((block): readonly Published[] => {
    const [privately] = rangesOf(listOf(block.member('privateIPAddress')))
    const named = block.member('publicIPAddress') ?? block.member('publicIPAddressId')
    const address = index.find(idIn(named))?.value.member('ipAddress') ?? named?.member('ipAddress')
    const [publicly] = rangesOf(listOf(address))
    return privately === undefined || publicly?.family !== privately.family ? [] : [{ privately, publicly, resource }]
  })
  const subnetResources = own.map((block) => index.find(idIn(block.member('subnet') ?? block.member('subnetId'))))
  const groupsOfBlocks = own.flatMap((block) => listOf(block.member('applicationSecurityGroups')))
  const groupsOfLinks = joined
    .filter((link) => index.find(link.value.member('networkInterfaceId')?.text())?.key === key)
    .flatMap((link) => listOf(link.value.member('applicationSecurityGroupId')))
  return {
    resource,
    subnets: subnets.filter((subnet) => subnetResources.includes(subnet.resource)),
    ranges: ranges.length > 0 ? ranges : (hints.places[name] ?? []),
    published,
    applicationGroups: [...groupsOfBlocks, ...groupsOfLinks].flatMap((group) => idIn(group) ?? []),
  }
}

/** Members that the files show are in it; of other machines nobody knows, but of those that the files show elsewhere. */
function membersOf(key: string, name: string, interfaces: readonly Interface[], index: ResourceIndex): Addresses {
  const group = index.find(key)
  const isIn = ({ applicationGroups }: Interface): boolean =>
    applicationGroups.some(
      (own) => own.toLowerCase() === key.toLowerCase() || (group !== undefined && index.find(own) === group),
    )
  const sure = mergedRanges(interfaces.filter(isIn).flatMap(({ ranges }) => ranges))
  const others = mergedRanges(interfaces.filter((one) => !isIn(one)).flatMap(({ ranges }) => ranges))
  const because: Unknown = { kind: 'place', what: `which machines are in the application security group ${name}` }
  const within = rangesWithout(privateSpace, mergedRanges([...sure, ...others]))
  return { sure, possible: [{ within, because }] }
}

/**
 * VirtualNetwork is the space of the network, of its peers, of what gateways join to it and of the routes of its
 * subnets. Gateways and routes are not in an export of groups, so the private space beyond is possible.
 */
function virtualNetworkOf(
  own: AzureResource | undefined,
  resources: readonly AzureResource[],
  index: ResourceIndex,
): Addresses {
  const sure = own === undefined ? [] : mergedRanges([...spaceOf(own), ...peersOf(own, resources, index)])
  const because: Unknown = {
    kind: 'tag',
    what: 'what the tag VirtualNetwork holds beyond the networks of these files',
    tag: 'VirtualNetwork',
  }
  const rest = { sure: [], possible: [{ within: rangesWithout(privateSpace, sure), because }] }
  return unionOf([addressesOf(sure), rest])
}

function peersOf(
  own: AzureResource,
  resources: readonly AzureResource[],
  index: ResourceIndex,
): readonly AddressRange[] {
  const apart = resources.filter(
    ({ type, key, value }) =>
      (type === `${networkType}/virtualnetworkpeerings` && parentKey(key)?.toLowerCase() === own.key.toLowerCase()) ||
      (type === 'azurerm_virtual_network_peering' && value.member('virtualNetworkName')?.text() === own.name),
  )
  const peerings = [
    ...(own.value.member('virtualNetworkPeerings')?.elements() ?? []),
    ...apart.map(({ value }) => value),
  ]
  return peerings.flatMap((peering) => {
    const state = peering.member('peeringState')?.text()?.toLowerCase() ?? 'connected'
    const access = peering.member('allowVirtualNetworkAccess')
    if (state !== 'connected' || (access !== undefined && !isTrue(access))) return []
    const remote = idIn(peering.member('remoteVirtualNetwork') ?? peering.member('remoteVirtualNetworkId'))
    const known = index.find(remote)
    const told = peering.member('remoteVirtualNetworkAddressSpace') ?? peering.member('remoteAddressSpace')
    return known === undefined ? rangesOf(listOf(told?.member('addressPrefixes'))) : spaceOf(known)
  })
}
