import type { JsonValue } from '../../text/jsonTree.ts'
import type { Statements } from '../../text/statements.ts'
import type { TerraformResource } from '../../text/terraformPlan.ts'
import { readTerraformPlan } from '../../text/terraformPlan.ts'
import { cidrRange } from '../cidrRange.ts'
import { count, groupRulesOf, unknownRule, unknownsOf, unplaced } from './describedGroups.ts'
import { entryFrom } from './describedNetwork.ts'
import type { Estate, GroupRule } from './estate.ts'
import type { Field } from './fields.ts'
import { fieldOf, knownOf } from './fields.ts'
import type { NamedPeer } from './peers.ts'
import { cidrPeer, groupPeer, listPeer } from './peers.ts'

/** What is read of a plan while it is gone through. */
interface Plan {
  readonly estate: Estate
  readonly statements: Statements
  /** Ids that are known already, as the addresses of their resources. */
  readonly addresses: ReadonlyMap<string, string>
  /** Groups that have rules as resources of their own, by direction: `address true` for egress. */
  readonly separate: Set<string>
  /** Rules in the blocks of groups that have such resources as well. */
  readonly doubled: GroupRule[]
}

const groupTypes = /^aws_(default_)?security_group$/
const aclTypes = /^aws_(default_)?network_acl$/
const unreadTypes = /^aws_(networkfirewall_|vpc_block_public_access)/

/**
 * Reads the resources of a Terraform plan or state in JSON. Things go by the addresses of their resources.
 *
 * @returns false where the value is neither
 */
export function readPlan(root: JsonValue, estate: Estate, statements: Statements): boolean {
  const plan = readTerraformPlan(root)
  if (plan === undefined) return false
  const addresses = new Map<string, string>()
  for (const { address, values } of plan.resources) {
    const id = values.member('id')?.text() ?? values.member('default_network_acl_id')?.text()
    if (id !== undefined) addresses.set(id, address)
  }
  const state: Plan = { estate, statements, addresses, separate: new Set(), doubled: [] }
  const resources = plan.resources.filter(({ type }) => type.startsWith('aws_'))
  for (const resource of resources) noteSeparate(resource, state)
  for (const resource of resources) readOwner(resource, state)
  for (const resource of resources) readAddition(resource, state)
  // What was refreshed shows the separate rules in the group's block too; what only stands in the block fights with them.
  const keyOf = ({ group, isEgress, says }: GroupRule): string => `${group} ${isEgress} ${says}`
  const separate = new Set(estate.rules.map(keyOf))
  const what = 'which of them Terraform applies last: the group has rules in its block and as resources of their own'
  for (const rule of state.doubled) {
    if (!separate.has(keyOf(rule)))
      estate.rules.push({ ...rule, unknowns: [...rule.unknowns, { kind: 'other', what }] })
  }
  return true
}

/** A reference of one attribute: an id that a resource of the plan has, another id, or what the configuration names. */
function referenceOf(resource: TerraformResource, attribute: string, { addresses }: Plan): Field {
  const written = resource.values.member(attribute)?.text()
  if (written !== undefined && written !== '') return { known: addresses.get(written) ?? written }
  const referents = resource.referents(attribute)
  const [one] = referents
  if (one !== undefined && referents.length === 1) return { known: one.address }
  if (!resource.isUnknown(attribute)) return undefined
  return { unknown: `${attribute} of ${resource.address}, which is known only after apply` }
}

/** A value that may be known only after apply. */
function attributeOf(resource: TerraformResource, attribute: string): Field {
  const value = resource.values.member(attribute)
  if (value !== undefined && value.kind !== 'null' && value.scalar !== '') return fieldOf(value)
  if (!resource.isUnknown(attribute)) return undefined
  return { unknown: `${attribute} of ${resource.address}, which is known only after apply` }
}

function noteSeparate(resource: TerraformResource, plan: Plan): void {
  const isEgress = egressOf(resource)
  const group = isEgress === undefined ? undefined : knownOf(referenceOf(resource, 'security_group_id', plan))
  if (group !== undefined) plan.separate.add(`${group} ${isEgress}`)
}

/** The direction of a resource that is one rule; undefined for all others. */
function egressOf({ type, values }: TerraformResource): boolean | undefined {
  if (type === 'aws_vpc_security_group_egress_rule') return true
  if (type === 'aws_vpc_security_group_ingress_rule') return false
  return type === 'aws_security_group_rule' ? values.member('type')?.text() === 'egress' : undefined
}

function readOwner(resource: TerraformResource, plan: Plan): void {
  const { address, type, values, mode } = resource
  const { estate, statements } = plan
  const ranges = (...names: readonly string[]) =>
    names.flatMap((name) => cidrRange(values.member(name)?.text() ?? '') ?? [])
  const vpc = knownOf(referenceOf(resource, 'vpc_id', plan))
  if (groupTypes.test(type)) {
    if (mode === 'data') {
      statements.understood()
      return
    }
    estate.groups.set(address, { id: address, name: values.member('name')?.text() ?? address, span: resource.span() })
    statements.understood()
    for (const isEgress of [false, true]) readInline(resource, isEgress, plan)
  } else if (aclTypes.test(type)) {
    const acl = { id: address, name: address, ...(vpc !== undefined && { vpc }), span: resource.span() }
    const subnets = values.member('subnet_ids')?.elements() ?? []
    const known = subnets.flatMap((subnet) => subnet.text() ?? []).map((id) => plan.addresses.get(id) ?? id)
    const named = known.length > 0 ? known : resource.referents('subnet_ids').map((referent) => referent.address)
    const entries = ([false, true] as const).flatMap((isEgress) =>
      (values.member(isEgress ? 'egress' : 'ingress')?.elements() ?? []).map((entry) =>
        entryOf(entry, isEgress, (name) => fieldOf(filled(entry.member(name))), statements),
      ),
    )
    estate.acls.set(address, { ...acl, subnets: [...named], entries })
    statements.understood()
  } else if (type === 'aws_subnet') {
    estate.subnets.set(address, {
      id: address,
      ...(vpc !== undefined && { vpc }),
      ranges: ranges('cidr_block', 'ipv6_cidr_block'),
    })
    statements.understood()
  } else if (type === 'aws_vpc') {
    estate.vpcs.set(address, ranges('cidr_block'))
    statements.understood()
  } else if (type === 'aws_ec2_managed_prefix_list') {
    const entries = values.member('entry')?.elements() ?? values.member('entries')?.elements()
    const known = (entries ?? []).flatMap((entry) => cidrRange(entry.member('cidr')?.text() ?? '') ?? [])
    const isWhole = !resource.isUnknown('entry') && known.length === entries?.length
    const name = values.member('name')?.text() ?? address
    const isAws = name.startsWith('com.amazonaws.')
    estate.lists.set(address, { id: address, name, isAws, ...(isWhole && { entries: known }) })
    statements.understood()
  } else if (type === 'aws_network_interface' || type === 'aws_instance') readCard(resource, plan)
}

function readCard(resource: TerraformResource, { estate, statements, addresses }: Plan): void {
  const { address, type, values } = resource
  const attribute = type === 'aws_instance' ? 'vpc_security_group_ids' : 'security_groups'
  const written =
    values
      .member(attribute)
      ?.elements()
      .flatMap((group) => group.text() ?? []) ?? []
  const referents = resource.isUnknown(attribute) ? resource.referents(attribute) : []
  const ips = [values.member('private_ip'), ...(values.member('private_ips')?.elements() ?? [])]
  const privately = ips.flatMap((ip) => cidrRange(ip?.text() ?? '') ?? [])
  const groups = [...written.map((id) => addresses.get(id) ?? id), ...referents.map((referent) => referent.address)]
  const publicly = [cidrRange(values.member('public_ip')?.text() ?? '')].filter((range) => range !== undefined)
  statements.understood()
  if (privately.length === 0) return
  const isKnown = groups.length > 0
  estate.cards.set(address, { id: address, ...(isKnown && { groups }), privately, publicly, span: resource.span() })
}

function readInline(resource: TerraformResource, isEgress: boolean, plan: Plan): void {
  const attribute = isEgress ? 'egress' : 'ingress'
  const { address, values } = resource
  const { estate, statements } = plan
  const hasSeparate = plan.separate.has(`${address} ${isEgress}`)
  const written = values.member(attribute)
  if (written?.kind !== 'array') {
    // What is computed because nothing is written there is made of the rules that are resources of their own alone:
    // the provider takes away the rule that AWS would add.
    if (!resource.isUnknown(attribute) || hasSeparate) return
    estate.rules.push(
      unknownRule(address, isEgress, resource.span(), `${attribute} of ${address}, known only after apply`),
    )
    return
  }
  for (const item of written.elements()) {
    const each = (name: string, peer: (field: Field) => NamedPeer | undefined): readonly NamedPeer[] =>
      (item.member(name)?.elements() ?? []).flatMap((value) => peer(fieldOf(value)) ?? [])
    const known = (field: Field): Field => {
      const text = knownOf(field)
      return text === undefined ? field : { known: plan.addresses.get(text) ?? text }
    }
    const peers = [
      ...each('cidr_blocks', cidrPeer),
      ...each('ipv6_cidr_blocks', cidrPeer),
      ...each('prefix_list_ids', (field) => listPeer(known(field))),
      ...each('security_groups', (field) => groupPeer(known(field))),
      ...(item.member('self')?.scalar === true
        ? [groupPeer({ known: address })].filter((peer) => peer !== undefined)
        : []),
    ]
    for (const referent of resource.referents(`${attribute}.security_groups`)) {
      const peer = groupPeer({ known: referent.address })
      if (peer !== undefined && !peers.some(({ says }) => says === peer.says)) peers.push(peer)
    }
    const span = item.span()
    const rules: readonly GroupRule[] =
      peers.length === 0
        ? [unknownRule(address, isEgress, span, `the far end of a rule of ${address}, which is known only after apply`)]
        : groupRulesOf({
            group: address,
            isEgress,
            protocol: fieldOf(item.member('protocol')),
            from: fieldOf(item.member('from_port')),
            to: fieldOf(item.member('to_port')),
            peers,
            span,
            comment: item.member('description')?.text(),
          })
    const into = hasSeparate ? plan.doubled : estate.rules
    into.push(...rules)
    count(unknownsOf(rules), span, statements)
  }
}

function readAddition(resource: TerraformResource, plan: Plan): void {
  const { address, type, values } = resource
  const { estate, statements } = plan
  const isEgress = egressOf(resource)
  if (isEgress !== undefined) {
    readRule(resource, isEgress, plan)
    return
  }
  const acl = () => estate.acls.get(knownOf(referenceOf(resource, 'network_acl_id', plan)) ?? '')
  if (type === 'aws_network_acl_rule') {
    const target = acl()
    if (target === undefined) {
      unplaced(values, `${address} is of a network ACL that is not known`, estate, statements)
      return
    }
    const egress = values.member('egress')?.scalar === true
    target.entries.push(entryOf(values, egress, (name) => fieldOf(filled(values.member(name))), statements))
  } else if (type === 'aws_network_acl_association') {
    const subnet = knownOf(referenceOf(resource, 'subnet_id', plan))
    const target = acl()
    if (target === undefined || subnet === undefined) {
      unplaced(values, `${address} ties together what is not known`, estate, statements)
      return
    }
    target.subnets.push(subnet)
    statements.understood()
  } else if (type === 'aws_ec2_managed_prefix_list_entry') {
    const list = estate.lists.get(knownOf(referenceOf(resource, 'prefix_list_id', plan)) ?? '')
    const range = cidrRange(values.member('cidr')?.text() ?? '')
    if (list === undefined || range === undefined) {
      unplaced(values, `${address} is not understood`, estate, statements)
      return
    }
    estate.lists.set(list.id, { ...list, entries: [...(list.entries ?? []), range] })
    statements.understood()
  } else if (unreadTypes.test(type)) unplaced(values, `resources of type ${type} are not read`, estate, statements)
  else if (!owners.test(type)) statements.understood()
}

const owners =
  /^aws_((default_)?security_group|(default_)?network_acl|subnet|vpc|ec2_managed_prefix_list|network_interface|instance)$/

/** A rule that is a resource of its own, in the older shape with lists or in the newer with one far end. */
function readRule(resource: TerraformResource, isEgress: boolean, plan: Plan): void {
  const { address, values } = resource
  const { estate, statements } = plan
  const group = knownOf(referenceOf(resource, 'security_group_id', plan))
  if (group === undefined) {
    unplaced(values, `${address} adds a rule to a group that is not known`, estate, statements)
    return
  }
  const each = (name: string, peer: (field: Field) => NamedPeer | undefined): readonly (NamedPeer | undefined)[] =>
    (values.member(name)?.elements() ?? []).map((value) => peer(fieldOf(value)))
  const isSelf = values.member('self')?.scalar === true
  const peers = [
    ...each('cidr_blocks', cidrPeer),
    ...each('ipv6_cidr_blocks', cidrPeer),
    ...each('prefix_list_ids', listPeer),
    cidrPeer(attributeOf(resource, 'cidr_ipv4')),
    cidrPeer(attributeOf(resource, 'cidr_ipv6')),
    listPeer(referenceOf(resource, 'prefix_list_id', plan)),
    groupPeer(referenceOf(resource, 'source_security_group_id', plan)),
    groupPeer(referenceOf(resource, 'referenced_security_group_id', plan)),
    isSelf ? groupPeer({ known: group }) : undefined,
  ].filter((peer) => peer !== undefined)
  const span = resource.span()
  const protocol = attributeOf(resource, 'ip_protocol') ?? attributeOf(resource, 'protocol')
  const rules =
    peers.length === 0
      ? [unknownRule(group, isEgress, span, `the far end of ${address}, which is known only after apply`)]
      : groupRulesOf({
          group,
          isEgress,
          id: address,
          protocol,
          from: attributeOf(resource, 'from_port'),
          to: attributeOf(resource, 'to_port'),
          peers,
          span,
          comment: values.member('description')?.text(),
        })
  estate.rules.push(...rules)
  count(unknownsOf(rules), span, statements)
}

function entryOf(value: JsonValue, isEgress: boolean, get: (name: string) => Field, statements: Statements) {
  const protocol = get('protocol')
  const isIcmp = /^(1|58|icmp|icmpv6)$/i.test(knownOf(protocol) ?? '')
  return entryFrom(
    {
      number: get('rule_no') ?? get('rule_number'),
      isEgress,
      action: get('action') ?? get('rule_action'),
      protocol,
      from: get(isIcmp ? 'icmp_type' : 'from_port'),
      to: get(isIcmp ? 'icmp_code' : 'to_port'),
      cidrs: [get('cidr_block'), get('ipv6_cidr_block')],
    },
    value,
    statements,
  )
}

/** The provider shows what is not written as an empty text. */
function filled(value: JsonValue | undefined): JsonValue | undefined {
  return value === undefined || value.scalar === '' ? undefined : value
}
