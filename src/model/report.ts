import type { Cloud } from './cloud.ts'
import type { Feature } from './feature.ts'
import type { Finding } from './finding.ts'
import type { Flow } from './flow.ts'
import type { Observation } from './observation.ts'
import type { Site } from './site.ts'
import type { Verdict } from './verdict.ts'

/** Where the time of one check went, in milliseconds; null for a phase that was not reached or not needed. */
export interface Timing {
  readonly dnsMs: number | null
  readonly connectMs: number | null
  readonly tlsMs: number | null
  readonly firstByteMs: number | null
}

/** One flow with what was seen of it and what that means. */
export interface FlowReport extends Flow, Verdict {
  readonly evidence: readonly Observation[]
  readonly timing: Timing
}

export interface CheckSummary {
  readonly open: number
  readonly blocked: number
  readonly degraded: number
  readonly wrong: number
  readonly unknown: number
  readonly notRun: number
  readonly notRequired: number
  /** Flows that must be closed and are; one that is open is a finding and counts here as `forbiddenOpen`. */
  readonly closed: number
  readonly forbiddenOpen: number
  /** Flows that other machines open: counted, never judged from here. */
  readonly elsewhere: number
  /** Required flows that were not proven open: blocked, wrong, unknown and not run. */
  readonly requiredNotProven: number
}

/** What a judgement may know besides the observations; kept in the report so that it can be judged again. */
export interface JudgementContext {
  /** The time that dates are judged against, ISO 8601 UTC. */
  readonly judgedAt: string
  readonly cloud: Cloud
  /** The AD domain of the site, when it names one. */
  readonly domain?: string
  /** The root domain of the forest, when it is another. */
  readonly forest?: string
  /** SHA-256 fingerprints of the site's own CAs (`trust.certificates`). */
  readonly trusted: readonly string[]
  /** `names:` of the site file: `name` or `name:port` to `address` or `address:port`. */
  readonly names: Readonly<Record<string, string>>
  /** Builds of Entra Connect that the site file gives, by host; absent where it gives none. */
  readonly connectBuilds?: Readonly<Record<string, string>>
  /** The tenant of the site, by its name or its id, and `apps:` of the site file; absent where the file has none. */
  readonly tenant?: string
  readonly apps?: NonNullable<Site['apps']>
  /** What would let the capture begin that was asked for and did not; absent where one ran or none was asked for. */
  readonly captureRemedy?: string
}

/** What came of a capture that was asked for. */
export interface CaptureTold {
  readonly outcome: 'captured' | 'not-captured'
  /** Packets that were looked at: none of them is kept. */
  readonly packets: number
  /** Packets that the kernel dropped, where the tool says it. */
  readonly lost?: number
  /** Why there is none, or not to the end. */
  readonly why?: string
  /** What would let it begin, as an order in words: the right to give, the package to install. */
  readonly remedy?: string
}

/** What came of the paths that were to be traced. */
export interface TracesTold {
  /** How many were. */
  readonly traced: number
  /** Why some were not. */
  readonly why?: string
  /** What would let them be, as an order in words. */
  readonly remedy?: string
}

/** The documented report of `postern check`: what `--json` prints, `--compare` reads and a later judgement works from. */
export interface CheckReport {
  readonly postern: string
  readonly kind: 'check'
  readonly site: string
  readonly from: string
  readonly startedAt: string
  readonly durationMs: number
  /** True when Ctrl-C or the total budget ended the check; what was not asked is `not-run`. */
  readonly interrupted: boolean
  /** Flows of this vantage that `--flow` left out; absent when it left none. */
  readonly leftOut?: number
  readonly catalog: { readonly asOf: string }
  /** Which client the probes imitate. */
  readonly imitates: string
  /** What this process was allowed to do, as far as it was asked to: `connect`, and `capture`. */
  readonly rights: readonly string[]
  /** Absent where no capture was asked for. */
  readonly capture?: CaptureTold
  /** Absent where nothing was silent, or no path was to be traced. */
  readonly traces?: TracesTold
  readonly context: JudgementContext
  readonly summary: CheckSummary
  readonly flows: readonly FlowReport[]
  readonly findings: readonly Finding[]
}

/** The documented answer of `postern plan --format json`. */
export interface PlanReport {
  readonly postern: string
  readonly kind: 'plan'
  readonly site: string
  readonly cloud: Cloud
  readonly features: readonly Feature[]
  readonly catalog: { readonly asOf: string }
  readonly summary: {
    /** Flows by necessity, those that stay on one host, and those that must be closed: together all of `flows`. */
    readonly required: number
    readonly conditional: number
    readonly recommended: number
    readonly optional: number
    readonly legacy: number
    readonly localOnly: number
    readonly mustBeClosed: number
  }
  readonly flows: readonly Flow[]
  /** Names of the site file that are served elsewhere than in public. */
  readonly names: Readonly<Record<string, string>>
}

/** One flow of two reports that are not alike; `before` or `after` is absent when only one report has it. */
export interface FlowChange {
  readonly key: string
  readonly change: 'appeared' | 'disappeared' | 'broke' | 'mended' | 'changed'
  readonly before?: FlowReport
  readonly after?: FlowReport
  /** What differs, in words: `verdict open -> blocked`, `certificate …`, `connect 12 ms -> 480 ms`. */
  readonly differences: readonly string[]
}

/** What a comparison keeps of each of its two checks; `names` as in {@link JudgementContext}. */
export interface ComparedCheck extends Pick<CheckReport, 'site' | 'from' | 'startedAt'> {
  readonly names: JudgementContext['names']
}

/** The documented answer of `postern check --compare`. */
export interface CompareReport {
  readonly postern: string
  readonly kind: 'compare'
  readonly before: ComparedCheck
  readonly after: ComparedCheck
  readonly summary: {
    readonly same: number
    readonly broke: number
    readonly mended: number
    readonly changed: number
    readonly appeared: number
    readonly disappeared: number
  }
  readonly changes: readonly FlowChange[]
  /** Flows of the later report that fail, or hurt, as they did before: no change, and not well. */
  readonly stillFailing: readonly FlowReport[]
  /**
   * Keys of flows of the earlier report that the words of the later check left out, by `--flow`, `--from` or TARGETs:
   * no change, since nobody asked. Absent when there is none.
   */
  readonly notAsked?: readonly string[]
}
