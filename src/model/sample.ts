import type { CauseCode, Confidence } from './cause.ts'
import type { Timing } from './report.ts'
import type { VerdictKind } from './verdict.ts'

/** What one look at one flow came to, without its evidence: what is kept of every look. */
export interface Sample {
  /** {@link import('./flow.ts').flowKey} of the flow as it was planned, whatever address was dialled. */
  readonly key: string
  /** When the look began: wall clock, milliseconds since 1970. */
  readonly at: number
  readonly verdict: VerdictKind
  readonly cause?: CauseCode
  readonly confidence: Confidence
  readonly timing: Timing
  /** The address that answered, or was to; canonical RFC 5952 text. */
  readonly address?: string
  /** SHA-256 of the leaf certificate that was shown, in hexadecimal, where one was. */
  readonly certificate?: string
  /** Whether it stands as the plan wants it: open where it must be open, closed where it must be closed. */
  readonly isWell: boolean
}

/** A time in which nothing was looked at: the watcher did not run, the machine slept, or the clock was moved. */
export interface Gap {
  /** Milliseconds since 1970. */
  readonly from: number
  readonly to: number
  readonly why: 'not-running' | 'suspended' | 'clock-moved'
}

/** Something that people did, set into the time line: a change that begins or ends, a new site file. */
export interface Mark {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly kind:
    | 'change-start'
    | 'change-end'
    | 'site-reloaded'
    | 'site-refused'
    | 'maintenance-start'
    | 'maintenance-end'
  readonly name: string
}
