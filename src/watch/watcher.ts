import type { Flow } from '../model/flow.ts'
import { flowKey } from '../model/flow.ts'
import type { CheckReport } from '../model/report.ts'
import type { Gap, Mark } from '../model/sample.ts'
import type { MaintenanceWindow, WatchSettings } from '../model/watch.ts'
import type { HistoryStore } from '../store/history/historyStore.ts'
import type { KnownFailure } from './flowStates.ts'
import { FlowStates } from './flowStates.ts'
import type { ConfirmedNews } from './news.ts'
import { NewsQueue } from './newsQueue.ts'
import type { Seen } from './record/index.ts'
import { PlannedKeys, Recorder, seenOf, worseOf } from './record/index.ts'
import type { PulseClock, Target } from './schedule/index.ts'
import { openWindows, Pulse, Schedule, targetsOf } from './schedule/index.ts'
import type { WatchEvent } from './watchEvent.ts'

/** What is watched, and how it is looked at. */
export interface Watched {
  /** Flows of this vantage that can be asked. */
  readonly flows: readonly Flow[]
  readonly settings: WatchSettings
  /** Looks at flows once. `onSettled` is told of each as soon as it is known. */
  readonly look: (
    flows: readonly Flow[],
    options: { readonly signal: AbortSignal; readonly onSettled: () => void },
  ) => Promise<CheckReport>
}

export interface WatcherParts {
  readonly clock: PulseClock
  /** Resolves after so many milliseconds, or as soon as the signal aborts. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  /** From 0 to below 1. */
  readonly random: () => number
  readonly store: HistoryStore
  /** Resolves when the news would outlive this process; they come again, in their order, until it does. */
  readonly onNews: (news: readonly ConfirmedNews[]) => Promise<void>
  readonly onEvent: (event: WatchEvent) => void
  /** Everything that was seen, as it comes. */
  readonly onSeen?: (seen: readonly Seen[]) => void
  /** Failures that were told before this process began, by the keys of their flows. */
  readonly known?: ReadonlyMap<string, KnownFailure>
}

/** Of the looks, for metrics. */
export interface WatcherCounts {
  readonly targets: number
  readonly flows: number
  readonly looks: number
  readonly failedLooks: number
  readonly skippedSlots: number
  readonly underWay: number
  readonly suspected: number
  readonly bad: number
}

const beatMs = 1000
/** How often it is written that this process runs, in milliseconds: so long a gap may begin too early. */
const seenEveryMs = 10_000
const tidyEveryMs = 3_600_000
const skippedEveryMs = 60_000
/** In which the further looks at a failure begin, in milliseconds. */
const confirmWithinMs = 8000

/** Words of the history: see {@link HistoryStore.word}. */
const words = { seed: 'watch.seed', seen: 'watch.seen', windows: 'watch.windows' } as const

/**
 * Looks at flows again and again, keeps what is seen, and says what is sure. It has no clock, socket or file of its own.
 */
export class Watcher {
  readonly #parts: WatcherParts
  readonly #schedule: Schedule
  readonly #recorder: Recorder
  readonly #states: FlowStates
  readonly #news: NewsQueue
  readonly #looks = new Set<Promise<void>>()
  readonly #skipped = new Map<string, number>()
  readonly #counts = { looks: 0, failedLooks: 0, skippedSlots: 0 }
  #watched: Watched
  #keys: PlannedKeys
  #targets: readonly Target[] = []
  #open: readonly MaintenanceWindow[] = []
  /** The minute since 1970 that {@link #open} is of. */
  #windowsOf: number | undefined
  /** From the end of the process before to the begin of this one. */
  readonly #missed: Gap | undefined
  /** Counts gaps: of a look that one fell into nothing is believed. */
  #epoch = 0

  constructor(watched: Watched, parts: WatcherParts) {
    this.#watched = watched
    this.#parts = parts
    const { store, onEvent } = parts
    const seed = store.word(words.seed) ?? String(parts.random()).slice(2)
    this.#schedule = new Schedule({ seed, concurrency: watched.settings.concurrency, random: parts.random })
    this.#recorder = new Recorder(store, (news) => onEvent({ kind: 'history', news }))
    this.#states = new FlowStates(parts.known ?? new Map())
    this.#news = new NewsQueue(parts.onNews, (why) => onEvent({ kind: 'cannot-tell', why }))
    this.#keys = new PlannedKeys(watched.flows)
    this.#keepWord(words.seed, seed)
    this.#missed = gapSince(store, parts.clock.now())
    if (this.#missed !== undefined) this.#recorder.gap(this.#missed)
    this.#keepWord(words.seen, String(parts.clock.now()))
    this.#open = this.#openBefore(store.word(words.windows))
    this.#take(watched)
  }

  get counts(): WatcherCounts {
    return {
      targets: this.#targets.length,
      flows: this.#watched.flows.length,
      ...this.#counts,
      underWay: this.#schedule.underWay,
      ...this.#states.counts,
    }
  }

  /** Windows of maintenance that are open. */
  get windows(): readonly MaintenanceWindow[] {
    return this.#open
  }

  /** Watches until the signal aborts, and ends when everything is written. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, pause } = this.#parts
    const pulse = new Pulse(clock)
    if (this.#missed !== undefined) this.#parts.onEvent({ kind: 'gap', gap: this.#missed })
    const every = { seen: clock.monotonicMs(), tidy: clock.monotonicMs(), skipped: clock.monotonicMs() }
    while (!signal.aborted) {
      this.#beat(signal)
      const monotonicMs = clock.monotonicMs()
      if (monotonicMs - every.seen >= seenEveryMs) {
        every.seen = monotonicMs
        this.#keepWord(words.seen, String(clock.now()))
      }
      if (monotonicMs - every.skipped >= skippedEveryMs) {
        every.skipped = monotonicMs
        this.#tellSkipped()
      }
      if (monotonicMs - every.tidy >= tidyEveryMs) {
        every.tidy = monotonicMs
        void this.#tidy(signal)
      }
      const ms = beatMs - (clock.now() % beatMs) + 5
      await pause(ms, signal)
      const gap = pulse.beat(ms)
      if (gap !== undefined && !signal.aborted) this.#fell(gap)
    }
    await Promise.all(this.#looks)
    await this.#news.hand()
    await this.#recorder.flush()
    await this.#parts.store.keepWord(words.seen, String(clock.now())).catch(() => {})
  }

  /** Another site file: what stays keeps its place and its state. */
  reload(watched: Watched): void {
    this.#watched = watched
    this.#keys = new PlannedKeys(watched.flows)
    this.#windowsOf = undefined
    this.#take(watched)
  }

  /** Looks at flows before their turn, with what stands beside them; no later than a look would be repeated. */
  callSoon(keys: readonly string[]): void {
    const wanted = new Set(keys)
    const now = this.#parts.clock.now()
    for (const { key, flows } of this.#targets) {
      if (flows.some((flow) => wanted.has(flowKey(flow)))) this.#schedule.callAgain(key, now + beatMs, now)
    }
  }

  /** Sets something that people did into the time line. */
  mark(mark: Mark): void {
    this.#recorder.mark(mark)
  }

  #take({ flows, settings }: Watched): void {
    const now = this.#parts.clock.now()
    this.#targets = targetsOf(flows, settings)
    this.#schedule.set(this.#targets, now, settings.concurrency)
    this.#news.push(this.#states.keepOnly(new Set(flows.map(flowKey)), now))
  }

  #beat(signal: AbortSignal): void {
    const now = this.#parts.clock.now()
    this.#lookAtWindows(now)
    const { take, skipped } = this.#schedule.due(now)
    for (const { to } of skipped) this.#skipped.set(to, (this.#skipped.get(to) ?? 0) + 1)
    this.#counts.skippedSlots += skipped.length
    // What is slow to fail is looked at by itself, so that nothing that is well waits for it.
    const isWell = (target: Target): boolean => target.flows.every((flow) => this.#states.isWell(flow))
    const together = take.filter(isWell)
    const batches = [
      ...(together.length > 0 ? [together] : []),
      ...take.filter((one) => !isWell(one)).map((one) => [one]),
    ]
    for (const batch of batches) {
      const look = this.#lookAt(batch, signal).finally(() => this.#looks.delete(look))
      this.#looks.add(look)
    }
    void this.#news.hand()
    void this.#recorder.flush()
  }

  async #lookAt(targets: readonly Target[], signal: AbortSignal): Promise<void> {
    const epoch = this.#epoch
    const flows = targets.flatMap((target) => target.flows)
    let left = flows.length
    const onSettled = (): void => {
      if (left === 0) return
      left -= 1
      this.#schedule.settled(1)
    }
    const end = (): void => {
      this.#schedule.settled(left)
      left = 0
      for (const target of targets) this.#schedule.ended(target)
    }
    try {
      const report = await this.#watched.look(flows, { signal, onSettled }).finally(end)
      if (!signal.aborted && epoch === this.#epoch) this.#weigh(report, targets)
    } catch (error) {
      const why = error instanceof Error ? error.message : 'unknown'
      if (!signal.aborted) this.#parts.onEvent({ kind: 'look-failed', why })
    }
  }

  #weigh(report: CheckReport, targets: readonly Target[]): void {
    const startedAt = Date.parse(report.startedAt)
    const byKey = new Map<string, Seen>()
    for (const flow of report.flows) {
      const key = this.#keys.of(flow)
      const seen = key === undefined ? undefined : seenOf(key, flow, startedAt)
      if (key === undefined || seen === undefined) continue
      const other = byKey.get(key)
      byKey.set(key, other === undefined ? seen : worseOf(other, seen))
    }
    const { confirmations } = this.#watched.settings
    const again = new Set<string>()
    this.#parts.onSeen?.([...byKey.values()])
    for (const [key, seen] of byKey) {
      const { asksAgain, isFirst, news } = this.#states.weigh(seen, confirmations)
      this.#counts.looks += 1
      if (!seen.sample.isWell) this.#counts.failedLooks += 1
      this.#recorder.look(seen, report.context, asksAgain || news !== undefined)
      if (asksAgain) again.add(seen.report.to)
      if (asksAgain && isFirst) {
        this.#parts.onEvent({ kind: 'failing', key, at: seen.sample.at, report: seen.report })
      }
      if (news === undefined) continue
      this.#news.push([news])
      this.#parts.onEvent({ kind: 'news', news })
    }
    const now = this.#parts.clock.now()
    for (const { key, to } of targets) {
      if (again.has(to)) this.#schedule.callAgain(key, now + confirmWithinMs / Math.max(1, confirmations), now)
    }
    void this.#news.hand()
  }

  /** Time did not pass as it should: what was under way says nothing, and nothing is made up for. */
  #fell(gap: Gap): void {
    this.#epoch += 1
    this.#recorder.gap(gap)
    this.#schedule.restart(this.#parts.clock.now())
    this.#parts.onEvent({ kind: 'gap', gap })
  }

  #openBefore(text: string | undefined): readonly MaintenanceWindow[] {
    const names = (text ?? '').split('\n')
    return this.#watched.settings.maintenance.filter(({ name }) => names.includes(name))
  }

  #lookAtWindows(now: number): void {
    // They begin and end with a minute, and to read the clocks of zones takes time.
    const minute = Math.floor(now / 60_000)
    if (minute === this.#windowsOf) return
    this.#windowsOf = minute
    const open = openWindows(this.#watched.settings.maintenance, now)
    const tell = (window: MaintenanceWindow, kind: 'start' | 'end'): void => {
      this.#recorder.mark({ at: now, kind: `maintenance-${kind}`, name: window.name })
      this.#parts.onEvent({ kind: kind === 'start' ? 'window-opened' : 'window-closed', window })
    }
    const isIn = (windows: readonly MaintenanceWindow[], { name }: MaintenanceWindow): boolean =>
      windows.some((other) => other.name === name)
    const begun = open.filter((window) => !isIn(this.#open, window))
    const over = this.#open.filter((window) => !isIn(open, window))
    for (const window of begun) tell(window, 'start')
    for (const window of over) tell(window, 'end')
    this.#open = open
    if (begun.length + over.length > 0) this.#keepWord(words.windows, open.map(({ name }) => name).join('\n'))
  }

  #tellSkipped(): void {
    const slots = [...this.#skipped.values()].reduce((sum, count) => sum + count, 0)
    if (slots > 0) this.#parts.onEvent({ kind: 'skipped', slots, to: [...this.#skipped.keys()] })
    this.#skipped.clear()
  }

  async #tidy(signal: AbortSignal): Promise<void> {
    try {
      const { removed } = await this.#parts.store.tidy(this.#parts.clock.now(), signal)
      if (removed > 0) this.#parts.onEvent({ kind: 'tidied', removed })
    } catch (error) {
      if (signal.aborted) return
      this.#parts.onEvent({ kind: 'cannot-tidy', why: error instanceof Error ? error.message : 'unknown' })
    }
  }

  /** A word that cannot be written is one of the next minute: that the disk is full is told by what is seen. */
  #keepWord(name: string, text: string): void {
    this.#parts.store.keepWord(name, text).catch(() => {})
  }
}

/** What lies between the last sign of life of the process before and now. */
function gapSince(store: Pick<HistoryStore, 'word' | 'latest'>, now: number): Gap | undefined {
  const text = store.word(words.seen)
  const word = Number(text)
  if (text === undefined || !Number.isFinite(word)) return undefined
  // After a sudden end the newest look is nearer to it than the word.
  const seen = store.latest().reduce((newest, { at }) => Math.max(newest, at), word)
  return seen <= now ? { from: seen, to: now, why: 'not-running' } : { from: now, to: seen, why: 'clock-moved' }
}
