import type { Vendor } from '../model/vendor.ts'
import type { Addresses, AddressRange } from './addresses.ts'
import type { NamePattern } from './namePattern.ts'
import type { Span } from './source.ts'
import type { Unknown } from './unknown.ts'

/** Numbers from `first` to `last`, both in. */
export interface NumberRange {
  readonly first: number
  readonly last: number
}

/** Interfaces, zones or other named places that a rule speaks of; a trailing `*` stands for any ending. */
export interface Places {
  readonly names: readonly string[]
  /** All places but these. */
  readonly inverted?: true
}

/** States of connection tracking, as netfilter names them. The first packet of a flow is `new`, its answer `established`. */
export type ConnectionState = 'new' | 'established' | 'related' | 'invalid' | 'untracked'

/**
 * What a rule asks of a packet: every field that is there must hold. A field that is absent asks nothing. A condition
 * that no field can say goes to `unknowns` of the rule.
 */
export interface Match {
  readonly family?: 4 | 6
  /** IANA protocol numbers, 0 to 255. */
  readonly protocols?: readonly NumberRange[]
  readonly source?: Addresses
  readonly destination?: Addresses
  /** 0 to 65535. A packet whose protocol has no ports fits none of them; a list of all ports asks for nothing. */
  readonly sourcePorts?: readonly NumberRange[]
  readonly destinationPorts?: readonly NumberRange[]
  /** Types and codes of ICMP or ICMPv6; absent codes: all. */
  readonly icmp?: readonly { readonly type: NumberRange; readonly code?: NumberRange }[]
  readonly in?: Places
  readonly out?: Places
  /** True: both in one zone; false: in two. */
  readonly sameZone?: boolean
  readonly states?: readonly ConnectionState[]
  /** Bits of the TCP flags octet that are looked at, and what they must be; of several, any. The first packet has SYN alone, the answer SYN and ACK. */
  readonly tcpFlags?: readonly { readonly mask: number; readonly value: number }[]
  /** The name that is asked for: by a proxy's client, or in a rule that reads HTTP or TLS. Of several, any. */
  readonly requestedNames?: readonly NamePattern[]
  /** How a proxy is asked: `connect` for tunnels (RFC 9110 §9.3.6), `plain` for HTTP with an absolute target. */
  readonly requests?: readonly ('connect' | 'plain')[]
  /** A tag that an earlier rule set on the packet, or that none did. */
  readonly tagged?: { readonly tag: string; readonly not?: true }
}

/** How a tag begins that is set on the connection: the answer comes with it. */
export const ofConnection = 'connection: '

/** What an address or port becomes. */
export interface Translation {
  /** One range of the size of what is translated: each address keeps its offset. Else a pool: any of these. `interface`: whatever the device has there. Absent: stays. */
  readonly to?: readonly AddressRange[] | 'interface' | Unknown
  /** Absent: stays. A range of the same size keeps offsets, else any of it. */
  readonly ports?: NumberRange
}

/** What a rule that matches does. */
export type Action =
  /** Ends this stage: the packet goes on to the next. */
  | { readonly kind: 'allow' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'reject' }
  /** Counts, logs or marks, and the next rule is asked. */
  | { readonly kind: 'continue' }
  /** Comes back to the next rule where the chain ends or returns. */
  | { readonly kind: 'jump'; readonly chain: string }
  /** Comes back to where the chain of this rule was jumped from. */
  | { readonly kind: 'goto'; readonly chain: string }
  | { readonly kind: 'return' }
  /** In a stage of address translation; ends the stage. */
  | { readonly kind: 'translate'; readonly source?: Translation; readonly destination?: Translation }
  /** Ends a stage of address translation with nothing changed. */
  | { readonly kind: 'no-translation' }
  /** In a stage of inspection: TLS is opened, or left alone. */
  | { readonly kind: 'inspect' }
  | { readonly kind: 'no-inspection' }
  /** It matches and nobody knows what it does: `unknowns` says why. */
  | { readonly kind: 'unknown' }

/** One rule, or one line of a list, with everything that a verdict tells of it. */
export interface Rule {
  /** As the vendor's own tools call it: name, number, sequence; unique within its chain where the vendor's are. */
  readonly name: string
  readonly span: Span
  readonly match: Match
  readonly action: Action
  /** What further decides whether it matches, or what it does: each makes the rule one that *may* match. */
  readonly unknowns: readonly Unknown[]
  /** Sets a tag on the packet, for later rules. The answer is another packet, and comes without, unless the tag is of the connection. */
  readonly sets?: string
  /**
   * What it allows leaves by one of these places, whatever the routes say (policy routing); empty: by one that nobody
   * knows. For filter stages ahead of routing.
   */
  readonly leadsOut?: readonly string[]
  /** The rule opens TLS of what it allows. */
  readonly inspectsTls?: true
  /** The comment or description that the configuration has for it. */
  readonly comment?: string
  /** Made by the reader from what the vendor does without saying so: a default rule, an implied allow. */
  readonly implied?: true
}

/**
 * Where in a device's path a stage stands, in netfilter's words. A packet that is forwarded meets `prerouting`,
 * `forward`, `postrouting`; one to the machine itself `prerouting`, `input`; one from it `output`, `postrouting`.
 * Firewalls of one machine or cloud network card have `input` and `output` alone, as seen from the machine.
 */
export const hooks = ['prerouting', 'input', 'forward', 'output', 'postrouting'] as const
export type Hook = (typeof hooks)[number]

/** A list of rules that a packet is held against, and what happens where none ends it. */
export interface Stage {
  /** `filter forward of inet edge`, `NSG web, inbound`. */
  readonly name: string
  readonly hook: Hook
  readonly kind: 'filter' | 'destination-nat' | 'source-nat' | 'inspection'
  /** The chain that is asked first. */
  readonly chain: string
  /** Where no rule ends it. `span`: where the configuration says so; absent where the vendor always does it. */
  readonly otherwise: {
    readonly action: 'allow' | 'drop' | 'reject' | 'unknown'
    readonly name: string
    readonly span?: Span
  }
  /** True: answers to what was allowed pass without a rule. False: the answer is held against the rules as well. */
  readonly stateful: boolean
  /** Whether source and destination, with their ports, are compared as they came, or as earlier stages translated them. Places are always those of the translated packet. */
  readonly addresses: 'original' | 'current'
  /** The family whose packets come to it at all: the others pass it without a word. Absent: both. Its rules and what it does otherwise must let the others pass as well. */
  readonly family?: 4 | 6
  /** The near ends (source in `output`, destination in `input`) that the stage is about; absent: all. */
  readonly attachedTo?: Addresses
}

/** An interface, zone, subnet or other named place of a device. */
export interface Place {
  readonly name: string
  readonly kind: 'interface' | 'zone'
  /** The zones that an interface is in. */
  readonly zones?: readonly string[]
  /** What lies behind it, as far as the configuration or the user says; absent: not known. */
  readonly networks?: readonly AddressRange[]
  /** Addresses of the device itself. */
  readonly own?: readonly AddressRange[]
}

/** One route; of those that fit, the longest prefix decides, then the smallest metric. */
export interface Route {
  readonly to: AddressRange
  /** What it is called where a verdict tells of it; absent: `route to` and its prefix. */
  readonly name?: string
  /** The place that it leads out by; absent for routes that lead nowhere. */
  readonly out?: string
  readonly via?: string
  readonly metric?: number
  readonly kind: 'unicast' | 'blackhole' | 'unreachable' | 'prohibit'
  readonly span: Span
}

/** What one device does with packets: what every reader gives, and all that the judge knows of a vendor. */
export interface RuleSet {
  readonly vendor: Vendor
  /** As the configuration calls the device, group or policy; else the name of its file. */
  readonly name: string
  /** In the order in which a packet meets them within each hook. */
  readonly stages: readonly Stage[]
  readonly chains: Readonly<Record<string, readonly Rule[]>>
  readonly places: readonly Place[]
  /** Absent: the configuration has no routes, and nothing is said about them. */
  readonly routes?: readonly Route[]
  /** What makes every verdict doubtful, because nobody knows where it bears on: unread statements outside of any chain. */
  readonly doubts: readonly Unknown[]
}
