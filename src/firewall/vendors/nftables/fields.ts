import { everyAddress } from '../../addresses.ts'
import { numbers } from '../../numberRanges.ts'
import type { Match } from '../../ruleset.ts'
import type { Unknown } from '../../unknown.ts'
import { protocolsWithPorts } from '../netfilter/protocolNames.ts'

/** How a field of nftables is said in the fields of a match. */
export type FieldMeaning =
  | { readonly kind: 'address'; readonly side: 'source' | 'destination'; readonly family: 4 | 6 }
  | { readonly kind: 'port'; readonly side: 'sourcePorts' | 'destinationPorts'; readonly protocols: readonly number[] }
  | { readonly kind: 'protocol'; readonly family?: 4 | 6 }
  | { readonly kind: 'family' }
  | { readonly kind: 'interface'; readonly side: 'in' | 'out'; readonly isIndex: boolean }
  | { readonly kind: 'state' }
  | { readonly kind: 'direction' }
  | { readonly kind: 'flags' }
  | { readonly kind: 'icmp'; readonly part: 'type' | 'code'; readonly family: 4 | 6 }
  | { readonly kind: 'mark' }
  | { readonly kind: 'status' }
  | { readonly kind: 'local' }
  /** A packet that is whole is no fragment; only datagrams are ever cut. */
  | { readonly kind: 'fragment' }
  /** No field says it: it matches or not, as `unknown` has it, within `match`. */
  | { readonly kind: 'depends'; readonly unknown: Unknown; readonly match: Match }

const packet = (what: string, match: Match = {}): FieldMeaning => ({
  kind: 'depends',
  unknown: { kind: 'packet', what },
  match,
})
const place = (what: string): FieldMeaning => ({ kind: 'depends', unknown: { kind: 'place', what }, match: {} })
const other = (kind: Unknown['kind'], what: string): FieldMeaning => ({
  kind: 'depends',
  unknown: { kind, what },
  match: {},
})

const ports = (protocol: string, numbersOf: readonly number[]): readonly (readonly [string, FieldMeaning])[] => [
  [`${protocol} sport`, { kind: 'port', side: 'sourcePorts', protocols: numbersOf }],
  [`${protocol} dport`, { kind: 'port', side: 'destinationPorts', protocols: numbersOf }],
]

const table: ReadonlyMap<string, FieldMeaning> = new Map<string, FieldMeaning>([
  ['ip saddr', { kind: 'address', side: 'source', family: 4 }],
  ['ip daddr', { kind: 'address', side: 'destination', family: 4 }],
  ['ip6 saddr', { kind: 'address', side: 'source', family: 6 }],
  ['ip6 daddr', { kind: 'address', side: 'destination', family: 6 }],
  ...ports('tcp', [6]),
  ...ports('udp', [17]),
  ...ports('dccp', [33]),
  ...ports('sctp', [132]),
  ...ports('udplite', [136]),
  ...ports('th', protocolsWithPorts),
  ['meta l4proto', { kind: 'protocol' }],
  ['ip protocol', { kind: 'protocol', family: 4 }],
  ['ip6 nexthdr', { kind: 'protocol', family: 6 }],
  ['meta nfproto', { kind: 'family' }],
  ['meta protocol', { kind: 'family' }],
  ['ether type', { kind: 'family' }],
  ['ip version', { kind: 'family' }],
  ['ip6 version', { kind: 'family' }],
  ['meta iifname', { kind: 'interface', side: 'in', isIndex: false }],
  ['meta oifname', { kind: 'interface', side: 'out', isIndex: false }],
  ['meta iif', { kind: 'interface', side: 'in', isIndex: true }],
  ['meta oif', { kind: 'interface', side: 'out', isIndex: true }],
  ['ct state', { kind: 'state' }],
  ['ct direction', { kind: 'direction' }],
  ['ct status', { kind: 'status' }],
  ['tcp flags', { kind: 'flags' }],
  ['icmp type', { kind: 'icmp', part: 'type', family: 4 }],
  ['icmp code', { kind: 'icmp', part: 'code', family: 4 }],
  ['icmpv6 type', { kind: 'icmp', part: 'type', family: 6 }],
  ['icmpv6 code', { kind: 'icmp', part: 'code', family: 6 }],
  ['meta mark', { kind: 'mark' }],
  ['fib daddr type', { kind: 'local' }],
  ['ip frag-off', { kind: 'fragment' }],
  ['exthdr frag', { kind: 'fragment' }],
  ['frag frag-off', { kind: 'fragment' }],
  ['frag more-fragments', { kind: 'fragment' }],
  ['frag id', { kind: 'fragment' }],
  ['meta time', other('time', 'the date')],
  ['meta hour', other('time', 'the time of day')],
  ['meta day', other('time', 'the day of the week')],
  ['meta skuid', other('user', 'the user whose program sends it')],
  ['meta skgid', other('user', 'the group whose program sends it')],
  ['meta cgroup', other('process', 'the control group of the program')],
  ['socket cgroupv2', other('process', 'the control group of the program')],
  ['meta random', other('other', 'chance')],
  ['meta cpu', other('other', 'the processor that handles it')],
  ['meta iifgroup', place('the group of the interface that it comes in by')],
  ['meta oifgroup', place('the group of the interface that it goes out by')],
  ['meta iiftype', place('the kind of interface that it comes in by')],
  ['meta oiftype', place('the kind of interface that it goes out by')],
  ['meta ibrname', place('the bridge that it comes in by')],
  ['meta obrname', place('the bridge that it goes out by')],
  ['meta ibriport', place('the port of the bridge that it comes in by')],
  ['meta obriport', place('the port of the bridge that it goes out by')],
  ['meta rtclassid', place('the realm of its route')],
  ['meta sdif', place('the interface below the VRF')],
  ['meta sdifname', place('the interface below the VRF')],
  ['meta ipsec', packet('whether it came through IPsec')],
  ['meta secpath', packet('whether it came through IPsec')],
  ['rt ipsec', packet('whether it goes through IPsec')],
  ['meta pkttype', packet('whether it is for one host, many or all')],
  ['meta length', packet('its length')],
  ['meta priority', packet('its traffic class')],
  ['ct mark', packet('the mark of the connection')],
  ['ct label', packet('the labels of the connection')],
  ['ct zone', packet('the zone of the connection')],
  ['ct helper', packet('the helper of the connection')],
  ['ct expiration', packet('how long the connection is kept')],
  ['ct bytes', packet('how much the connection has carried')],
  ['ct packets', packet('how much the connection has carried')],
  ['ct count', other('limit', 'how many connections there are')],
  ['vlan id', place('the VLAN that it comes in by')],
])

/** Headers of which all further fields are things that a flow does not tell. */
const openHeaders: readonly (readonly [RegExp, string, Match])[] = [
  [/^ip6? /, 'fields of the IP header', {}],
  [/^tcp /, 'fields of the TCP header', { protocols: numbers(6) }],
  [/^udp /, 'fields of the UDP header', { protocols: numbers(17) }],
  [/^icmp /, 'fields of the ICMP header', { protocols: numbers(1) }],
  [/^icmpv6 /, 'fields of the ICMPv6 header', { protocols: numbers(58) }],
  [/^sctp /, 'fields of the SCTP header', { protocols: numbers(132) }],
  [/^(ah) /, 'fields of the AH header', { protocols: numbers(51) }],
  [/^(esp) /, 'fields of the ESP header', { protocols: numbers(50) }],
  [/^comp /, 'fields of the IPComp header', { protocols: numbers(108) }],
  [/^gre/, 'fields of the GRE header', { protocols: numbers(47) }],
  [/^igmp /, 'fields of the IGMP header', { protocols: numbers(2) }],
  [/^(vxlan|geneve) /, 'what a tunnel carries', { protocols: numbers(17) }],
  [/^(ether|vlan) /, 'the header of Ethernet', {}],
  [/^(hbh|dst|rt|mh|srh|frag|exthdr) /, 'extension headers', { family: 6 }],
  [/^ct (original|reply) /, 'the addresses with which the connection began', {}],
  [/^ct /, 'what is kept of the connection', {}],
  [/^fib /, 'the routes of the machine', {}],
  [/^rt /, 'the routes of the machine', {}],
  [/^socket /, 'the socket that waits for it', {}],
  [/^osf/, 'the operating system that sends it', { protocols: numbers(6) }],
  [/^ipsec /, 'the IPsec tunnel that it comes through', {}],
  [/^@/, 'octets of the packet', {}],
]

/** What a field is; undefined where no such field is known. */
export function meaningOf(name: string): FieldMeaning | undefined {
  const own = table.get(name)
  if (own !== undefined) return own
  const header = openHeaders.find(([pattern]) => pattern.test(name))
  if (header !== undefined) {
    const [, what, match] = header
    const kind = what.startsWith('the routes') ? 'place' : 'packet'
    return { kind: 'depends', unknown: { kind, what: `${what} (${name})` }, match }
  }
  // ARP is no packet of IP: a rule that reads it never meets one.
  return name.startsWith('arp ')
    ? { kind: 'depends', unknown: { kind: 'packet', what: 'ARP' }, match: { source: { ...everyAddress(), sure: [] } } }
    : undefined
}
