import type { CauseCode, Confidence, Owner } from '../model/cause.ts'
import type { Site } from '../model/site.ts'
import type { VerdictKind } from '../model/verdict.ts'
import type { Network } from './network.ts'

/** Takes a fault away again, leaving nothing of it. */
export type Undo = () => Promise<void> | void

/** What a judgement of the flow has to come to while the fault is in place. */
export interface Expectation {
  /** The host that has to look; default: the lab's own vantage. */
  readonly from?: string
  /** Id of the flow that the fault is about. */
  readonly flow: string
  /** The name that is dialled, when the flow has several. */
  readonly target?: string
  readonly transport?: 'tcp' | 'udp'
  readonly verdict: VerdictKind
  readonly cause: CauseCode
  readonly confidence: Confidence
  readonly owner: Owner
  /** Words that what is said of it has to hold, where the cause does not say all. */
  readonly says?: string
}

/** Flows that the same fault rightly breaks too; what is left out stands for every flow that this machine opens. */
export interface Consequence {
  readonly flow?: string
  readonly target?: string
  readonly transport?: 'tcp' | 'udp'
  readonly verdict: VerdictKind
  readonly cause: CauseCode
}

/**
 * What a machine must have for a fault to be shown on it. `linux-loopback`: every address of 127.0.0.0/8 is this
 * machine's own without being set up (Linux and Windows; not macOS). `accept-queue`: SYNs to a listener whose queue is
 * full are dropped (Linux and macOS; Windows refuses them).
 */
export type FaultNeed = 'linux-loopback' | 'accept-queue'

/** One thing that is other than usual in the small network, and how to see that it is in place. */
export interface Alteration<Id extends string = string> {
  readonly id: Id
  readonly title: string
  /** What is broken or odd, in words, as someone would tell it who knows. */
  readonly breaks: string
  readonly needs?: FaultNeed
  /** What a check has to ask besides what it asks by itself, so that this shows: `postern check --posture`. */
  readonly asks?: 'posture'
  /** Findings that it rightly leads to although every flow works; absent: none. */
  readonly finds?: readonly string[]
  /** How the site file describes the site while this is in place; default: as always. */
  site?(site: Site, network: Network): Site
  inject(network: Network): Promise<Undo> | Undo
  /** What a plain client meets when it is in place, and one that asks. */
  readonly shows: string
  control(network: Network): Promise<string>
}

/** One thing that is broken, and what it does to whom. */
export interface Fault<Id extends string = string> extends Alteration<Id> {
  readonly expect: Expectation
  readonly consequences: readonly Consequence[]
}

/** One thing that is odd and breaks nothing. */
export interface Oddity<Id extends string = string> extends Alteration<Id> {
  /** The host that has to look; default: the lab's own vantage. */
  readonly from?: string
}

/** Keeps the id of a row as a literal, so that the ids of all rows make a type. */
export function fault<const Id extends string>(row: Fault<Id>): Fault<Id> {
  return row
}

/** The same for what is odd and breaks nothing: no flow may be accused for it. */
export function oddity<const Id extends string>(row: Oddity<Id>): Oddity<Id> {
  return row
}
