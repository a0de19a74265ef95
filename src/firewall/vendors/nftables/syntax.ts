import type { Span } from '../../source.ts'

/**
 * A value or a field, as both forms have it: `nft -j` writes what the text says, so that one compiler serves both.
 * Values stay as they are written, since only the field beside them tells what `http` or `5` is.
 */
export type Expression =
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'range'; readonly first: Expression; readonly last: Expression }
  | { readonly kind: 'prefix'; readonly address: Expression; readonly length: number }
  /** Flags with commas between them: `established,related`. */
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'set'; readonly elements: readonly Element[] }
  /** `@name`. */
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'concat'; readonly parts: readonly Expression[] }
  /** A field of the packet or of what is known about it: `ip saddr`, `meta iifname`, `ct original ip daddr`. */
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'bits'; readonly op: BitOperator; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'map'; readonly key: Expression; readonly data: Expression }
  /** A number that the kernel makes: `numgen inc mod 4`, `jhash ip saddr mod 2`. */
  | { readonly kind: 'made'; readonly text: string }
  /** Everything: the element `*`. */
  | { readonly kind: 'rest' }
  | { readonly kind: 'unread'; readonly text: string }

export type BitOperator = '&' | '|' | '^' | '<<' | '>>'

/** An element of a set, or of a map with what it leads to. */
export interface Element {
  readonly key: Expression
  readonly data?: Expression | Verdict
  /** It goes after a time. */
  readonly expires?: true
  /** It has a limit or quota of its own. */
  readonly limited?: true
}

export type Verdict =
  | { readonly kind: 'accept' | 'drop' | 'continue' | 'return' }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string }
  | { readonly kind: 'queue' }

/** `in`: the comparison that has no sign, which tests bits where the field is made of flags; `!`: none of the bits. */
export type Comparison = 'in' | '!' | '==' | '!=' | '<' | '>' | '<=' | '>='

/** A part of a rule; they are asked from left to right, and the first that does not hold ends the rule. */
export type Statement =
  | { readonly kind: 'match'; readonly left: Expression; readonly op: Comparison; readonly right: Expression }
  | { readonly kind: 'verdict'; readonly verdict: Verdict }
  | { readonly kind: 'vmap'; readonly key: Expression; readonly data: Expression }
  | { readonly kind: 'reject'; readonly with?: 'tcp' | 'icmp' | 'icmpv6' | 'icmpx' }
  | {
      readonly kind: 'nat'
      readonly type: 'dnat' | 'snat' | 'masquerade' | 'redirect'
      readonly family?: 4 | 6
      readonly address?: Expression
      readonly port?: Expression
      /** `prefix`: addresses keep what is behind the prefix. */
      readonly isPrefix?: true
    }
  /** What happens to the packet is up to something that no rule shows: `queue`, `tproxy`, `synproxy`, `fwd`. */
  | { readonly kind: 'handed'; readonly what: string }
  /** Sets a field of the packet, or what is kept about it. */
  | { readonly kind: 'assign'; readonly field: Expression; readonly value: Expression }
  | { readonly kind: 'notrack' }
  /** Holds now and then: `limit`, `quota`, `ct count`, an element of a dynamic set with a limit. */
  | { readonly kind: 'limited'; readonly what: string; readonly fills?: string }
  /** Says nothing about whether a packet passes: `counter`, `log`, `flow add`. `fills`: the set that it adds to. */
  | { readonly kind: 'note'; readonly fills?: string }
  | { readonly kind: 'unread'; readonly text: string }

export interface RuleNode {
  readonly span: Span
  readonly statements: readonly Statement[]
  readonly comment?: string
  readonly handle?: number
}

export type TableFamily = 'ip' | 'ip6' | 'inet' | 'arp' | 'bridge' | 'netdev'

export const tableFamilies: readonly TableFamily[] = ['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev']

/** What makes a chain one that packets meet by themselves. */
export interface BaseNode {
  readonly type: string
  readonly hook: string
  /** A number, or words that nobody knows. */
  readonly priority: number | string
  readonly devices: readonly string[]
}

export interface ChainNode {
  readonly name: string
  readonly span: Span
  readonly base?: BaseNode
  readonly policy?: { readonly action: string; readonly span: Span }
  readonly rules: RuleNode[]
}

export interface SetNode {
  readonly name: string
  readonly span: Span
  /** Types of the parts of a key, from `type`; empty where `typeof` or nothing says them. */
  readonly flags: readonly string[]
  readonly isMap: boolean
  readonly elements: Element[]
  /** Elements were written for it, be it none. */
  readonly timeout: boolean
}

export interface TableNode {
  readonly family: TableFamily
  readonly name: string
  readonly span: Span
  /** It sees no packet; `unknown`: it has flags that are not known, as `nft -j` of some versions writes them. */
  dormant: boolean | 'unknown'
  readonly chains: Map<string, ChainNode>
  readonly sets: Map<string, SetNode>
}
