/** One file of a configuration, decoded: its octets and their encoding are the business of who read it. */
export interface ConfigurationFile {
  /** As the user calls it: a path, or `-`. */
  readonly name: string
  readonly text: string
}

/** A place in a configuration, as people and pull requests look for it. */
export interface Span {
  readonly file: string
  /** Counted from 1. */
  readonly line: number
  /** Last line, where the statement has several; absent: the same. */
  readonly lastLine?: number
  /** RFC 6901 pointer or XML path, where the format is a tree. */
  readonly path?: string
  /** The statement as it stands there, on one line, at most {@link longestQuoted} UTF-16 units. */
  readonly text: string
}

/** What is quoted of a statement at most: a report repeats it beside every flow that it decides. */
export const longestQuoted = 200

/** A statement that the reader did not understand. */
export interface UnreadStatement {
  readonly span: Span
  /** What about it is not known, in words: `match "-m u32" is not known`. */
  readonly why: string
}

/**
 * How much of a configuration was understood. Statements are counted as the format has them: a rule, an object, a line
 * of a block. What is known to say nothing about passing packets (a host name, a time server) counts as understood.
 */
export interface Coverage {
  readonly statements: number
  readonly understood: number
  readonly unread: readonly UnreadStatement[]
}
