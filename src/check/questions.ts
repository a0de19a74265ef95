import type { LimitFunction } from 'p-limit'
import pLimit from 'p-limit'
import type { Observation } from '../model/observation.ts'
import type { Scheme } from '../model/service.ts'
import type { Limits, Net } from '../net/net.ts'
import { heldConnections, observeHeld } from '../probes/held.ts'
import { probes } from '../probes/index.ts'
import { observePosture } from '../probes/posture.ts'
import type { Keep, Probe, Question } from '../probes/probe.ts'
import type { Ledger } from './ledger.ts'
import { questionKey } from './questionOf.ts'
import type { Sayings } from './sayings.ts'
import type { Asked } from './surroundings.ts'
import { withinEach } from './within.ts'

/** What the questions of one check are put with. */
export interface QuestionTools {
  readonly net: Net
  readonly ledger: Ledger
  readonly limits: Limits
  readonly sayings: Sayings
  /** Bounds what is under way at once. */
  readonly queue: LimitFunction
  /** The longest that one question may take over all of its waits, in milliseconds. */
  readonly questionBudgetMs: number
  /** How long a question waits without a sign until that is told, in milliseconds; absent: it is not. */
  readonly silentAfterMs?: number | undefined
  /** Whether what works is asked for its posture as well. */
  readonly posture: boolean
  /** The longest that connections are held without a word, in milliseconds; absent: none is. */
  readonly idleMs?: number | undefined
}

/** Places at which connections are held at once, which leaves room below the usual 1024 descriptors. */
export const mostHeld = Math.floor(832 / heldConnections)

/** Whether a question waits in vain, and who wants to know. */
interface Told {
  isSilent: boolean
  readonly whenSilent: (() => void)[]
}

/** A question that was asked, with what has been seen of it so far, and all that will be. */
interface UnderWay extends Asked, Told {
  readonly made: Promise<Asked>
}

/** The questions of one check: each is put once, however many flows need its answer. */
export class Questions {
  readonly #tools: QuestionTools
  readonly #asked = new Map<string, UnderWay>()
  readonly #probes = new Map<Scheme, Promise<Probe>>()
  readonly #within: ReturnType<typeof withinEach>
  /** Who holds connections does nothing else, and keeps nobody from asking. */
  readonly #holds = pLimit(mostHeld)

  constructor(tools: QuestionTools) {
    this.#tools = tools
    this.#within = withinEach(tools.limits.signal)
  }

  /** Loads probes before they are needed; one that cannot be loaded says so when its question is put. */
  async load(wanted: readonly Scheme[]): Promise<void> {
    await Promise.allSettled(wanted.map((scheme) => this.#probe(scheme)))
  }

  /** @param whenSilent called once where the question has waited for a while, and nothing has come back yet */
  ask(question: Question, whenSilent?: () => void): Promise<Asked> {
    const key = questionKey(question)
    const known = this.#asked.get(key)
    if (known !== undefined) {
      if (known.isSilent) whenSilent?.()
      else if (whenSilent !== undefined) known.whenSilent.push(whenSilent)
      return known.made
    }
    const observations: Observation[] = []
    const told: Told = { isSilent: false, whenSilent: whenSilent === undefined ? [] : [whenSilent] }
    const made = this.#observe(question, observations, told)
    this.#asked.set(key, Object.assign(told, { question, observations, made }))
    return made
  }

  /** Every question that was asked, with what has been seen of it so far. */
  soFar(): readonly Asked[] {
    return [...this.#asked.values()]
  }

  /** A probe that throws has met what its author did not foresee: this question is lost, and no other. */
  async guarded(keep: Keep, what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      keep(this.#tools.sayings.fault(what, error))
    }
  }

  async #observe(question: Question, observations: Observation[], told: Told): Promise<Asked> {
    const { net, ledger, limits, sayings, queue, questionBudgetMs, posture, idleMs } = this.#tools
    const keep = ledger.page(observations, 'probe')
    const { signal, timeoutMs } = limits
    await queue(async () => {
      if (signal.aborted) return
      await this.guarded(keep, `${question.scheme} probe`, async () => {
        const probe = await this.#probe(question.scheme)
        await this.#within(questionBudgetMs, async (budget) => {
          const stopWaiting = this.#tellSilence(observations, told)
          await probe.observe(question, net, keep, { signal: budget, timeoutMs }).finally(stopWaiting)
          if (posture && observations.some(isEstablished)) {
            await observePosture(question, net, keep, { signal: budget, timeoutMs })
          }
          const isCut = observations.some((seen) => 'outcome' in seen && seen.outcome === 'aborted')
          if (isCut && !signal.aborted) keep(sayings.budgetSpent())
        })
      })
    })
    if (idleMs !== undefined && stands(question, observations)) {
      await this.#holds(async () => {
        if (signal.aborted) return
        await this.guarded(keep, 'hold', () => observeHeld(question, net, keep, limits, idleMs))
      })
    }
    if (signal.aborted && !observations.some(({ kind }) => kind !== 'tool-limit')) {
      keep(sayings.stopped())
    }
    return { question, observations }
  }

  /** @returns ends the watch for silence: whoever asks for the same from then on is not told of it */
  #tellSilence(observations: readonly Observation[], told: Told): () => void {
    const { silentAfterMs } = this.#tools
    if (silentAfterMs === undefined) return () => {}
    const timer = setTimeout(() => {
      if (observations.length > 0) return
      told.isSilent = true
      for (const act of told.whenSilent) act()
    }, silentAfterMs)
    return () => {
      clearTimeout(timer)
      told.isSilent = false
      told.whenSilent.length = 0
    }
  }

  #probe(scheme: Scheme): Promise<Probe> {
    const known = this.#probes.get(scheme)
    if (known !== undefined) return known
    const loading = (probes[scheme] ?? probes.tcp).load()
    this.#probes.set(scheme, loading)
    return loading
  }
}

/** Whether a straight connection of the question came about, so that another one can be held. */
function stands({ via, transport }: Question, observations: readonly Observation[]): boolean {
  if (via !== undefined || transport !== 'tcp') return false
  return observations.some((seen) => seen.kind === 'tcp-connect' && seen.outcome === 'connected')
}

function isEstablished(seen: Observation): boolean {
  return seen.kind === 'tls-handshake' && seen.role === 'probe' && seen.outcome === 'established'
}
