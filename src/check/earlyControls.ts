import type { Observation } from '../model/observation.ts'
import type { Limits } from '../net/net.ts'
import type { Question } from '../probes/probe.ts'
import type { Item } from './items.ts'
import type { Symptom } from './symptomOf.ts'
import { endedInSilence, symptomOf, symptomOfSilence } from './symptomOf.ts'

/** What comparing early needs of the check. */
export interface EarlyTools {
  /** The limits of the check's own questions. */
  readonly limits: Limits
  /** How long a refusal takes to be believed here: {@link silentAfter}. */
  readonly refusalMs?: number | undefined
  /** How many flows are to be expected. */
  readonly flows: number
  /** Items that would be compared with the same have the same key. */
  readonly keyOf: (item: Item) => string
  /** Asks what a symptom is compared with, in view of what has been seen so far, and within limits of its own. */
  readonly ask: (item: Item, question: Question, symptom: Symptom, limits: Limits) => Promise<readonly Observation[]>
}

/**
 * When a question counts as silent for now: after half of its wait, and sooner where what it is compared with would else
 * be left less than it needs. In milliseconds; undefined where the wait is too short, so that comparing follows it.
 *
 * What is compared with needs the time in which a lost segment is sent again, or a host would be called silent for one
 * SYN that was lost. The question itself does not: an answer that comes after all costs comparisons that nobody uses. But
 * its datagram has been repeated by then, which its probe does after a third.
 *
 * @param refusalMs how long a refusal takes to be believed: with less than that left, what is compared with would be called
 *   silent where it refuses, and before it every refusal would be compared as silence first
 */
export function silentAfter(timeoutMs: number, refusalMs = 0): number | undefined {
  const afterMs = Math.min(timeoutMs / 2, timeoutMs - Math.max(firstRepeatMs, refusalMs))
  return afterMs < Math.max(timeoutMs / 3, refusalMs) ? undefined : afterMs
}

/** By when a lost SYN has been sent again, and answered (RFC 6298 §2.1: after a second). */
const firstRepeatMs = 1200

/** What was asked early, whether it compares silence, and how it is ended. */
interface Made {
  readonly ofSilence: boolean
  readonly seen: Promise<readonly Observation[]>
  readonly stop: AbortController
}

/**
 * Compares while there is still somebody waiting in vain, in what is left of that wait: where everything is silent, a
 * check takes one wait and not two. A silent question is compared as such as soon as it is silent, and what failed before
 * is compared once nothing but silence is left to be waited for. Should an answer come after all, nothing of what a silent
 * question was compared with is used.
 */
export class EarlyControls {
  readonly #tools: EarlyTools
  /** What is asked early ends when the question does that is waited for. */
  readonly limits: Limits
  readonly #made = new Map<string, Made>()
  readonly #awaited = new Set<Item>()
  readonly #failed: {
    readonly item: Item
    readonly question: Question
    readonly observations: readonly Observation[]
  }[] = []
  #unresolved: number
  #anySilent = false

  constructor(tools: EarlyTools) {
    const { limits, flows, refusalMs } = tools
    this.#tools = tools
    this.#unresolved = flows
    limits.signal.addEventListener('abort', () => this.end(), { once: true })
    this.limits = { ...limits, timeoutMs: limits.timeoutMs - (silentAfter(limits.timeoutMs, refusalMs) ?? 0) }
  }

  /** One more of the flows is resolved to these items. */
  resolved(items: readonly Item[]): void {
    this.#unresolved -= 1
    for (const item of items) this.#awaited.add(item)
  }

  /** Nothing has come back for the question of an item yet. */
  silent(item: Item, question: Question): void {
    this.#awaited.delete(item)
    this.#anySilent = true
    this.#ask(item, question, symptomOfSilence(question, item.names), true)
    this.#compareFailed()
  }

  /**
   * An item has come to its first verdict.
   *
   * @param observations what was seen of its question; nothing where none was put
   * @param isCompared it failed, and is to be compared
   */
  ended(item: Item, observations: readonly Observation[] = [], isCompared = false): void {
    const wasAwaited = this.#awaited.delete(item)
    const { question } = item
    if (wasAwaited && isCompared && question !== undefined) this.#failed.push({ item, question, observations })
    const made = observations.length === 0 ? undefined : this.#made.get(this.#tools.keyOf(item))
    if (made?.ofSilence === true && !endedInSilence(observations)) made.stop.abort()
    this.#compareFailed()
  }

  /** What an item was compared with early, where that still fits what it came to. */
  of(item: Item, observations: readonly Observation[]): Promise<readonly Observation[]> | undefined {
    const made = this.#made.get(this.#tools.keyOf(item))
    return made === undefined || (made.ofSilence && !endedInSilence(observations)) ? undefined : made.seen
  }

  /** Nothing of what is still asked is waited for any more. */
  end(): void {
    for (const { stop } of this.#made.values()) stop.abort()
  }

  #compareFailed(): void {
    if (!this.#anySilent || this.#unresolved > 0 || this.#awaited.size > 0) return
    for (const { item, question, observations } of this.#failed.splice(0)) {
      this.#ask(item, question, symptomOf([...item.names, ...observations], question.address), false)
    }
  }

  #ask(item: Item, question: Question, symptom: Symptom, ofSilence: boolean): void {
    const key = this.#tools.keyOf(item)
    if (item.flow.expect !== 'open' || this.limits.signal.aborted || this.#made.has(key)) return
    const stop = new AbortController()
    const seen = this.#tools.ask(item, question, symptom, { ...this.limits, signal: stop.signal })
    // Whoever wants it hears of a failure; where nobody does, it is nobody's.
    seen.catch(() => {})
    this.#made.set(key, { ofSilence, seen, stop })
  }
}
