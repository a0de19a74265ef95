import type { JudgementContext } from '../../model/report.ts'
import type { Gap, Mark } from '../../model/sample.ts'
import type { HistoryStore, KeptFailure } from '../../store/history/historyStore.ts'
import type { Seen } from './sampleOf.ts'

/** What became of the history: told once when it changes, and not at every write. */
export type RecorderNews =
  | { readonly kind: 'cannot-write'; readonly why: string }
  | { readonly kind: 'writes-again'; readonly lostLooks: number }

/** A fault that lasts is kept whole so often, in milliseconds: thousands of looks that say the same teach nothing. */
const wholeEveryMs = 15 * 60_000
/** Looks that wait for a store that hangs; more are lost and counted. */
const mostWaiting = 100_000

interface Waiting {
  readonly seen: Seen[]
  readonly failures: KeptFailure[]
  readonly marks: Mark[]
  readonly gaps: Gap[]
}

/** What of a failure was kept last. */
interface KeptWhole {
  readonly at: number
  readonly verdict: string
}

/** Takes what was seen, and writes it into the history in batches, one after another. */
export class Recorder {
  readonly #store: Pick<HistoryStore, 'write'>
  readonly #onNews: (news: RecorderNews) => void
  readonly #kept = new Map<string, KeptWhole>()
  #waiting: Waiting = nothing()
  #writing: Promise<void> | undefined
  #lost = 0
  #isBroken = false

  constructor(store: Pick<HistoryStore, 'write'>, onNews: (news: RecorderNews) => void) {
    this.#store = store
    this.#onNews = onNews
  }

  /**
   * @param isTelling whether this look says something new of a failure, so that it is kept whole; one that lasts is kept
   *   whole four times an hour, and when it has another cause
   */
  look(seen: Seen, { judgedAt: _, ...context }: JudgementContext, isTelling: boolean): void {
    const { sample, report } = seen
    if (this.#waiting.seen.length >= mostWaiting) {
      this.#lost += 1
      return
    }
    this.#waiting.seen.push(seen)
    if (sample.isWell) {
      this.#kept.delete(sample.key)
      return
    }
    const verdict = `${sample.verdict} ${sample.cause ?? ''}`
    const before = this.#kept.get(sample.key)
    const isDue = before === undefined || before.verdict !== verdict || sample.at - before.at >= wholeEveryMs
    if (!isDue && !isTelling) return
    this.#kept.set(sample.key, { at: sample.at, verdict })
    this.#waiting.failures.push({ key: sample.key, at: sample.at, report, context: { ...context } })
  }

  mark(mark: Mark): void {
    this.#waiting.marks.push(mark)
  }

  gap(gap: Gap): void {
    this.#waiting.gaps.push(gap)
  }

  /** Begins to write what waits; resolves once all of it is written, or lost and told. */
  async flush(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing
    const { seen, failures, marks, gaps } = this.#waiting
    if (seen.length + marks.length + gaps.length === 0) return
    this.#waiting = nothing()
    this.#writing = this.#write(seen, failures, marks, gaps).finally(() => {
      this.#writing = undefined
    })
    await this.#writing
  }

  async #write(seen: Waiting['seen'], failures: Waiting['failures'], marks: Mark[], gaps: Gap[]): Promise<void> {
    try {
      await this.#store.write({
        ...(seen.length > 0 && {
          samples: seen.map(({ sample }) => sample),
          readings: seen.flatMap(({ readings }) => readings),
        }),
        ...(failures.length > 0 && { failures }),
        ...(marks.length > 0 && { marks }),
        ...(gaps.length > 0 && { gaps }),
      })
    } catch (error) {
      this.#lost += seen.length
      // Their reports are not kept, so the next look at them is.
      for (const { key } of failures) this.#kept.delete(key)
      // Few, and of other people's making: they wait for a disk that has room again.
      this.#waiting.marks.unshift(...marks)
      this.#waiting.gaps.unshift(...gaps)
      if (!this.#isBroken)
        this.#onNews({ kind: 'cannot-write', why: error instanceof Error ? error.message : 'unknown' })
      this.#isBroken = true
      return
    }
    if (!this.#isBroken) return
    this.#isBroken = false
    this.#onNews({ kind: 'writes-again', lostLooks: this.#lost })
    this.#lost = 0
  }
}

function nothing(): Waiting {
  return { seen: [], failures: [], marks: [], gaps: [] }
}
