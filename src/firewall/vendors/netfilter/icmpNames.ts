import { lookUp } from '../lookUp.ts'

/** A type of ICMP, with a code where the name stands for one. */
export interface IcmpName {
  readonly type: number
  readonly code?: number
}

/** Types of ICMP as `nft` names them (RFC 792, RFC 1256, RFC 950). */
export const icmpTypes: Readonly<Record<string, number>> = {
  'echo-reply': 0,
  'destination-unreachable': 3,
  'source-quench': 4,
  redirect: 5,
  'echo-request': 8,
  'router-advertisement': 9,
  'router-solicitation': 10,
  'time-exceeded': 11,
  'parameter-problem': 12,
  'timestamp-request': 13,
  'timestamp-reply': 14,
  'info-request': 15,
  'info-reply': 16,
  'address-mask-request': 17,
  'address-mask-reply': 18,
}

/** Types of ICMPv6 as `nft` names them (RFC 4443, RFC 4861, RFC 2710, RFC 3810). */
export const icmpv6Types: Readonly<Record<string, number>> = {
  'destination-unreachable': 1,
  'packet-too-big': 2,
  'time-exceeded': 3,
  'parameter-problem': 4,
  'echo-request': 128,
  'echo-reply': 129,
  'mld-listener-query': 130,
  'mld-listener-report': 131,
  'mld-listener-done': 132,
  'mld-listener-reduction': 132,
  'nd-router-solicit': 133,
  'nd-router-advert': 134,
  'nd-neighbor-solicit': 135,
  'nd-neighbor-advert': 136,
  'nd-redirect': 137,
  'router-renumbering': 138,
  'ind-neighbor-solicit': 141,
  'ind-neighbor-advert': 142,
  'mld2-listener-report': 143,
}

export const icmpCodes: Readonly<Record<string, number>> = {
  'net-unreachable': 0,
  'host-unreachable': 1,
  'prot-unreachable': 2,
  'port-unreachable': 3,
  'frag-needed': 4,
  'net-prohibited': 9,
  'host-prohibited': 10,
  'admin-prohibited': 13,
}

export const icmpv6Codes: Readonly<Record<string, number>> = {
  'no-route': 0,
  'admin-prohibited': 1,
  'addr-unreachable': 3,
  'port-unreachable': 4,
  'policy-fail': 5,
  'reject-route': 6,
}

/** What `iptables -m icmp` names beside {@link icmpTypes}: a type by another name, or a type with its code. */
const iptablesIcmp: Readonly<Record<string, IcmpName>> = {
  pong: { type: 0 },
  ping: { type: 8 },
  'ttl-exceeded': { type: 11 },
  'network-unreachable': { type: 3, code: 0 },
  'host-unreachable': { type: 3, code: 1 },
  'protocol-unreachable': { type: 3, code: 2 },
  'port-unreachable': { type: 3, code: 3 },
  'fragmentation-needed': { type: 3, code: 4 },
  'source-route-failed': { type: 3, code: 5 },
  'network-unknown': { type: 3, code: 6 },
  'host-unknown': { type: 3, code: 7 },
  'network-prohibited': { type: 3, code: 9 },
  'host-prohibited': { type: 3, code: 10 },
  'TOS-network-unreachable': { type: 3, code: 11 },
  'TOS-host-unreachable': { type: 3, code: 12 },
  'communication-prohibited': { type: 3, code: 13 },
  'host-precedence-violation': { type: 3, code: 14 },
  'precedence-cutoff': { type: 3, code: 15 },
  'network-redirect': { type: 5, code: 0 },
  'host-redirect': { type: 5, code: 1 },
  'TOS-network-redirect': { type: 5, code: 2 },
  'TOS-host-redirect': { type: 5, code: 3 },
  'ttl-zero-during-transit': { type: 11, code: 0 },
  'ttl-zero-during-reassembly': { type: 11, code: 1 },
  'ip-header-bad': { type: 12, code: 0 },
  'required-option-missing': { type: 12, code: 1 },
}

/** The same for `ip6tables -m icmp6`. */
const iptablesIcmpv6: Readonly<Record<string, IcmpName>> = {
  'no-route': { type: 1, code: 0 },
  'communication-prohibited': { type: 1, code: 1 },
  'beyond-scope': { type: 1, code: 2 },
  'address-unreachable': { type: 1, code: 3 },
  'port-unreachable': { type: 1, code: 4 },
  'failed-policy': { type: 1, code: 5 },
  'reject-route': { type: 1, code: 6 },
  'ttl-exceeded': { type: 3 },
  'ttl-zero-during-transit': { type: 3, code: 0 },
  'ttl-zero-during-reassembly': { type: 3, code: 1 },
  'bad-header': { type: 4, code: 0 },
  'unknown-header-type': { type: 4, code: 1 },
  'unknown-option': { type: 4, code: 2 },
  ping: { type: 128 },
  pong: { type: 129 },
  'router-solicitation': { type: 133 },
  'router-advertisement': { type: 134 },
  'neighbor-solicitation': { type: 135 },
  'neighbour-solicitation': { type: 135 },
  'neighbor-advertisement': { type: 136 },
  'neighbour-advertisement': { type: 136 },
  redirect: { type: 137 },
}

/** What a name or `type[/code]` after `--icmp-type` or `--icmpv6-type` stands for; `every` for `any`. */
export function iptablesIcmpOf(text: string, family: 4 | 6): IcmpName | 'every' | undefined {
  if (text === 'any') return 'every'
  const numeric = /^(\d{1,3})(?:\/(\d{1,3}))?$/.exec(text)
  if (numeric !== null) {
    const [type, code] = [Number(numeric[1]), numeric[2] === undefined ? undefined : Number(numeric[2])]
    // Type 255 is how the kernel's older interface says "any".
    if (family === 4 && type === 255) return 'every'
    if (type > 255 || (code ?? 0) > 255) return undefined
    return code === undefined ? { type } : { type, code }
  }
  const own = lookUp(family === 4 ? iptablesIcmp : iptablesIcmpv6, text)
  if (own !== undefined) return own
  const type = lookUp(family === 4 ? icmpTypes : icmpv6Types, text)
  return type === undefined ? undefined : { type }
}
