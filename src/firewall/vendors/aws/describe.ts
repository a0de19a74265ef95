import type { JsonValue } from '../../text/jsonTree.ts'
import type { Statements } from '../../text/statements.ts'
import { cidrRange } from '../cidrRange.ts'
import { readGroup, readListedRule, unplaced } from './describedGroups.ts'
import { readAcl, readCard, readPrefixList, readRouteTable, readSubnet, readVpc } from './describedNetwork.ts'
import type { Estate } from './estate.ts'

type ReadElement = (value: JsonValue, estate: Estate, statements: Statements) => void

/** Lists of the EC2 API by their name, each with a member that its elements alone have: `--query` takes the name away. */
const lists: readonly { readonly name: string; readonly sign: string; readonly read: ReadElement }[] = [
  { name: 'SecurityGroupRules', sign: 'SecurityGroupRuleId', read: readListedRule },
  { name: 'SecurityGroups', sign: 'IpPermissions', read: readGroup },
  { name: 'NetworkInterfaces', sign: 'NetworkInterfaceId', read: readCard },
  { name: 'NetworkAcls', sign: 'NetworkAclId', read: readAcl },
  { name: 'RouteTables', sign: 'RouteTableId', read: readRouteTable },
  { name: 'Subnets', sign: 'SubnetId', read: readSubnet },
  { name: 'PrefixLists', sign: 'PrefixListId', read: readPrefixList },
  { name: 'Vpcs', sign: 'CidrBlock', read: readVpc },
  { name: 'Reservations', sign: 'Instances', read: readReservation },
]

/**
 * Reads what `aws ec2 describe-…` gives, whole or as `--query` cut it.
 *
 * @param file its name, which is all that tells whose entries `get-managed-prefix-list-entries` lists
 * @returns false where the value is no such export
 */
export function readDescribed(root: JsonValue, file: string, estate: Estate, statements: Statements): boolean {
  if (root.kind === 'array') {
    const [first] = root.elements()
    const list = lists.find(({ sign }) => first?.member(sign) !== undefined)
    if (list === undefined) return false
    for (const element of root.elements()) list.read(element, estate, statements)
    return true
  }
  const found = lists.filter(({ name }) => root.member(name)?.kind === 'array')
  for (const { name, read } of found) {
    for (const element of root.member(name)?.elements() ?? []) read(element, estate, statements)
  }
  const hasEntries = root.member('Entries')?.kind === 'array' && found.length === 0
  if (hasEntries) readEntries(root, file, estate, statements)
  if (found.length === 0 && !hasEntries) {
    const isAlone = lists.find(({ sign }) => root.member(sign) !== undefined)
    isAlone?.read(root, estate, statements)
    return isAlone !== undefined
  }
  for (const token of ['NextToken', 'nextToken']) {
    const rest = root.member(token)
    if (rest === undefined || rest.kind === 'null') continue
    unplaced(rest, 'the export ends in the middle, the rest is behind its NextToken', estate, statements)
  }
  return true
}

/** `get-managed-prefix-list-entries` does not say whose entries it lists: the name of the file has to. */
function readEntries(root: JsonValue, file: string, estate: Estate, statements: Statements): void {
  const id = /pl-[0-9a-f]+/.exec(file)?.[0]
  const entries = root.member('Entries')?.elements() ?? []
  if (id === undefined) {
    const why = 'nothing tells whose entries these are: put the id of the prefix list, pl-…, into the name of the file'
    statements.unread(root.span(), why)
    return
  }
  const ranges = entries.map((entry) => cidrRange(entry.member('Cidr')?.text() ?? ''))
  const known = ranges.filter((range) => range !== undefined)
  if (known.length < ranges.length) {
    statements.unread(root.span(), 'an entry without Cidr')
    return
  }
  statements.understood(entries.length)
  const before = estate.lists.get(id)
  estate.lists.set(id, { id, name: before?.name ?? id, isAws: before?.isAws ?? false, entries: known })
}

/** `describe-instances`: the network interfaces of each instance. */
function readReservation(value: JsonValue, estate: Estate, statements: Statements): void {
  for (const instance of value.member('Instances')?.elements() ?? []) {
    statements.understood()
    for (const card of instance.member('NetworkInterfaces')?.elements() ?? []) readCard(card, estate, statements)
  }
}
