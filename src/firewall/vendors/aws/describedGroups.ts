import { everyAddress } from '../../addresses.ts'
import type { Span } from '../../source.ts'
import type { JsonValue } from '../../text/jsonTree.ts'
import type { Statements } from '../../text/statements.ts'
import type { Unknown } from '../../unknown.ts'
import type { Estate, GroupRule } from './estate.ts'
import type { Field } from './fields.ts'
import { fieldOf, knownOf } from './fields.ts'
import type { NamedPeer } from './peers.ts'
import { cidrPeer, groupPeer, listPeer } from './peers.ts'
import { trafficOf } from './traffic.ts'

/** Members of what EC2 exports that say nothing about passing packets, or that are read. */
const permissionMembers =
  /^(IpProtocol|FromPort|ToPort|IpRanges|Ipv6Ranges|PrefixListIds|UserIdGroupPairs|Description)$/
const ruleMembers =
  /^(SecurityGroupRuleId|SecurityGroupRuleArn|GroupId|GroupOwnerId|IsEgress|IpProtocol|FromPort|ToPort|CidrIpv4|CidrIpv6|PrefixListId|ReferencedGroupInfo|Description|Tags)$/

/** What a rule is made of, wherever it is written. */
export interface RuleParts {
  readonly group: string
  readonly isEgress: boolean
  readonly id?: string
  readonly protocol: Field
  readonly from: Field
  readonly to: Field
  readonly peers: readonly NamedPeer[]
  readonly span: Span
  readonly comment?: string | undefined
  readonly unknowns?: readonly Unknown[]
}

/** The rules of a permission: one for each far end, as EC2 itself counts them. */
export function groupRulesOf(parts: RuleParts): readonly GroupRule[] {
  const traffic = trafficOf(parts)
  return parts.peers.map(({ peer, says }) => {
    const said = `${parts.isEgress ? 'egress' : 'ingress'} ${traffic.says} ${parts.isEgress ? 'to' : 'from'} ${says}`
    return {
      group: parts.group,
      isEgress: parts.isEgress,
      name: parts.id ?? said,
      traffic: traffic.match,
      peer,
      span: parts.span,
      unknowns: [...traffic.unknowns, ...(parts.unknowns ?? [])],
      ...(parts.comment !== undefined && parts.comment !== '' && { comment: parts.comment }),
      says: said,
    }
  })
}

/** One element of `describe-security-groups`. */
export function readGroup(value: JsonValue, estate: Estate, statements: Statements): void {
  const id = value.member('GroupId')?.text()
  if (id === undefined) {
    unplaced(value, 'a security group without GroupId', estate, statements)
    return
  }
  const owner = value.member('OwnerId')?.text()
  estate.groups.set(id, { id, name: value.member('GroupName')?.text() ?? id, span: value.span() })
  statements.understood()
  for (const [name, isEgress] of [
    ['IpPermissions', false],
    ['IpPermissionsEgress', true],
  ] as const) {
    const permissions = value.member(name)
    // Without the list nobody knows whether there are rules: a query left it out.
    if (permissions?.kind !== 'array') {
      estate.rules.push(unknownRule(id, isEgress, value.span(), `the ${name} of ${id}, which the file leaves out`))
      continue
    }
    for (const permission of permissions.elements()) {
      readPermission(permission, { group: id, isEgress, owner }, estate, statements)
    }
  }
}

function readPermission(
  permission: JsonValue,
  { group, isEgress, owner }: { group: string; isEgress: boolean; owner: string | undefined },
  estate: Estate,
  statements: Statements,
): void {
  const strange = permission.names().filter((name) => !permissionMembers.test(name))
  const parts = {
    group,
    isEgress,
    protocol: fieldOf(permission.member('IpProtocol')),
    from: fieldOf(permission.member('FromPort')),
    to: fieldOf(permission.member('ToPort')),
    unknowns: strange.map((name): Unknown => ({ kind: 'unread', what: `the member "${name}", which is not known` })),
  }
  let isAnybodyNamed = false
  const peersOf = (name: string, peer: (item: JsonValue) => NamedPeer | undefined): void => {
    for (const item of permission.member(name)?.elements() ?? []) {
      const span = item.span()
      const found = peer(item)
      isAnybodyNamed = true
      const rules = groupRulesOf({
        ...parts,
        peers: found === undefined ? [] : [found],
        span,
        comment: item.member('Description')?.text(),
      })
      estate.rules.push(...(found === undefined ? [unknownRule(group, isEgress, span, 'an empty far end')] : rules))
      count(found === undefined ? [unread('its far end is not known')] : unknownsOf(rules), span, statements)
    }
  }
  peersOf('IpRanges', (item) => cidrPeer(fieldOf(item.member('CidrIp'))))
  peersOf('Ipv6Ranges', (item) => cidrPeer(fieldOf(item.member('CidrIpv6'))))
  peersOf('PrefixListIds', (item) => listPeer(fieldOf(item.member('PrefixListId'))))
  peersOf('UserIdGroupPairs', (item) => {
    const user = item.member('UserId')?.text()
    const isForeign =
      item.member('VpcPeeringConnectionId') !== undefined ||
      (user !== undefined && owner !== undefined && user !== owner)
    return groupPeer(fieldOf(item.member('GroupId') ?? item.member('GroupName')), isForeign)
  })
  if (isAnybodyNamed) return
  const rule = unknownRule(group, isEgress, permission.span(), `whom a rule of ${group} is about, which is missing`)
  estate.rules.push(rule)
  count(rule.unknowns, permission.span(), statements)
}

/** One element of `describe-security-group-rules`. */
export function readListedRule(value: JsonValue, estate: Estate, statements: Statements): void {
  const group = value.member('GroupId')?.text()
  const isEgress = value.member('IsEgress')?.scalar
  if (group === undefined || typeof isEgress !== 'boolean') {
    unplaced(value, 'a rule without GroupId or IsEgress', estate, statements)
    return
  }
  const reference = value.member('ReferencedGroupInfo')
  const user = reference?.member('UserId')?.text()
  const owner = value.member('GroupOwnerId')?.text()
  const isForeign =
    reference?.member('VpcPeeringConnectionId') !== undefined ||
    (user !== undefined && owner !== undefined && user !== owner)
  const peers = [
    cidrPeer(fieldOf(value.member('CidrIpv4'))),
    cidrPeer(fieldOf(value.member('CidrIpv6'))),
    listPeer(fieldOf(value.member('PrefixListId'))),
    groupPeer(fieldOf(reference?.member('GroupId')), isForeign),
  ].filter((peer) => peer !== undefined)
  const id = knownOf(fieldOf(value.member('SecurityGroupRuleId')))
  const strange = value.names().filter((name) => !ruleMembers.test(name))
  const rules =
    peers.length === 0
      ? [unknownRule(group, isEgress, value.span(), `the far end of ${id ?? 'a rule'}, which is missing`)]
      : groupRulesOf({
          group,
          isEgress,
          ...(id !== undefined && { id }),
          protocol: fieldOf(value.member('IpProtocol')),
          from: fieldOf(value.member('FromPort')),
          to: fieldOf(value.member('ToPort')),
          peers,
          span: value.span(),
          comment: value.member('Description')?.text(),
          unknowns: strange.map((name) => unread(`the member "${name}", which is not known`)),
        })
  estate.listedRules.push(...rules)
  count(unknownsOf(rules), value.span(), statements)
}

/** A rule of which not even its far end is known: it may allow anything. */
export function unknownRule(group: string, isEgress: boolean, span: Span, what: string): GroupRule {
  return {
    group,
    isEgress,
    name: `${isEgress ? 'egress' : 'ingress'} rule that was not understood`,
    traffic: {},
    peer: { kind: 'addresses', addresses: everyAddress() },
    span,
    unknowns: [unread(what)],
    says: what,
  }
}

/** What of some rules is not settled, their far ends included. */
export function unknownsOf(rules: readonly GroupRule[]): readonly Unknown[] {
  return rules.flatMap(({ unknowns, peer }) => [
    ...unknowns,
    ...(peer.kind === 'addresses' ? peer.addresses.possible.map(({ because }) => because) : []),
  ])
}

/** Counts a statement as understood where no part of it was left unread. */
export function count(unknowns: readonly Unknown[], span: Span, statements: Statements): void {
  const left = unknowns.find(({ kind }) => kind === 'unread')
  if (left === undefined) statements.understood()
  else statements.unread(span, `it is not understood: ${left.what}`)
}

/** A statement of which nobody knows where it belongs. */
export function unplaced(value: JsonValue, what: string, estate: Estate, statements: Statements): void {
  const span = value.span()
  statements.unread(span, what)
  estate.doubts.push(unread(`${what}, ${span.file}:${span.line}`))
}

function unread(what: string): Unknown {
  return { kind: 'unread', what }
}
