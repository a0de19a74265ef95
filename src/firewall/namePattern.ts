/**
 * A name as a rule gives it, with what it covers; vendors differ most in whether `*.x` covers `x` and names two labels
 * below.
 */
export interface NamePattern {
  /** As it is written. */
  readonly text: string
  /** In lower case, without star, leading and trailing dot. */
  readonly name: string
  readonly covers:
    | 'exactly'
    /** `name` and every name below it: squid's `.x`. */
    | 'at-or-below'
    /** Every name below it, whatever the number of labels, and not itself. */
    | 'below'
    /** Names with one label before it. */
    | 'one-label-below'
    /** `text` with stars and question marks anywhere, over dots too. */
    | 'glob'
    /** Every name. */
    | 'any'
}

/** Whether a pattern covers a name, or all names of a pattern of Microsoft's (`*.msappproxy.net`), or some of them. */
export type NameCover = 'all' | 'some' | 'none'
