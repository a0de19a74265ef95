import { plainText } from '../../writing/plainText.ts'
import { permissionsOf } from './permissionsOf.ts'
import type { WrittenGroup, WrittenGroups, WrittenList } from './writtenGroups.ts'

/**
 * A script of `aws ec2` commands that makes the lists and groups in a VPC. Ids are known only once things are made, so
 * that the script puts them in; all else stands between single quotes.
 */
export function writtenScript({ groups, lists }: WrittenGroups, heading: readonly string[]): string {
  const variables = new Map(lists.map(({ PrefixListId }, at) => [PrefixListId, `list_${at + 1}`]))
  return [
    '#!/bin/sh',
    ...heading.map((line) => `# ${plainText(line, 1000)}`),
    '# Run it once, with the id of the VPC: it stops where a group of the same name is there already.',
    'set -eu',
    'if [ $# -ne 1 ]; then echo "usage: sh $0 VPC-ID" >&2; exit 2; fi',
    'vpc=$1',
    '',
    ...lists.flatMap((list) => listLines(list, variables.get(list.PrefixListId) ?? '')),
    ...groups.flatMap((group, at) => groupLines(group, `group_${at + 1}`, variables)),
    '',
  ].join('\n')
}

function listLines({ PrefixListName, Cidrs, family, about }: WrittenList, variable: string): readonly string[] {
  const entries = Cidrs.map((Cidr) => ({ Cidr, Description: about }))
  const state = `aws ec2 describe-managed-prefix-lists --prefix-list-ids "$${variable}" --query 'PrefixLists[0].State' --output text`
  return [
    `${variable}=$(aws ec2 create-managed-prefix-list --prefix-list-name ${quoted(PrefixListName)} --address-family IPv${family} \\`,
    `  --max-entries ${Cidrs.length} --entries ${quoted(JSON.stringify(entries))} \\`,
    '  --query PrefixList.PrefixListId --output text)',
    `until [ "$(${state})" = create-complete ]; do sleep 2; done`,
    '',
  ]
}

function groupLines(
  { name, description, rules }: WrittenGroup,
  variable: string,
  lists: ReadonlyMap<string, string>,
): readonly string[] {
  const named = `--group-name ${quoted(name)} --description ${quoted(description)}`
  return [
    `${variable}=$(aws ec2 create-security-group --vpc-id "$vpc" ${named} --query GroupId --output text)`,
    ...emptied(variable),
    ...[true, false].flatMap((isEgress) => {
      const permissions = permissionsOf(rules, isEgress)
      if (permissions.length === 0) return []
      const json = [...lists].reduce(
        (text, [id, list]) => text.replaceAll(`"${id}"`, `"'"$${list}"'"`),
        quoted(JSON.stringify(permissions)),
      )
      return [
        `aws ec2 authorize-security-group-${isEgress ? 'egress' : 'ingress'} --group-id "$${variable}" --ip-permissions ${json}`,
      ]
    }),
    `echo ${quoted(`${name}:`)} "$${variable}"`,
    '',
  ]
}

/** A new group lets everything out, over IPv6 too where the VPC has it. */
function emptied(variable: string): readonly string[] {
  return [
    `given=$(aws ec2 describe-security-group-rules --filters "Name=group-id,Values=$${variable}" \\`,
    "  --query 'SecurityGroupRules[?IsEgress].SecurityGroupRuleId' --output text)",
    '# The ids are words of their own.',
    `aws ec2 revoke-security-group-egress --group-id "$${variable}" --security-group-rule-ids $given`,
  ]
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
