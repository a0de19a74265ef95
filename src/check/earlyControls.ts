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
 * When a question counts as silent for now: after half of its wait, and not before a lost segment or datagram would have
 * been sent again (RFC 6298 §2.1: after a second). In milliseconds; undefined where the wait is too short for that.
 *
 * @param refusalMs how long a refusal takes to be believed: with less than that left, what is compared with would be called
 *   silent where it refuses
 */
export function silentAfter(timeoutMs: number, refusalMs = 0): number | undefined {
  return timeoutMs < 2 * Math.max(firstRepeatMs, refusalMs) ? undefined : timeoutMs / 2
}

const firstRepeatMs = 1200

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
  readonly #made = new Map<string, { readonly ofSilence: boolean; readonly seen: Promise<readonly Observation[]> }>()
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
   * @param observations what was seen, where the item failed and is to be compared
   */
  ended(item: Item, observations?: readonly Observation[]): void {
    const wasAwaited = this.#awaited.delete(item)
    const { question } = item
    if (wasAwaited && observations !== undefined && question !== undefined) {
      this.#failed.push({ item, question, observations })
    }
    this.#compareFailed()
  }

  /** What an item was compared with early, where that still fits what it came to. */
  of(item: Item, observations: readonly Observation[]): Promise<readonly Observation[]> | undefined {
    const made = this.#made.get(this.#tools.keyOf(item))
    return made === undefined || (made.ofSilence && !endedInSilence(observations)) ? undefined : made.seen
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
    this.#made.set(key, { ofSilence, seen: this.#tools.ask(item, question, symptom, this.limits) })
  }
}
