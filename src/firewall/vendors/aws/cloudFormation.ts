import { everyAddress } from '../../addresses.ts'
import type { JsonValue } from '../../text/jsonTree.ts'
import type { Statements } from '../../text/statements.ts'
import type { Unknown } from '../../unknown.ts'
import { cidrRange } from '../cidrRange.ts'
import type { RuleParts } from './describedGroups.ts'
import { count, groupRulesOf, unknownRule, unknownsOf, unplaced } from './describedGroups.ts'
import { aclEntryOf } from './describedNetwork.ts'
import type { Acl, Estate } from './estate.ts'
import type { Field } from './fields.ts'
import { fieldOf, knownOf } from './fields.ts'
import { cidrPeer, groupPeer, listPeer } from './peers.ts'

interface Resource {
  readonly id: string
  readonly type: string
  readonly value: JsonValue
  readonly get: (name: string) => Field
  readonly member: (name: string) => JsonValue | undefined
  readonly field: (value: JsonValue | undefined) => Field
  /** The condition under which the template makes it. */
  readonly unknowns: readonly Unknown[]
}

/** Types that bear on packets and of which nothing is read. */
const unreadTypes = /^AWS::(NetworkFirewall::|EC2::VPCBlockPublicAccess|CloudFormation::Stack$|CloudFormation::Macro$)/

/**
 * Reads a CloudFormation template into the estate. Things go by their logical ids; what a parameter, an import or a
 * function decides is unknown.
 *
 * @returns false where the value is no template
 */
export function readTemplate(root: JsonValue, estate: Estate, statements: Statements): boolean {
  const resources = root.member('Resources')
  if (resources?.kind !== 'object') return false
  const names = new Set(resources.names())
  const found = resources.names().flatMap((id): readonly Resource[] => {
    const value = resources.member(id)
    const type = value?.member('Type')?.text()
    if (value === undefined) return []
    if (type === undefined) {
      unplaced(value, `the resource ${id} has no Type`, estate, statements)
      return []
    }
    const properties = value.member('Properties')
    const condition = value.member('Condition')?.text()
    return [
      {
        id,
        type,
        value,
        member: (name) => properties?.member(name),
        get: (name) => fieldOf(properties?.member(name), names),
        field: (member) => fieldOf(member, names),
        unknowns:
          condition === undefined ? [] : [{ kind: 'other', what: `the condition ${condition} of the template` }],
      },
    ]
  })
  const withEgress = new Set(
    found.flatMap(({ type, get }) => (type === 'AWS::EC2::SecurityGroupEgress' ? (knownOf(get('GroupId')) ?? []) : [])),
  )
  // Groups and ACLs before what is added to them.
  for (const resource of found) readOwner(resource, withEgress, estate, statements)
  for (const resource of found) readAddition(resource, estate, statements)
  return true
}

function readOwner(resource: Resource, withEgress: ReadonlySet<string>, estate: Estate, statements: Statements): void {
  const { id, type, value, member, get } = resource
  const range = (name: string) => cidrRange(knownOf(get(name)) ?? '') ?? []
  const vpc = knownOf(get('VpcId'))
  switch (type) {
    case 'AWS::EC2::SecurityGroup': {
      estate.groups.set(id, { id, name: knownOf(get('GroupName')) ?? id, span: value.span() })
      statements.understood()
      readInline(resource, 'SecurityGroupIngress', false, estate, statements)
      readInline(resource, 'SecurityGroupEgress', true, estate, statements)
      if (!isListed(member('SecurityGroupEgress'))) addDefaultEgress(resource, withEgress.has(id), estate)
      return
    }
    case 'AWS::EC2::NetworkAcl':
      estate.acls.set(id, {
        id,
        name: id,
        ...(vpc !== undefined && { vpc }),
        span: value.span(),
        subnets: [],
        entries: [],
      })
      statements.understood()
      return
    case 'AWS::EC2::Subnet': {
      const ranges = [range('CidrBlock'), range('Ipv6CidrBlock')].flat()
      estate.subnets.set(id, { id, ...(vpc !== undefined && { vpc }), ranges })
      statements.understood()
      return
    }
    case 'AWS::EC2::VPC':
      estate.vpcs.set(id, [range('CidrBlock')].flat())
      statements.understood()
      return
    case 'AWS::EC2::PrefixList':
      readList(resource, estate)
      statements.understood()
      return
    case 'AWS::EC2::NetworkInterface':
      readCard(id, resource, member('GroupSet'), resource.value, estate)
      statements.understood()
      return
    case 'AWS::EC2::Instance': {
      readCard(id, resource, member('SecurityGroupIds'), resource.value, estate)
      for (const [at, card] of (member('NetworkInterfaces')?.elements() ?? []).entries()) {
        readCard(`${id}/${at}`, resource, card.member('GroupSet'), card, estate)
      }
      statements.understood()
      return
    }
    default:
  }
}

function readList({ id, get, member }: Resource, estate: Estate): void {
  const entries = (member('Entries')?.elements() ?? []).map((entry) => cidrRange(entry.member('Cidr')?.text() ?? ''))
  const known = entries.filter((entry) => entry !== undefined)
  const isWhole = member('Entries')?.kind === 'array' && known.length === entries.length
  const name = knownOf(get('PrefixListName')) ?? id
  estate.lists.set(id, { id, name, isAws: false, ...(isWhole && { entries: known }) })
}

/** An empty list makes CloudFormation behave as if there were none. */
function isListed(value: JsonValue | undefined): boolean {
  return value !== undefined && (value.kind === 'object' || value.elements().length > 0)
}

function addDefaultEgress({ id, value }: Resource, hasOthers: boolean, estate: Estate): void {
  const what = 'whether the rule that allows everything outbound stays beside rules that are resources of their own'
  estate.rules.push({
    group: id,
    isEgress: true,
    name: 'default outbound rule',
    traffic: {},
    peer: { kind: 'addresses', addresses: everyAddress() },
    span: value.span(),
    unknowns: hasOthers ? [{ kind: 'other', what }] : [],
    implied: true,
    says: 'egress all traffic to anywhere',
  })
}

function readInline(resource: Resource, name: string, isEgress: boolean, estate: Estate, statements: Statements): void {
  const list = resource.member(name)
  if (list === undefined) return
  // One rule may stand without its list, and what a function gives is no list that can be read.
  for (const item of list.kind === 'array' ? list.elements() : [list]) {
    pushRules(item, resource.id, isEgress, resource, estate, statements)
  }
}

function pushRules(
  item: JsonValue,
  group: string,
  isEgress: boolean,
  { field, unknowns, id, type }: Resource,
  estate: Estate,
  statements: Statements,
): void {
  const get = (name: string): Field => field(item.member(name))
  const span = item.span()
  const peers = [
    cidrPeer(get('CidrIp')),
    cidrPeer(get('CidrIpv6')),
    listPeer(get(isEgress ? 'DestinationPrefixListId' : 'SourcePrefixListId')),
    groupPeer(get(isEgress ? 'DestinationSecurityGroupId' : 'SourceSecurityGroupId')),
    groupPeer(get('SourceSecurityGroupName')),
  ].filter((peer) => peer !== undefined)
  if (peers.length === 0) {
    const rule = unknownRule(group, isEgress, span, `a rule of ${group} whose far end is not written: ${span.text}`)
    estate.rules.push(rule)
    count(rule.unknowns, span, statements)
    return
  }
  const parts: RuleParts = {
    group,
    isEgress,
    ...(/::SecurityGroup(Ingress|Egress)$/.test(type) && { id }),
    protocol: get('IpProtocol'),
    from: get('FromPort'),
    to: get('ToPort'),
    peers,
    span,
    comment: item.member('Description')?.text(),
    unknowns,
  }
  const rules = groupRulesOf(parts)
  estate.rules.push(...rules)
  count(unknownsOf(rules), span, statements)
}

function readCard(
  id: string,
  { get, field, value }: Resource,
  groups: JsonValue | undefined,
  card: JsonValue,
  estate: Estate,
): void {
  const of = (name: string): string => knownOf(card === value ? get(name) : field(card.member(name))) ?? ''
  const members = groups?.elements().map((group) => knownOf(field(group)))
  const range = cidrRange(of('PrivateIpAddress'))
  if (range === undefined) return
  const isKnown = members?.every((group) => group !== undefined) === true
  const subnet = of('SubnetId')
  estate.cards.set(id, {
    id,
    ...(isKnown && { groups: members.filter((group) => group !== undefined) }),
    ...(subnet !== '' && { subnet }),
    privately: [range],
    publicly: [],
    span: card.span(),
  })
}

function readAddition(resource: Resource, estate: Estate, statements: Statements): void {
  const { type, value, get, field, unknowns } = resource
  const acl = (): Acl | undefined => estate.acls.get(knownOf(get('NetworkAclId')) ?? '')
  const isOwner = /^AWS::EC2::(SecurityGroup|NetworkAcl|Subnet|VPC|PrefixList|NetworkInterface|Instance)$/.test(type)
  if (isOwner) return
  switch (type) {
    case 'AWS::EC2::SecurityGroupIngress':
    case 'AWS::EC2::SecurityGroupEgress': {
      const group = knownOf(get('GroupId')) ?? knownOf(get('GroupName'))
      const properties = value.member('Properties')
      if (group === undefined || properties === undefined) {
        unplaced(value, `${resource.id} adds a rule to a group that is not known`, estate, statements)
        return
      }
      pushRules(properties, group, type.endsWith('Egress'), resource, estate, statements)
      return
    }
    case 'AWS::EC2::NetworkAclEntry': {
      const properties = value.member('Properties')
      const target = acl()
      if (target === undefined || properties === undefined) {
        unplaced(value, `${resource.id} adds an entry to a network ACL that is not known`, estate, statements)
        return
      }
      target.entries.push(aclEntryOf(properties, statements, field, unknowns))
      return
    }
    case 'AWS::EC2::SubnetNetworkAclAssociation': {
      const subnet = knownOf(get('SubnetId'))
      const target = acl()
      if (target === undefined || subnet === undefined) {
        unplaced(value, `${resource.id} ties together what is not known`, estate, statements)
        return
      }
      target.subnets.push(subnet)
      statements.understood()
      return
    }
    default:
      if (unreadTypes.test(type)) {
        unplaced(value, `resources of type ${type} are not read`, estate, statements)
        return
      }
      statements.understood()
      return
  }
}
