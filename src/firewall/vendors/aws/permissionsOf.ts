import type { WrittenRule } from './writtenGroups.ts'

/** Rules with one protocol and one range of ports, as EC2's API takes and shows them (IpPermission). */
export interface Permission {
  readonly IpProtocol: string
  readonly FromPort: number
  readonly ToPort: number
  readonly IpRanges: readonly { readonly CidrIp: string; readonly Description: string }[]
  readonly Ipv6Ranges: readonly { readonly CidrIpv6: string; readonly Description: string }[]
  readonly PrefixListIds: readonly { readonly PrefixListId: string; readonly Description: string }[]
  readonly UserIdGroupPairs: readonly []
}

/** The rules of one direction, those of the same traffic together. */
export function permissionsOf(rules: readonly WrittenRule[], isEgress: boolean): readonly Permission[] {
  const own = rules.filter((rule) => rule.isEgress === isEgress)
  const groups = Map.groupBy(own, ({ protocol, from, to }) => `${protocol} ${from} ${to}`)
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    return first === undefined ? [] : [permissionOf(first, group)]
  })
}

function permissionOf({ protocol, from, to }: WrittenRule, group: readonly WrittenRule[]): Permission {
  return {
    IpProtocol: protocol,
    FromPort: from,
    ToPort: to,
    IpRanges: group.flatMap(({ peer, description: Description }) =>
      peer.kind === 'CidrIp' ? [{ CidrIp: peer.cidr, Description }] : [],
    ),
    Ipv6Ranges: group.flatMap(({ peer, description: Description }) =>
      peer.kind === 'CidrIpv6' ? [{ CidrIpv6: peer.cidr, Description }] : [],
    ),
    PrefixListIds: group.flatMap(({ peer, description: Description }) =>
      peer.kind === 'PrefixListId' ? [{ PrefixListId: peer.list.PrefixListId, Description }] : [],
    ),
    UserIdGroupPairs: [],
  }
}
