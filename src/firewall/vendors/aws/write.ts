import type { Writer } from '../../writer.ts'
import { cidrTexts, inFamily } from '../../writing/addressTexts.ts'
import { leftOpen } from '../../writing/closedByDefault.ts'
import { dutiesOf } from '../../writing/dutiesOf.ts'
import { hostRules } from '../../writing/hostRules.ts'
import { nameOf } from '../../writing/plainText.ts'
import { setupDuties } from '../../writing/setupDuties.ts'
import { attachmentsOf } from '../attachments.ts'
import { permissionsOf } from './permissionsOf.ts'
import type { WrittenGroup } from './writtenGroups.ts'
import { writtenGroups } from './writtenGroups.ts'
import { writtenScript } from './writtenScript.ts'
import { writtenTerraform } from './writtenTerraform.ts'

const platform = {
  called: 'a security group',
  says: ['prefixes'],
  insteadOfName: 'list the name in a rule of AWS Network Firewall',
} as const

/**
 * Writes security groups, one for the machines of each near end: as EC2 would describe them, which is proven, and from
 * the same rows a script of `aws ec2` commands and a file for Terraform. A group cannot deny: what must stay closed is
 * closed where no rule of the machine's groups allows it.
 */
export const write: Writer = (permits, denials, { site, passage, on }) => {
  const { allows, denials: closed, notSaid } = hostRules(permits, denials, passage, platform)
  const made = writtenGroups(allows, site)
  const left = new Set(made.notSaid.map(({ permit }) => permit))
  const said = allows.filter((rule) => !rule.permits.some(({ id }) => left.has(id)))
  const open = leftOpen(closed, said, 'a security group', toDeny)
  const duties = [
    ...dutiesOf(said),
    ...setupDuties(said, ({ id }) => id),
    ...(made.groups.length === 0 ? [] : [attaching, statelessDuty]),
    ...acceptingDuty(made.groups),
    ...made.heavy.map(({ group, weight }) => quotaDuty(group, weight)),
  ]
  const base = nameOf(site, '-')
  const heading = [
    `What ${site} asks of security groups, as postern plan wrote it on ${on}.`,
    ...duties.map((duty) => `To do: ${duty}`),
  ]
  const described = {
    SecurityGroups: made.groups.map(({ id, name, description, rules }) => ({
      GroupId: id,
      GroupName: name,
      Description: description,
      IpPermissions: permissionsOf(rules, false),
      IpPermissionsEgress: permissionsOf(rules, true),
    })),
    PrefixLists: made.lists.map(({ PrefixListId, PrefixListName, Cidrs }) => ({ PrefixListId, PrefixListName, Cidrs })),
    NetworkInterfaces: interfacesOf(made.groups),
  }
  return {
    files: [
      { name: `${base}-aws.json`, text: `${JSON.stringify(described, undefined, 2)}\n` },
      { name: `${base}-aws.sh`, text: writtenScript(made, heading) },
      { name: `${base}-aws.tf`, text: writtenTerraform(made, heading) },
    ],
    notSaid: [...notSaid, ...made.notSaid, ...open],
    duties,
  }
}

/** The cards of the machines with their groups, as they will be: one that is in a network has the network's groups too. */
function interfacesOf(groups: readonly WrittenGroup[]) {
  const items = groups.map((item) => ({ item, addresses: { sure: item.machines, possible: [] } }))
  return attachmentsOf(items).map(({ ranges, sure }, at) => ({
    NetworkInterfaceId: `eni-${at + 1}`,
    Groups: sure.map(({ id, name }) => ({ GroupId: id, GroupName: name })),
    Ipv4Prefixes: cidrTexts(inFamily(ranges, 4)).map((Ipv4Prefix) => ({ Ipv4Prefix })),
    Ipv6Prefixes: cidrTexts(inFamily(ranges, 6)).map((Ipv6Prefix) => ({ Ipv6Prefix })),
  }))
}

const toDeny = 'see that no group of these machines allows it, or deny it in the network ACL of their subnets'

const attaching =
  'Attach each group to the network interfaces of its machines, and detach groups that allow more: what any attached group allows passes'

/** What any group of a machine lets out is out: one that only accepts must not let out what another holds back. */
function acceptingDuty(groups: readonly WrittenGroup[]): readonly string[] {
  const names = groups.filter(({ rules }) => rules.every(({ isEgress }) => !isEgress)).map(({ name }) => name)
  if (names.length === 0) return []
  return [
    `${names.join(', ')} let nothing out: where nothing else of the plan does it for these machines, leave a group with outbound rules attached`,
  ]
}

const statelessDuty =
  'Network ACLs of the subnets hold answers against rules as well. Where they are not as AWS made them, let out to the same far ends and ports, ' +
  'and let in from there to ports 1024 to 65535, which machines open from; for machines that accept it is the other way round'

function quotaDuty(group: string, weight: number): string {
  return (
    `${group} counts as ${weight} rules of one direction and family, since a prefix list counts as all its entries: raise the quota ` +
    'Inbound or outbound rules per security group (usually 60) in Service Quotas before; times the groups of an interface it is 1000 at most'
  )
}
