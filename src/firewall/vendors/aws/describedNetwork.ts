import type { AddressRange } from '../../addresses.ts'
import { addressesOf } from '../../addresses.ts'
import type { JsonValue } from '../../text/jsonTree.ts'
import type { Statements } from '../../text/statements.ts'
import type { Unknown } from '../../unknown.ts'
import { cidrRange } from '../cidrRange.ts'
import { count, unplaced } from './describedGroups.ts'
import type { AclEntry, Estate, TableRoute } from './estate.ts'
import type { Field } from './fields.ts'
import { fieldOf, integerOf, knownOf } from './fields.ts'
import { trafficOf } from './traffic.ts'

const entryMembers =
  /^(CidrBlock|Ipv6CidrBlock|Egress|IcmpTypeCode|Icmp|PortRange|Protocol|RuleAction|RuleNumber|NetworkAclId)$/

/** One element of `describe-network-acls`. */
export function readAcl(value: JsonValue, estate: Estate, statements: Statements): void {
  const id = value.member('NetworkAclId')?.text()
  if (id === undefined) {
    unplaced(value, 'a network ACL without NetworkAclId', estate, statements)
    return
  }
  const vpc = value.member('VpcId')?.text()
  const associations = value.member('Associations')?.elements() ?? []
  if (value.member('Entries')?.kind !== 'array') {
    unplaced(value, `the network ACL ${id} without its Entries`, estate, statements)
    return
  }
  const entries = value.member('Entries')?.elements() ?? []
  estate.acls.set(id, {
    id,
    name: tagged(value) ?? id,
    ...(vpc !== undefined && { vpc }),
    span: value.span(),
    subnets: associations.flatMap((association) => association.member('SubnetId')?.text() ?? []),
    entries: entries.flatMap((entry) => aclEntryOf(entry, statements, (member) => fieldOf(member))),
  })
  statements.understood()
}

/** One entry, of an export or of a template, where the members have the same names. */
export function aclEntryOf(
  value: JsonValue,
  statements: Statements,
  field: (member: JsonValue | undefined) => Field,
  more: readonly Unknown[] = [],
): AclEntry {
  const icmp = value.member('IcmpTypeCode') ?? value.member('Icmp')
  const ports = value.member('PortRange')
  const protocol = field(value.member('Protocol'))
  const isIcmp = /^(1|58|icmp|icmpv6)$/i.test(knownOf(protocol) ?? '')
  const egress = value.member('Egress')?.scalar
  return entryFrom(
    {
      number: field(value.member('RuleNumber')),
      isEgress: egress === true || egress === 'true',
      action: field(value.member('RuleAction')),
      protocol,
      from: field((isIcmp ? icmp?.member('Type') : ports?.member('From')) ?? undefined),
      to: field((isIcmp ? icmp?.member('Code') : ports?.member('To')) ?? undefined),
      cidrs: [field(value.member('CidrBlock')), field(value.member('Ipv6CidrBlock'))],
      strange: value.names().filter((name) => !entryMembers.test(name)),
    },
    value,
    statements,
    more,
  )
}

interface EntryParts {
  readonly number: Field
  readonly isEgress: boolean
  readonly action: Field
  readonly protocol: Field
  readonly from: Field
  readonly to: Field
  readonly cidrs: readonly Field[]
  readonly strange?: readonly string[]
}

export function entryFrom(
  parts: EntryParts,
  value: JsonValue,
  statements: Statements,
  more: readonly Unknown[] = [],
): AclEntry {
  const unknowns: Unknown[] = [...more]
  const unread = (what: string): void => {
    unknowns.push({ kind: 'unread', what })
  }
  // For protocol -1 all ports are meant, whatever is written (EC2 API reference, CreateNetworkAclEntry).
  const traffic = trafficOf(parts)
  unknowns.push(...traffic.unknowns)
  for (const name of parts.strange ?? []) unread(`the member "${name}", which is not known`)
  const action = knownOf(parts.action)?.toLowerCase()
  if (action !== 'allow' && action !== 'deny') unread(`the action ${action ?? 'that is missing'}`)
  const number = integerOf(parts.number)
  if (number === undefined) unread('its rule number, and with it its place in the order')
  const written = parts.cidrs.filter((cidr) => cidr !== undefined)
  const ranges = written.flatMap((cidr) => cidrRange(knownOf(cidr) ?? '') ?? [])
  const isPeerKnown = written.length > 0 && ranges.length === written.length
  if (!isPeerKnown) unread(`the addresses of entry ${number ?? '?'}`)
  const span = value.span()
  count(unknowns, span, statements)
  return {
    // What nobody can place is asked first: as something that may match, it takes nothing from those behind it.
    number: number ?? 0,
    isEgress: parts.isEgress,
    action: action === 'allow' ? 'allow' : action === 'deny' ? 'drop' : 'unknown',
    traffic: traffic.match,
    ...(isPeerKnown && { peer: addressesOf(ranges) }),
    span,
    unknowns,
  }
}

/** One element of `describe-network-interfaces`, or of a list of interfaces in `describe-instances`. */
export function readCard(value: JsonValue, estate: Estate, statements: Statements): void {
  const id = value.member('NetworkInterfaceId')?.text()
  if (id === undefined) {
    unplaced(value, 'a network interface without NetworkInterfaceId', estate, statements)
    return
  }
  const list = (name: string, member: string): readonly AddressRange[] =>
    (value.member(name)?.elements() ?? []).flatMap((item) => cidrRange(item.member(member)?.text() ?? '') ?? [])
  const addresses = value.member('PrivateIpAddresses')?.elements() ?? []
  const publicOf = (item: JsonValue): readonly AddressRange[] => {
    const range = cidrRange(item.member('Association')?.member('PublicIp')?.text() ?? '')
    return range === undefined ? [] : [range]
  }
  const groups = value.member('Groups')
  const subnet = value.member('SubnetId')?.text()
  estate.cards.set(id, {
    id,
    ...(groups?.kind === 'array' && {
      groups: groups.elements().flatMap((group) => group.member('GroupId')?.text() ?? []),
    }),
    ...(subnet !== undefined && { subnet }),
    privately: [
      ...[cidrRange(value.member('PrivateIpAddress')?.text() ?? '')].filter((range) => range !== undefined),
      ...list('PrivateIpAddresses', 'PrivateIpAddress'),
      ...list('Ipv6Addresses', 'Ipv6Address'),
      ...list('Ipv4Prefixes', 'Ipv4Prefix'),
      ...list('Ipv6Prefixes', 'Ipv6Prefix'),
    ],
    publicly: [...publicOf(value), ...addresses.flatMap(publicOf)],
    span: value.span(),
  })
  statements.understood()
}

/** One element of `describe-subnets`. */
export function readSubnet(value: JsonValue, estate: Estate, statements: Statements): void {
  const id = value.member('SubnetId')?.text()
  const ranges = blocksOf(value)
  if (id === undefined || ranges.length === 0) {
    unplaced(value, 'a subnet without SubnetId or block', estate, statements)
    return
  }
  const vpc = value.member('VpcId')?.text()
  const name = tagged(value)
  estate.subnets.set(id, { id, ranges, ...(vpc !== undefined && { vpc }), ...(name !== undefined && { name }) })
  statements.understood()
}

/** One element of `describe-vpcs`. */
export function readVpc(value: JsonValue, estate: Estate, statements: Statements): void {
  const id = value.member('VpcId')?.text()
  if (id === undefined) {
    unplaced(value, 'a VPC without VpcId', estate, statements)
    return
  }
  estate.vpcs.set(id, blocksOf(value))
  statements.understood()
}

/** `CidrBlock` and the blocks associated with it that are not being taken away. */
function blocksOf(value: JsonValue): readonly AddressRange[] {
  const ranges = [value.member('CidrBlock')?.text()]
  for (const [list, member] of [
    ['CidrBlockAssociationSet', 'CidrBlock'],
    ['Ipv6CidrBlockAssociationSet', 'Ipv6CidrBlock'],
  ] as const) {
    for (const item of value.member(list)?.elements() ?? []) {
      const state = item.member(`${member}State`)?.member('State')?.text() ?? 'associated'
      if (/^associat/.test(state)) ranges.push(item.member(member)?.text())
    }
  }
  return ranges.flatMap((text) => cidrRange(text ?? '') ?? [])
}

/** One element of `describe-managed-prefix-lists`, or of `describe-prefix-lists`, which has the addresses too. */
export function readPrefixList(value: JsonValue, estate: Estate, statements: Statements): void {
  const id = value.member('PrefixListId')?.text()
  if (id === undefined) {
    unplaced(value, 'a prefix list without PrefixListId', estate, statements)
    return
  }
  const name = value.member('PrefixListName')?.text() ?? id
  const cidrs = value.member('Cidrs')
  const ranges = cidrs?.elements().flatMap((cidr) => cidrRange(cidr.text() ?? '') ?? []) ?? []
  const entries = cidrs?.kind === 'array' && ranges.length === cidrs.elements().length ? ranges : undefined
  const before = estate.lists.get(id)?.entries
  estate.lists.set(id, {
    id,
    name,
    isAws: name.startsWith('com.amazonaws.'),
    ...((entries ?? before) !== undefined && { entries: entries ?? before ?? [] }),
  })
  statements.understood()
}

/** One element of `describe-route-tables`. */
export function readRouteTable(value: JsonValue, estate: Estate, statements: Statements): void {
  const id = value.member('RouteTableId')?.text()
  if (id === undefined) {
    unplaced(value, 'a route table without RouteTableId', estate, statements)
    return
  }
  const associations = value.member('Associations')?.elements() ?? []
  const vpc = value.member('VpcId')?.text()
  const routes: TableRoute[] = []
  if (value.member('Routes')?.kind !== 'array') {
    unplaced(value, `the route table ${id} without its Routes`, estate, statements)
    return
  }
  for (const route of value.member('Routes')?.elements() ?? []) {
    const read = routeOf(route)
    if (read === undefined) unplaced(route, `a route of ${id} whose destination is not known`, estate, statements)
    else {
      routes.push(read)
      statements.understood()
    }
  }
  estate.tables.set(id, {
    id,
    name: tagged(value) ?? id,
    ...(vpc !== undefined && { vpc }),
    isMain: associations.some((association) => association.member('Main')?.scalar === true),
    subnets: associations.flatMap((association) => association.member('SubnetId')?.text() ?? []),
    routes,
  })
  statements.understood()
}

/** What a route leads to, in the order in which EC2 names it. */
const targets = [
  'GatewayId',
  'NatGatewayId',
  'TransitGatewayId',
  'VpcPeeringConnectionId',
  'EgressOnlyInternetGatewayId',
  'NetworkInterfaceId',
  'InstanceId',
  'LocalGatewayId',
  'CarrierGatewayId',
  'CoreNetworkArn',
]

function routeOf(value: JsonValue): TableRoute | undefined {
  const list = value.member('DestinationPrefixListId')?.text()
  const text = value.member('DestinationCidrBlock')?.text() ?? value.member('DestinationIpv6CidrBlock')?.text() ?? ''
  const to = cidrRange(text) ?? (list === undefined ? undefined : { family: 4 as const, first: 0n, last: 0n })
  const target = targets.flatMap((name) => value.member(name)?.text() ?? [])[0]
  if (to === undefined) return undefined
  const isBlackhole = value.member('State')?.text() === 'blackhole'
  return {
    to,
    ...(list !== undefined && { list }),
    ...(target !== undefined && { out: target }),
    kind: isBlackhole ? 'blackhole' : 'unicast',
    isPropagated: value.member('Origin')?.text() === 'EnableVgwRoutePropagation',
    span: value.span(),
  }
}

/** The tag `Name`, by which the console calls things. */
function tagged(value: JsonValue): string | undefined {
  const tag = value
    .member('Tags')
    ?.elements()
    .find((item) => item.member('Key')?.text() === 'Name')
  const name = tag?.member('Value')?.text()
  return name === '' ? undefined : name
}
