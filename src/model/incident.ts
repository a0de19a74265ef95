import type { CauseCode, Confidence, Owner } from './cause.ts'
import type { Severity } from './finding.ts'

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
  'flow',
  'sign-in',
  'canary',
] as const
export type SuspectKind = (typeof suspectKinds)[number]

export interface Suspect {
  readonly kind: SuspectKind
  /** The host, proxy, address … by its name in the site, or as it was seen. */
  readonly name: string
}

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
