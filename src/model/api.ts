import type { CauseCode, Confidence, Owner } from './cause.ts'
import type { Feature } from './feature.ts'
import type { Severity } from './finding.ts'
import type { Flow, Necessity } from './flow.ts'
import type { AlertReason, FindingCode, IncidentState, Suspect, WatchFinding } from './incident.ts'
import type { FlowReport, Timing } from './report.ts'
import type { Role } from './role.ts'
import type { Gap, Mark } from './sample.ts'
import type { Measure } from './series.ts'
import type { VerdictKind } from './verdict.ts'

/**
 * What `/api/v1` of the watcher answers: for a page, and for programs. Every time is ISO 8601 UTC, every duration in
 * milliseconds; a member that is not there is left out, and never null, except where it says so.
 */

/** `GET /status`. */
export interface ApiStatus {
  readonly site: string
  /** The host that watches. */
  readonly from: string
  /** Of Postern. */
  readonly version: string
  /** When this watcher was started. */
  readonly since: string
  readonly now: string
  readonly everySeconds: number
  /** How the flows stood at the newest look at each. */
  readonly flows: {
    readonly watched: number
    readonly well: number
    readonly notWell: number
    /** At which nobody has looked within the days for which looks are kept. */
    readonly notSeen: number
    /** Failures that are being confirmed, and those that are. */
    readonly suspected: number
    readonly confirmed: number
  }
  /** Since the start. */
  readonly looks: {
    readonly done: number
    readonly failed: number
    /** Turns of an end that were left out since the look before was not over. */
    readonly skipped: number
    readonly underWay: number
  }
  readonly incidents: { readonly open: number; readonly worst?: Severity }
  /** Windows of maintenance that are open, by their names. */
  readonly maintenance: readonly string[]
  /** Of the last seven days, the newest last, at most 20. */
  readonly gaps: readonly ApiGap[]
  readonly history: {
    /** Of the database and its log, on the disk. */
    readonly octets: number
    readonly mostOctets: number
    readonly rawDays: number
    readonly failureDays: number
    readonly sketchDays: number
  }
  readonly outlets: readonly ApiOutlet[]
  /** Streams of events that are open, and those that were ended since they were too slow. */
  readonly streams: { readonly open: number; readonly dropped: number }
}

export interface ApiGap {
  readonly from: string
  readonly to: string
  readonly why: Gap['why']
}

export interface ApiMark {
  readonly at: string
  readonly kind: Mark['kind']
  readonly name: string
}

export interface ApiOutlet {
  readonly name: string
  readonly kind: string
  readonly takes: readonly ('alerts' | 'events')[]
  readonly least?: Severity
  /** Things that it has not taken yet. */
  readonly waiting: number
  /** Things that it refused for good. */
  readonly refused: number
}

/** One flow, as it stands. */
export interface ApiFlow {
  /** 16 hexadecimal digits: the begin of the SHA-256 of `key`. */
  readonly id: string
  readonly key: string
  /** `t1-ldaps connect01 -> dc01:636/tcp`. */
  readonly title: string
  readonly flow: string
  readonly from: string
  readonly fromRole: Role
  readonly to: string
  readonly toRole: Role
  readonly necessity: Necessity
  readonly expect: 'open' | 'closed'
  readonly features: readonly Feature[]
  /** All of these are of the newest look, and are left out where there was none. */
  readonly isWell?: boolean
  readonly verdict?: VerdictKind
  readonly cause?: CauseCode
  readonly confidence?: Confidence
  readonly owner?: Owner
  readonly says?: string
  readonly fix?: string
  readonly lastLookAt?: string
  readonly address?: string
  /** What the newest look took in all, where it was well, and what is usual: the median of the last seven days. */
  readonly latencyMs?: number
  readonly usualLatencyMs?: number
  /** The incident that it is part of. */
  readonly incident?: string
}

/** `GET /flows`. */
export interface ApiFlows {
  /** In the order of their keys. */
  readonly flows: readonly ApiFlow[]
  /** All that match, on whatever page. */
  readonly total: number
  /** For `cursor` of the next page; left out on the last one. */
  readonly next?: string
}

export interface ApiSample {
  readonly at: string
  readonly isWell: boolean
  readonly verdict: VerdictKind
  readonly cause?: CauseCode
  readonly confidence: Confidence
  readonly timing: Timing
  readonly address?: string
  readonly certificate?: string
}

/** `GET /flows/{flow}`. */
export interface ApiFlowDetail extends ApiFlow {
  /** As it was planned: why it is needed, under which condition, and who says so. */
  readonly plan: Flow
  /** The newest, oldest of them first. */
  readonly lastSamples: readonly ApiSample[]
  /** The newest failure that was kept whole, with its evidence. */
  readonly lastFailure?: ApiFailure
}

export interface ApiFailure {
  readonly at: string
  readonly report: FlowReport
}

interface OfFlow {
  readonly id: string
  readonly key: string
  readonly from: string
  readonly to: string
}

/** `GET /flows/{flow}/samples`. */
export interface ApiSamples extends OfFlow {
  /** Oldest first; of more than were asked for the newest. */
  readonly samples: readonly ApiSample[]
  /** There are older ones in the span. */
  readonly isCut: boolean
}

/** `GET /flows/{flow}/quantiles`. */
export interface ApiQuantiles extends OfFlow {
  readonly measure: Measure
  readonly stepMs: number
  /** The shares that were asked for, in the order of `values`. */
  readonly shares: readonly number[]
  /** Steps without a reading are left out. */
  readonly steps: readonly { readonly at: string; readonly count: number; readonly values: readonly number[] }[]
}

/** `GET /flows/{flow}/tallies`. */
export interface ApiTallies extends OfFlow {
  readonly stepMs: number
  readonly steps: readonly { readonly at: string; readonly looks: number; readonly notWell: number }[]
}

/** `GET /flows/{flow}/failures`. */
export interface ApiFailures extends OfFlow {
  /** Newest first. */
  readonly failures: readonly ApiFailure[]
  readonly isCut: boolean
}

export interface ApiConsequence {
  /** As in {@link import('./series.ts').Reading.subject}. */
  readonly subject: string
  /** Where it is a flow: by which `/flows` knows it. */
  readonly flow?: string
  readonly title: string
  readonly since: string
  readonly until?: string
  readonly ended?: 'unwatched' | 'other-cause'
  readonly cause: CauseCode
  readonly finding?: WatchFinding
  readonly says: string
}

export interface ApiIncident {
  readonly id: string
  readonly state: IncidentState
  readonly suspect: Suspect
  readonly cause: CauseCode
  readonly finding?: WatchFinding
  readonly confidence: Confidence
  readonly severity: Severity
  readonly owner: Owner
  readonly says: string
  readonly fix?: string
  readonly since: string
  readonly confirmedAt: string
  readonly lastSeenAt: string
  readonly until?: string
  readonly flaps: number
  readonly confirmedBy: { readonly looks: number; readonly vantages: readonly string[] }
  readonly alternatives: readonly Suspect[]
  readonly acknowledged?: { readonly at: string; readonly by: string }
  readonly notes: readonly { readonly at: string; readonly by: string; readonly text: string }[]
  readonly silencedUntil?: string
  readonly told: readonly {
    readonly at: string
    readonly reason: AlertReason
    readonly severity: Severity
    readonly to: readonly string[]
  }[]
  readonly mergedInto?: string
  readonly absorbed: readonly string[]
  /** Those that still suffer first, then the gravest. */
  readonly consequences: readonly ApiConsequence[]
  /** How many more there are than are listed. */
  readonly consequencesLeftOut: number
}

/** `GET /incidents`. */
export interface ApiIncidents {
  /** Newest first, each with at most 20 consequences. */
  readonly incidents: readonly ApiIncident[]
  readonly next?: string
}

/** Something that shows over time: a pattern, an expiry, an answer that changed. */
export interface ApiFinding {
  readonly code: FindingCode
  readonly subject: string
  readonly flow?: string
  readonly title: string
  readonly since: string
  readonly until?: string
  readonly severity: Severity
  readonly confidence: Confidence
  readonly owner: Owner
  readonly says: string
  readonly fix?: string
  /** The incident that it stands in. */
  readonly incident: string
}

/** `GET /findings`. */
export interface ApiFindings {
  /** Newest first. */
  readonly findings: readonly ApiFinding[]
  readonly isCut: boolean
}

/** `GET /gaps`. */
export interface ApiGaps {
  readonly gaps: readonly ApiGap[]
}

/** `GET /marks`. */
export interface ApiMarks {
  readonly marks: readonly ApiMark[]
}

/** `GET /outlets`. */
export interface ApiOutlets {
  readonly outlets: readonly ApiOutlet[]
}

/** What goes wrong with a request (RFC 9457). */
export interface ApiProblem {
  /** `urn:postern:problem:` and a word. */
  readonly type: string
  readonly title: string
  readonly status: number
  /** What is wrong, with the value that is. */
  readonly detail: string
  /** What would be right. */
  readonly remedy: string
  /** The parameter or the member of the body that is meant. */
  readonly parameter?: string
}

/** Answers by the names that their schemas have. */
export interface ApiAnswers {
  readonly Status: ApiStatus
  readonly Flows: ApiFlows
  readonly FlowDetail: ApiFlowDetail
  readonly Samples: ApiSamples
  readonly Quantiles: ApiQuantiles
  readonly Tallies: ApiTallies
  readonly Failures: ApiFailures
  readonly Incidents: ApiIncidents
  readonly Incident: ApiIncident
  readonly Findings: ApiFindings
  readonly Gaps: ApiGaps
  readonly Marks: ApiMarks
  readonly Mark: ApiMark
  readonly Outlets: ApiOutlets
}

/** Data of the events of `GET /events`, by the names of the events. */
export interface ApiEvents {
  /** The newest look at a flow came to something else than the one before. */
  readonly flow: {
    readonly id: string
    readonly key: string
    readonly title: string
    readonly at: string
    readonly isWell: boolean
    readonly verdict: VerdictKind
    readonly cause?: CauseCode
    readonly says: string
    /** Left out for the first look at it. */
    readonly was?: { readonly isWell: boolean; readonly verdict: VerdictKind; readonly cause?: CauseCode }
  }
  /** Something is sure. */
  readonly news: {
    readonly kind: ApiNewsKind
    readonly subject: string
    readonly flow?: string
    readonly title: string
    readonly at: string
    readonly says?: string
  }
  /** An incident as it is now; at most 20 consequences. */
  readonly incident: ApiIncident
  readonly alert: {
    readonly id: string
    readonly at: string
    readonly reason: AlertReason
    readonly incident: string
    readonly severity: Severity
    readonly says: string
  }
  readonly gap: ApiGap
  readonly mark: ApiMark
  /** Events are missing here: what is shown is to be read anew. */
  readonly reset: { readonly why: ApiResetReason; readonly says: string }
}

export const apiNewsKinds = [
  'went-bad',
  'changed-cause',
  'came-back',
  'unsteady',
  'sign-in-failed',
  'sign-in-back',
  'canary-late',
  'canary-back',
  'time-finding',
  'finding-over',
  'burn-rate',
  'unwatched',
] as const
export type ApiNewsKind = (typeof apiNewsKinds)[number]

/** `restarted`: the id is of another run; `too-old`: the events after it are gone; `unknown`: it is no id of this server; `too-slow`: this reader fell behind, and is ended. */
export const apiResetReasons = ['restarted', 'too-old', 'unknown', 'too-slow'] as const
export type ApiResetReason = (typeof apiResetReasons)[number]
