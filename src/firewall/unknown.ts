import type { NamePattern } from './namePattern.ts'

/** Kinds of things that a configuration refers to and that it does not settle by itself. */
export const unknownKinds = [
  /** An object that stands for the addresses of names. */
  'names',
  /** A vendor's tag, internet-service, geography or feed, of which no table was given. */
  'tag',
  /** A set that is filled while it runs: ipset, dynamic set, learnt addresses, URL table. */
  'dynamic-set',
  /** An object or group that the files do not define. */
  'reference',
  'time',
  'user',
  'application',
  'process',
  /** A limit on rate or on connections. */
  'limit',
  /** What a packet carries, or anything of it that a flow does not tell: marks, lengths, strings, flags. */
  'packet',
  /** Which interface, zone, profile or machine it is about. */
  'place',
  /** A statement that was not understood. */
  'unread',
  /** Whatever else; `what` says it. */
  'other',
] as const

/** Something on which it depends whether a rule matches. It gives `may`, never an empty set. */
export interface Unknown {
  readonly kind: (typeof unknownKinds)[number]
  /** In words that go on from *depends on*: `the content of the tag AzureActiveDirectory`, `the time of day`. */
  readonly what: string
  /** For `names`: those that the object stands for. */
  readonly names?: readonly NamePattern[]
  /** For `tag`: its name as it is written, so that a table given later can settle it. */
  readonly tag?: string
}
