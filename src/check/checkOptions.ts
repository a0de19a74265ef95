import type { Flow } from '../model/flow.ts'
import type { JudgementContext } from '../model/report.ts'
import type { Verdict } from '../model/verdict.ts'
import type { StartCapture } from './capture.ts'
import type { ProxyPlace } from './otherProxies.ts'
import type { Family, Resolvers } from './resolveNames.ts'
import type { TracePath } from './traces.ts'

/** What is checked, and what a judgement may know besides what is seen. */
export interface CheckInput {
  /** Version of Postern, for the report. */
  readonly postern: string
  readonly site: string
  /** The host of the site that this machine is. */
  readonly from: string
  /** Flows that this machine opens. */
  readonly flows: readonly Flow[]
  /** How many flows of the plan other machines open. */
  readonly elsewhere: number
  readonly context: Omit<JudgementContext, 'judgedAt'>
  /** The root domain of the forest, when it is not the domain of `context`. */
  readonly forest?: string
  readonly resolvers: Resolvers
  /** Proxies by the names that flows go through them by, and those that a failing flow may be compared with. */
  readonly proxies: Readonly<Record<string, ProxyPlace>>
  /** Families that this machine can dial at all; others are not asked about. */
  readonly families: readonly Family[]
  readonly catalogAsOf: string
  readonly imitates: string
}

export interface CheckOptions {
  /** Ends the check; what was not asked is `not-run`, and the report is given all the same. */
  readonly signal: AbortSignal
  /** The longest single wait (one look-up, connect, handshake or answer) in milliseconds; default 3000, which is longer than a Windows client takes to see a closed port (2.0 s). */
  readonly timeoutMs?: number
  /** The longest that one question may take over all of its waits, in milliseconds; default four waits. */
  readonly questionBudgetMs?: number
  /** The longest that the whole check may take, in milliseconds, the time that connections are held not counted; default 120000. */
  readonly totalBudgetMs?: number
  /** Questions and controls under way at once, 1 to 1024; default 256, which leaves room below the usual 1024 descriptors. */
  readonly concurrency?: number
  /** What each TLS server that works takes besides: every version by itself, a long ClientHello, another name. Default: not asked. */
  readonly posture?: boolean
  /** The longest that connections are held without a word, to see whether they are still there then, in milliseconds; default: none is. */
  readonly idleMs?: number
  /** Further connections to each open port, one by one, to see how many are lost, 10 to 1000; default: none. */
  readonly lossCount?: number
  /** The highest pace of new connections a second to each open port, to see from which on they fail, 8 to 500; default: not asked. */
  readonly ratePerSecond?: number
  /** Ask at every address of a name, and not only at the first one of each family. Default: the first. */
  readonly everyAddress?: boolean
  /** Captures packets beside the questions, as evidence of who refused and what came; default: no capture. */
  readonly capture?: StartCapture
  /** Traces the paths to what stays silent; default: none is traced. */
  readonly trace?: TracePath
  readonly onEvent?: (event: CheckEvent) => void
}

/** What a check says while it runs. A flow is settled once; the report repeats what was said last. */
export type CheckEvent =
  | { readonly kind: 'stage'; readonly stage: 'names' | 'questions' | 'controls' | 'series'; readonly count: number }
  /** What the question alone came to; controls may still change it. */
  | { readonly kind: 'first-verdict'; readonly flow: Flow; readonly verdict: Verdict }
  | {
      readonly kind: 'settled'
      readonly flow: Flow
      readonly verdict: Verdict
      readonly done: number
      readonly total: number
    }

/** Of a wait, in milliseconds, where the options name none. */
export const usualTimeoutMs = 3000
/** Of questions under way, where the options name none. */
export const usualConcurrency = 256
