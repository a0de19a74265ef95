import type { Addresses, AddressRange } from '../../addresses.ts'
import type { Match, Route } from '../../ruleset.ts'
import type { Span } from '../../source.ts'
import type { Unknown } from '../../unknown.ts'

/** The far end of a security group's rule. */
export type Peer =
  | { readonly kind: 'addresses'; readonly addresses: Addresses }
  /** Members of a group; `isForeign`: of another account or over a peering, whose cards no file of this one has. */
  | { readonly kind: 'group'; readonly group: string; readonly isForeign: boolean }
  | { readonly kind: 'list'; readonly list: string }

export interface GroupRule {
  readonly group: string
  readonly isEgress: boolean
  /** The rule's own id where the export has it, else what it says. */
  readonly name: string
  /** Protocol, ports and ICMP types. */
  readonly traffic: Match
  readonly peer: Peer
  readonly span: Span
  readonly unknowns: readonly Unknown[]
  readonly comment?: string
  readonly implied?: true
  /** What the rule says, alike for the two exports that show rules. */
  readonly says: string
}

export interface Group {
  readonly id: string
  readonly name: string
  readonly span: Span
}

export interface AclEntry {
  readonly number: number
  readonly isEgress: boolean
  readonly action: 'allow' | 'drop' | 'unknown'
  readonly traffic: Match
  /** Absent: the far end is not known, and `unknowns` says why. */
  readonly peer?: Addresses
  readonly span: Span
  readonly unknowns: readonly Unknown[]
}

export interface Acl {
  readonly id: string
  readonly name: string
  readonly vpc?: string
  readonly span: Span
  readonly subnets: string[]
  readonly entries: AclEntry[]
}

/** A network interface: what groups are attached to. */
export interface Card {
  readonly id: string
  /** Absent: written so that it is not known. */
  readonly groups?: readonly string[]
  readonly subnet?: string
  readonly privately: readonly AddressRange[]
  readonly publicly: readonly AddressRange[]
  readonly span: Span
}

export interface Subnet {
  readonly id: string
  readonly name?: string
  readonly vpc?: string
  readonly ranges: readonly AddressRange[]
}

export interface PrefixList {
  readonly id: string
  readonly name: string
  /** Absent: no file has its entries. */
  readonly entries?: readonly AddressRange[]
  readonly isAws: boolean
}

export interface TableRoute extends Route {
  /** The prefix list that it leads to instead of `to`. */
  readonly list?: string
  readonly isPropagated: boolean
}

export interface RouteTable {
  readonly id: string
  readonly name: string
  readonly vpc?: string
  readonly isMain: boolean
  readonly subnets: string[]
  readonly routes: TableRoute[]
}

/** What the files of one device tell together. */
export interface Estate {
  readonly groups: Map<string, Group>
  /** Rules as `describe-security-groups` and templates show them. */
  readonly rules: GroupRule[]
  /** Rules as `describe-security-group-rules` shows them. */
  readonly listedRules: GroupRule[]
  readonly acls: Map<string, Acl>
  readonly cards: Map<string, Card>
  readonly subnets: Map<string, Subnet>
  readonly vpcs: Map<string, readonly AddressRange[]>
  readonly lists: Map<string, PrefixList>
  readonly tables: Map<string, RouteTable>
  readonly doubts: Unknown[]
}

export function emptyEstate(): Estate {
  return {
    groups: new Map(),
    rules: [],
    listedRules: [],
    acls: new Map(),
    cards: new Map(),
    subnets: new Map(),
    vpcs: new Map(),
    lists: new Map(),
    tables: new Map(),
    doubts: [],
  }
}
