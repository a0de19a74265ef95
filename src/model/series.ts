/**
 * What is measured again and again of a subject: phases of a flow, steps of a sign-in, and what else has a number. The
 * unit stands at the end of each word.
 */
export const measures = [
  'dns-ms',
  'connect-ms',
  'tls-ms',
  'first-byte-ms',
  'whole-ms',
  'discovery-ms',
  'authorize-ms',
  'token-ms',
  'sync-lag-ms',
  'connections-count',
  'handshake-ms',
] as const
export type Measure = (typeof measures)[number]

/** One number at one time; what could not be measured is no reading, and never a large number. */
export interface Reading {
  /** {@link import('./flow.ts').flowKey} of a flow, or a name with its kind in front: `sign-in:daemon`, `canary:hq`. */
  readonly subject: string
  readonly measure: Measure
  /** When the question was really sent: wall clock, milliseconds since 1970. */
  readonly at: number
  readonly value: number
}

/** A piece of a time line that is asked for again and again; `to` is not part of it. Milliseconds since 1970. */
export interface Span {
  readonly from: number
  readonly to: number
}
