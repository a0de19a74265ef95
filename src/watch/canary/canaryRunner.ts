import type { Reading } from '../../model/series.ts'
import { baselineOf, robustZ, timeLineOf, zoneClock } from '../../series/index.ts'
import type { HistoryStore } from '../../store/history/historyStore.ts'
import type { ConfirmedNews, Told } from '../news.ts'
import { NewsQueue } from '../newsQueue.ts'
import { Schedule } from '../schedule/index.ts'
import { toldOf } from '../signIn/toldFailures.ts'
import type { CanaryLook, CanaryOutcome } from './canaryLook.ts'
import { lookAtCanary } from './canaryLook.ts'
import type { CanaryMeans } from './canaryMeans.ts'
import { canarySubject } from './canaryMeans.ts'
import { canaryTargets } from './readTarget.ts'

export type CanaryEvent =
  | { readonly kind: 'arrived'; readonly lagMs: number }
  /** Nothing was changed this time, or nothing is known of it. */
  | { readonly kind: 'not-done'; readonly says: string }
  | { readonly kind: 'not-back'; readonly says: string }
  | { readonly kind: 'news'; readonly news: ConfirmedNews }
  | { readonly kind: 'trouble'; readonly why: string }

export interface CanaryRunnerParts {
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  readonly random: () => number
  readonly store: Pick<HistoryStore, 'write' | 'word' | 'keepWord' | 'readings'>
  readonly onNews: (news: readonly ConfirmedNews[]) => Promise<void>
  readonly onEvent: (event: CanaryEvent) => void
  /** IANA name, by whose clock hours are usual. */
  readonly zone: string
  /** What was late before this process began: `canary:hq`. */
  readonly late?: string
}

const beatMs = 1000
const journalWord = 'canary.under-way'
const weeksMs = 8 * 7 * 86_400_000
const mostReadings = 20_000
/** Above it a value is far out. */
const farOut = 3.5
/** So many in a row leave the normal range before that counts: one may have missed its cycle. */
const confirmed = 2

/** Lets one canary after another out, and says when one is late. Never two at once. */
export class CanaryRunner {
  readonly #parts: CanaryRunnerParts
  readonly #schedule: Schedule
  readonly #news: NewsQueue
  #means: CanaryMeans | undefined
  /** The subject that is late. */
  #late: string | undefined
  /** Those in a row that were slower than is normal. */
  #slow: { readonly since: number; readonly count: number } | undefined
  #look: Promise<void> | undefined
  #isUnderWay = false

  constructor(means: CanaryMeans | undefined, parts: CanaryRunnerParts) {
    this.#parts = parts
    this.#late = parts.late
    this.#schedule = new Schedule({ seed: parts.store.word('watch.seed') ?? '', concurrency: 1, random: parts.random })
    this.#news = new NewsQueue(parts.onNews, (why) => parts.onEvent({ kind: 'trouble', why }))
    this.reload(means)
  }

  /** Another site file; one that is under way ends as it began. */
  reload(means: CanaryMeans | undefined): void {
    this.#means = means
    const now = this.#parts.now()
    const targets =
      means === undefined
        ? []
        : [{ key: canarySubject(means.site), to: means.site, everyMs: means.canary.everySeconds * 1000, flows: [] }]
    this.#schedule.set(targets, now)
    const late = this.#late
    if (late === undefined || (means !== undefined && canarySubject(means.site) === late)) return
    this.#late = undefined
    this.#news.push([{ kind: 'unwatched', subject: late, at: now }])
  }

  /** Until the signal aborts; what was changed is put back by then, or told. */
  async run(signal: AbortSignal): Promise<void> {
    const { now, pause } = this.#parts
    while (!signal.aborted) {
      const { take } = this.#schedule.due(now())
      for (const target of take) {
        this.#look = this.once(signal).finally(() => this.#schedule.ended(target))
      }
      void this.#news.hand()
      await pause(beatMs, signal)
    }
    await this.#look
    await this.#news.hand()
  }

  /** One canary, at once; while another is out, nothing. */
  async once(signal: AbortSignal): Promise<void> {
    const means = this.#means
    if (means === undefined) return
    const { onEvent, store, now, pause, random } = this.#parts
    if (this.#isUnderWay) {
      onEvent({ kind: 'not-done', says: 'another canary is still out: nothing is changed' })
      return
    }
    this.#isUnderWay = true
    try {
      const journal = {
        read: () => store.word(journalWord),
        write: (text: string) => store.keepWord(journalWord, text),
      }
      const read = canaryTargets[means.canary.target.kind](means)
      const look = await lookAtCanary(means, read, { now, pause, random, journal }, signal)
      if (look.notBack !== undefined) onEvent({ kind: 'not-back', says: look.notBack })
      await this.#keep(means, look)
    } catch (error) {
      if (!signal.aborted) onEvent({ kind: 'trouble', why: error instanceof Error ? error.message : 'unknown' })
    } finally {
      this.#isUnderWay = false
    }
    await this.#news.hand()
  }

  async #keep({ site }: CanaryMeans, { at, outcome }: CanaryLook): Promise<void> {
    const { onEvent, store } = this.#parts
    const subject = canarySubject(site)
    const told = outcome.kind === 'arrived' ? this.#weigh(subject, at, outcome) : faultOf(outcome)
    if (outcome.kind === 'refused') onEvent({ kind: 'not-done', says: outcome.says })
    if (outcome.kind === 'arrived') {
      onEvent({ kind: 'arrived', lagMs: outcome.lagMs })
      const reading: Reading = { subject, measure: 'sync-lag-ms', at, value: outcome.lagMs }
      await store.write({ readings: [reading] })
    }
    const of = { subject, title: `synchronisation of ${site}`, at: this.#parts.now() }
    if (told !== undefined && told !== 'wait') {
      const since = outcome.kind === 'arrived' ? (this.#slow?.since ?? at) : at
      const looks = outcome.kind === 'arrived' ? (this.#slow?.count ?? 1) : 1
      this.#late = subject
      this.#tell({ ...of, kind: 'canary-late', since, looks, told })
    } else if (told === undefined && outcome.kind === 'arrived' && this.#late !== undefined) {
      this.#late = undefined
      this.#tell({ ...of, kind: 'canary-back' })
    }
  }

  /** Against what is normal at this hour; while too little is known of that, every lag is. */
  #weigh(subject: string, at: number, { lagMs }: { readonly lagMs: number }): Told | 'wait' | undefined {
    const span = { from: at - weeksMs, to: at }
    const readings = this.#parts.store.readings(subject, 'sync-lag-ms', span, mostReadings)
    const line = timeLineOf(readings)
    const clock = zoneClock(this.#parts.zone)
    const level = clock === undefined ? undefined : baselineOf(line, at, clock).levelAt(at)
    if (level === undefined || robustZ(level, lagMs) <= farOut) {
      this.#slow = undefined
      return undefined
    }
    this.#slow = { since: this.#slow?.since ?? at, count: (this.#slow?.count ?? 0) + 1 }
    if (this.#slow.count < confirmed) return 'wait'
    const says = `changes take ${seconds(lagMs)} to arrive, ${seconds(level.median)} is usual at this hour`
    return toldOf('sync-lag', says, { confidence: 'likely' })
  }

  #tell(news: ConfirmedNews): void {
    this.#news.push([news])
    this.#parts.onEvent({ kind: 'news', news })
  }
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`

function faultOf(outcome: Exclude<CanaryOutcome, { kind: 'arrived' }>): Told | undefined {
  return outcome.kind === 'not-there' || outcome.kind === 'failed' ? outcome.told : undefined
}
