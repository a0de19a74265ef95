import { nameOf, ownNames, plainText } from '../../writing/plainText.ts'
import type { WrittenGroup, WrittenGroups, WrittenRule } from './writtenGroups.ts'

/** The same lists, groups and rules for Terraform's provider hashicorp/aws, version 5 and later. */
export function writtenTerraform({ groups, lists }: WrittenGroups, heading: readonly string[]): string {
  const own = ownNames(60)
  const listNames = new Map(lists.map(({ PrefixListName }) => [PrefixListName, own(nameOf(PrefixListName, '_'))]))
  const blocks = [
    [
      'variable "vpc_id" {',
      '  type        = string',
      '  description = "VPC that the security groups are made in"',
      '}',
    ],
    ...lists.map(({ PrefixListName, Cidrs, family, about }) => [
      `resource "aws_ec2_managed_prefix_list" "${listNames.get(PrefixListName) ?? ''}" {`,
      `  name           = ${quoted(PrefixListName)}`,
      `  address_family = "IPv${family}"`,
      `  max_entries    = ${Cidrs.length}`,
      ...Cidrs.flatMap((cidr) => [
        '  entry {',
        `    cidr        = ${quoted(cidr)}`,
        `    description = ${quoted(about)}`,
        '  }',
      ]),
      '}',
    ]),
    ...groups.flatMap((group) => groupBlocks(group, own(nameOf(group.name, '_')), listNames)),
  ]
  const head = heading.map((line) => `# ${plainText(line, 1000)}`).join('\n')
  return `${head}\n\n${blocks.map((block) => `${block.join('\n')}\n`).join('\n')}`
}

function groupBlocks(
  { name, description, rules }: WrittenGroup,
  label: string,
  lists: ReadonlyMap<string, string>,
): readonly (readonly string[])[] {
  return [
    [
      `resource "aws_security_group" "${label}" {`,
      `  name        = ${quoted(name)}`,
      `  description = ${quoted(description)}`,
      '  vpc_id      = var.vpc_id',
      '}',
    ],
    ...rules.map((rule, at) => {
      const fields = ruleFields(rule, label, lists)
      const width = Math.max(...fields.map(([field]) => field.length))
      return [
        `resource "aws_vpc_security_group_${rule.isEgress ? 'egress' : 'ingress'}_rule" "${label}_${at + 1}" {`,
        ...fields.map(([field, value]) => `  ${field.padEnd(width)} = ${value}`),
        '}',
      ]
    }),
  ]
}

function ruleFields(
  { protocol, from, to, peer, description }: WrittenRule,
  label: string,
  lists: ReadonlyMap<string, string>,
): readonly (readonly [string, string])[] {
  const far: readonly [string, string] =
    peer.kind === 'PrefixListId'
      ? ['prefix_list_id', `aws_ec2_managed_prefix_list.${lists.get(peer.list.PrefixListName) ?? ''}.id`]
      : [peer.kind === 'CidrIp' ? 'cidr_ipv4' : 'cidr_ipv6', quoted(peer.cidr)]
  return [
    ['security_group_id', `aws_security_group.${label}.id`],
    ['description', quoted(description)],
    ['ip_protocol', quoted(protocol)],
    ['from_port', `${from}`],
    ['to_port', `${to}`],
    far,
  ]
}

/** A literal text: what would begin a template is doubled (HCL syntax: template expressions). */
function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replace(/[$%](?=\{)/g, '$&$&')}"`
}
