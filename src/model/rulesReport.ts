import type { Necessity } from './flow.ts'
import type { Vendor } from './vendor.ts'

/** A flow, or an opening of it, that no rule was written for. */
export interface RuleNotSaid {
  /** Its id in the plan. */
  readonly flow: string
  /** The opening that the platform cannot say; absent where the site file does not say enough for one. */
  readonly permit?: string
  /** The name in `why` that it is about: what is wanting for many names can be told once. */
  readonly name?: string
  /** In words that go on from *no rule is written for it:* … */
  readonly why: string
  /** What else lets it pass, as an order in words. */
  readonly instead: string
}

/** An opening that the written rules do not let pass for sure, or one that ought to be closed and is not. */
export interface RuleNotProven {
  readonly permit: string
  readonly flows: readonly string[]
  readonly necessity: Necessity
  /** What the vendor's own reader and the judge made of it; `not-asked`: it could not be asked. */
  readonly verdict: 'allow' | 'deny' | 'may' | 'misdirected' | 'no-path' | 'unknown-ref' | 'not-asked'
  readonly why: string
}

/** What written rules let pass that nobody asked for. */
export interface RuleBeyond {
  /** `10.1.0.10 to 20.190.128.0/18, tcp 443`. */
  readonly what: string
  /** The rule that lets it pass. */
  readonly by: string
  /** Why it cannot be narrower; absent: it ought not to be. */
  readonly because?: string
}

/** That written rules do what they are for: read back by the vendor's own reader, and asked. */
export interface RulesProof {
  readonly statements: number
  readonly understood: number
  /** Openings that rules were written for, and how many of them the rules let pass. */
  readonly asked: number
  readonly allowed: number
  /** Openings that the platform cannot say. */
  readonly notSaid: number
  readonly notAllowed: readonly RuleNotProven[]
  /** What has to stay closed, and what of it does not. */
  readonly denials: number
  readonly notClosed: readonly RuleNotProven[]
  readonly beyond: readonly RuleBeyond[]
}

/** What `postern plan --for VENDOR` has: rules in a vendor's syntax, and the proof of them. */
export interface RulesReport {
  /** Version of the program. */
  readonly postern: string
  readonly kind: 'rules'
  readonly site: string
  readonly vendor: Vendor
  /** The device of the site file that they are for; absent: one that stands before every host. */
  readonly device?: string
  /** ISO 8601 date. */
  readonly on: string
  /** The first is what was read back. */
  readonly files: readonly { readonly name: string; readonly text: string }[]
  readonly notSaid: readonly RuleNotSaid[]
  /** What has to be done again and again, in words. */
  readonly duties: readonly string[]
  readonly proof: RulesProof
}
