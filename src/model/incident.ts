import type { CauseCode, Confidence, Owner } from './cause.ts'
import type { Severity } from './finding.ts'
import type { Necessity } from './flow.ts'
import type { VerdictKind } from './verdict.ts'

/** What the flows of an incident have in common, and no flow that is well has. */
export const suspectKinds = [
  'host',
  'proxy',
  'resolver',
  'address',
  'certificate',
  'gateway',
  'destination',
  'vantage',
  /** One port, on whatever host: what a rule of a firewall speaks of. */
  'port',
  /** Several flows between the same two ends that fail by the same cause, while others between them are well. */
  'path',
  'flow',
  'sign-in',
  'canary',
  'name',
  'secret',
] as const
export type SuspectKind = (typeof suspectKinds)[number]

export interface Suspect {
  readonly kind: SuspectKind
  /** The host, proxy, address … by its name in the site, or as it was seen. */
  readonly name: string
}

/** What shows over time and is no cause of a failed look. */
export const watchFindings = [
  'certificate-expires',
  'crl-expires',
  'secret-expires',
  'answer-changed',
  'chain-changed',
  'burn-rate',
  'forbidden-flow-open',
  'sign-in-unseen-by-gate',
  'sign-in-unseen-by-tenant',
  'timeout-nears',
] as const
export type WatchFinding = (typeof watchFindings)[number]
export type FindingCode = CauseCode | WatchFinding

export const incidentStates = ['open', 'recovering', 'closed'] as const
export type IncidentState = (typeof incidentStates)[number]

/** A flow, sign-in or canary that suffers from the cause, with what it says itself. */
export interface Consequence {
  /** As in {@link import('./series.ts').Reading.subject}. */
  readonly subject: string
  /** What a reader knows it by: `t1-ldaps connect01 -> dc01:636/tcp`. */
  readonly title: string
  /** Milliseconds since 1970. */
  readonly since: number
  /** When it was well again; absent: it is not. */
  readonly until?: number
  readonly cause: CauseCode
  readonly says: string
  /** What it is where no cause has that name: `cause` is `undetermined` then. */
  readonly finding?: WatchFinding
  /** Why it is over, where it is not that it was well again. */
  readonly ended?: 'unwatched' | 'other-cause'
  /** By what it was put under its cause: kept, so that it can be weighed again with what comes later. */
  readonly weighed?: Weighed
}

export interface Weighed {
  /** Whether looks failed, or what shows over time. */
  readonly of: 'look' | 'time'
  /** Since when it fails this time: milliseconds since 1970. */
  readonly since: number
  readonly verdict: VerdictKind
  readonly necessity: Necessity
  readonly severity: Severity
  readonly confidence: Confidence
  readonly owner: Owner
  readonly fix?: string
  /** When it was seen well for the last time before it failed: milliseconds since 1970. */
  readonly wellAt?: number
  /** Everything that may be the cause of a failure of this kind, the nearest first. */
  readonly suspects: readonly Suspect[]
  /** A suspect whom its own evidence names: one failure is enough. */
  readonly named?: Suspect
}

/** That somebody was told, and what was so by then. */
export interface Telling {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly reason: AlertReason
  readonly severity: Severity
  readonly suspect: Suspect
  /** Names of the outlets that were given it. */
  readonly to: readonly string[]
}

/** How an incident goes on: what the next step needs of the ones before. Milliseconds since 1970. */
export interface IncidentCourse {
  /** Until then failures that come together are weighed together, and nobody is told; absent when that is over. */
  readonly settlesAt?: number
  /** When it was opened, or opened again after it had been closed. */
  readonly openedAt: number
  /** Somebody was told that it has begun, and nobody yet that it is over. */
  readonly isTold?: true
  /** Since when nothing of it fails. */
  readonly wellSince?: number
  /** When it is over, if nothing of it fails again before. */
  readonly overAt?: number
  /** How it flaps, as it stood at a time (RFC 2439 §4.2): halves with time, and grows with each return. */
  readonly penalty: { readonly value: number; readonly at: number }
  /** The longest time for which it was well before it came back. */
  readonly longestQuietMs: number
}

/** One fault with one cause, however many flows suffer from it. */
export interface Incident {
  /** UUID. */
  readonly id: string
  readonly state: IncidentState
  readonly suspect: Suspect
  readonly cause: CauseCode
  readonly confidence: Confidence
  readonly severity: Severity
  readonly owner: Owner
  /** One sentence: what is so. */
  readonly says: string
  readonly fix?: string
  /** Milliseconds since 1970: the first look that failed, the look by which it was sure, the last that failed. */
  readonly since: number
  readonly confirmedAt: number
  readonly lastSeenAt: number
  /** When it was over; absent while it is not. */
  readonly until?: number
  /** How often it went away and came back before it was over: one that flaps stays one. */
  readonly flaps: number
  readonly consequences: readonly Consequence[]
  /** How far it was confirmed: looks that failed again, and other vantages that saw the same. */
  readonly confirmedBy: { readonly looks: number; readonly vantages: readonly string[] }
  readonly acknowledged?: { readonly at: number; readonly by: string }
  readonly notes: readonly { readonly at: number; readonly by: string; readonly text: string }[]
  /** Nobody is told until then, milliseconds since 1970. */
  readonly silencedUntil?: number
  /** What it is where no cause has that name: `cause` is `undetermined` then. */
  readonly finding?: WatchFinding
  /** Who else would explain all of it. */
  readonly alternatives?: readonly Suspect[]
  /** Oldest first. */
  readonly told?: readonly Telling[]
  /** The incident under which it was put, when a larger cause showed; it is closed then. */
  readonly mergedInto?: string
  /** Ids of those that were put under this one: who keeps a page for each closes it now. */
  readonly absorbed?: readonly string[]
  /** Of what is given to an outlet: how many consequences more there are than are listed. */
  readonly consequencesLeftOut?: number
  readonly course?: IncidentCourse
}

/** What happened to an incident, of which somebody is told at most once. */
export const alertReasons = ['opened', 'worse', 'recovered', 'reminder', 'test'] as const
export type AlertReason = (typeof alertReasons)[number]

/** What an outlet is given to tell: self-contained, so that it can wait on a disk for days. */
export interface Alert {
  /** UUID: the same for every try, so that who receives can tell copies. */
  readonly id: string
  /** Milliseconds since 1970. */
  readonly at: number
  readonly reason: AlertReason
  readonly site: string
  /** The host that watches. */
  readonly from: string
  readonly incident: Incident
  /** Where it can be looked at, where there is such a page. */
  readonly url?: string
}
