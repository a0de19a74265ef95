import type { CauseCode } from './cause.ts'
import type { Severity } from './finding.ts'
import type { Gap } from './sample.ts'
import type { Measure } from './series.ts'
import type { VerdictKind } from './verdict.ts'

/** How something stood in a time, by all looks at it. */
export interface StoodAs {
  readonly looks: number
  readonly notWell: number
  /** What most looks came to. */
  readonly verdict: VerdictKind
  readonly cause?: CauseCode
  /** Addresses that were dialled, and SHA-256 of the leaf certificates that were shown, in their order. */
  readonly addresses: readonly string[]
  readonly certificates: readonly string[]
  /** Medians, by measure, milliseconds; with fewer than twenty readings there is none. */
  readonly medians: Readonly<Partial<Record<Measure, number>>>
}

/** A flow or a sign-in that stands otherwise after a change than before it. */
export interface ChangedSubject {
  readonly subject: string
  readonly title: string
  readonly change: 'broke' | 'mended' | 'changed'
  readonly before: StoodAs
  readonly after: StoodAs
  /** What differs, in words: `verdict open -> blocked`. */
  readonly differences: readonly string[]
}

/** A flow or a sign-in that cannot be compared. */
export interface NotCompared {
  readonly subject: string
  readonly title: string
  /** In which time nothing was looked at. */
  readonly lacks: 'before' | 'after' | 'both'
}

/** A time that was looked at; ISO 8601 UTC, `to` is not part of it. */
export interface ComparedTime {
  readonly from: string
  readonly to: string
  /** When nothing was looked at within it. */
  readonly gaps: readonly { readonly from: string; readonly to: string; readonly why: Gap['why'] }[]
}

/** The documented answer of `postern watch --change report NAME`. */
export interface ChangeReport {
  readonly postern: string
  readonly kind: 'change'
  readonly site: string
  readonly name: string
  /** When the change began and ended; ISO 8601 UTC. */
  readonly startedAt: string
  readonly endedAt: string
  readonly before: ComparedTime
  readonly after: ComparedTime
  readonly summary: {
    /** Looked at in both times: `same` and all that changed. */
    readonly compared: number
    readonly same: number
    readonly broke: number
    readonly mended: number
    readonly changed: number
    readonly notCompared: number
    /** As before, and not well. */
    readonly stillFailing: number
  }
  /** What broke first. */
  readonly changes: readonly ChangedSubject[]
  readonly notCompared: readonly NotCompared[]
  /** Flows and sign-ins that fail as they did before. */
  readonly stillFailing: readonly { readonly subject: string; readonly title: string; readonly cause?: CauseCode }[]
  /** Incidents that began between the begin of the change and the end of the time after it. */
  readonly incidents: readonly {
    readonly id: string
    readonly since: string
    readonly severity: Severity
    readonly says: string
    readonly isOver: boolean
  }[]
}
