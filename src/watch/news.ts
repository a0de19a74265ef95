import type { CauseCode, Confidence, Owner } from '../model/cause.ts'
import type { Severity } from '../model/finding.ts'
import type { Flow, Necessity } from '../model/flow.ts'
import type { FindingCode, Suspect } from '../model/incident.ts'
import type { FlowReport } from '../model/report.ts'
import type { VerdictKind } from '../model/verdict.ts'

/** What a flow passes and rests on, as far as it is known: what it may have in common with others. */
export interface Leaning {
  /** Host or network that opens it. */
  readonly from: string
  /** Host or network of the site that accepts it, or the cloud role. */
  readonly to: string
  /** The other end as people call it: the host of the site, or the name that is dialled outside. */
  readonly host: string
  /** Whether the other end is outside of the site. */
  readonly isOutside: boolean
  /** `636/tcp`; absent where the row names no port. */
  readonly port?: string
  /** Microsoft's pattern or the cloud role, such as `*.msappproxy.net`: what stands or falls together over there. */
  readonly region?: string
  /** The proxy of the site that it goes through. */
  readonly via?: string
  /** Where that proxy was dialled: `10.1.0.9:3128`. */
  readonly proxyAt?: string
  /** The resolver that gave the name, or was to: `10.1.0.5:53`. */
  readonly resolver?: string
  /** Where it was dialled; canonical RFC 5952 text. Of a flow through a proxy: none. */
  readonly address?: string
  /** The network of that address in canonical CIDR text; without the site's word for it the /24 or the /48. */
  readonly network?: string
  /** SHA-256 of the leaf certificate that was shown, and the distinguished name of who issued it. */
  readonly certificate?: string
  readonly issuer?: string
  /** Gateways that it is known to pass. */
  readonly hops?: readonly string[]
  /** The last one that said anything, of a flow that comes no further. */
  readonly stopsAt?: string
}

/** How one flow stood when it was last looked at: what speaks for the innocence of whatever it passes. */
export interface Standing {
  /** As in {@link import('../model/series.ts').Reading.subject}. */
  readonly subject: string
  /** `t1-ldaps connect01 -> dc01:636/tcp`. */
  readonly title: string
  /** By the newest look, whether or not it is sure. */
  readonly isWell: boolean
  /** The newest look, and the newest that was well; milliseconds since 1970. */
  readonly at: number
  readonly wellAt?: number
  /** One that must be closed, and is, says nothing of whether its other end is alive. */
  readonly expect: Flow['expect']
  readonly on: Leaning
}

/** What is said of a failure that no check of a flow has judged: of a sign-in, of the canary. */
export interface Told {
  readonly verdict: VerdictKind
  readonly cause: CauseCode
  readonly confidence: Confidence
  readonly owner: Owner
  readonly says: string
  readonly fix?: string
  readonly necessity: Necessity
}

interface OfFlow {
  /** {@link import('../model/flow.ts').flowKey} of the flow as it was planned. */
  readonly key: string
  /** By which look it is known: milliseconds since 1970. */
  readonly at: number
  /** That look, whole. */
  readonly report: FlowReport
}

interface OfSubject {
  /** `sign-in:daemon`, `canary:hq`. */
  readonly subject: string
  readonly title: string
  /** Milliseconds since 1970. */
  readonly at: number
}

/** How far a failure was confirmed. */
interface Confirmed {
  /** The first look that failed: milliseconds since 1970. */
  readonly since: number
  /** Looks that failed in a row, that first one among them. */
  readonly looks: number
  /** Other vantages that saw the same, by their names. */
  readonly vantages?: readonly string[]
}

/** How fast the minutes that may be bad are being used up, as `src/series` judges it: `page` now, `ticket` in days. */
export interface BurnNews {
  readonly kind: 'burn-rate'
  readonly subject: string
  readonly title: string
  readonly at: number
  readonly since: number
  /** `none`: it is over. */
  readonly level: 'page' | 'ticket' | 'none'
  readonly says: string
  readonly necessity: Necessity
  readonly on?: Leaning
}

/** Something that shows over time: a pattern, an expiry that comes near, an answer that is another one than before. */
export interface FindingNews {
  readonly kind: 'time-finding'
  /** A flow key, or a name with its kind in front: `certificate:3f…`, `secret:daemon`, `name:dc01.corp.example`. */
  readonly subject: string
  readonly title: string
  readonly code: FindingCode
  readonly at: number
  readonly since: number
  readonly says: string
  readonly severity: Severity
  readonly confidence: Confidence
  readonly owner: Owner
  readonly fix?: string
  /** Whom the judgement over time names; absent: it is weighed as failures are, by what `on` says. */
  readonly suspect?: Suspect
  readonly on?: Leaning
}

/** What is sure, and what incidents are made of: one look alone says no such thing of a failure. */
export type ConfirmedNews =
  | (OfFlow & Confirmed & { readonly kind: 'went-bad' })
  /** It is as bad as it was, by another cause. */
  | (OfFlow & { readonly kind: 'changed-cause'; readonly was?: CauseCode })
  | (OfFlow & { readonly kind: 'came-back' })
  /** It failed, and was well when it was asked again at once: a loss, and no failure. Changes nothing. */
  | (OfFlow & Omit<Confirmed, 'vantages'> & { readonly kind: 'unsteady' })
  | (OfSubject & Confirmed & { readonly kind: 'sign-in-failed'; readonly told: Told; readonly on?: Leaning })
  | (OfSubject & { readonly kind: 'sign-in-back' })
  | (OfSubject & Confirmed & { readonly kind: 'canary-late'; readonly told: Told; readonly on?: Leaning })
  | (OfSubject & { readonly kind: 'canary-back' })
  | FindingNews
  | { readonly kind: 'finding-over'; readonly subject: string; readonly code: FindingCode; readonly at: number }
  | BurnNews
  /** It is no longer looked at: the site file has changed. */
  | { readonly kind: 'unwatched'; readonly subject: string; readonly at: number }
