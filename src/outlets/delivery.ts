import type { HistoryStore, Spooled } from '../store/history/historyStore.ts'
import { durationWords } from './alertWords.ts'
import { longestWaitMs } from './httpDelivery.ts'
import type { OpenOutlet } from './openOutlets.ts'
import type { Delivery, Told } from './outlet.ts'
import { setAside, takeBack } from './refusedThings.ts'
import { readTold } from './told.ts'

/** The queues, as the history keeps them. */
export type Spool = Pick<HistoryStore, 'due' | 'waiting' | 'sent' | 'postpone' | 'spool' | 'word' | 'keepWord'>

/** Something about an outlet that a person may want to know, said once until it changes. */
export interface OutletNews {
  readonly outlet: string
  /**
   * `failing`: things wait; `refusing`: they are set aside; `well`: neither any more; `lacks`: a part was not taken;
   * `spool`: the queue cannot be read, or what was sent not be noted.
   */
  readonly kind: 'failing' | 'refusing' | 'well' | 'lacks' | 'spool'
  readonly says: string
}

export interface DeliveryOptions {
  readonly outlets: readonly OpenOutlet[]
  readonly spool: Spool
  /** Wall clock, milliseconds since 1970. */
  readonly now: () => number
  /** From 0 up to 1, without 1. */
  readonly random: () => number
  /** Resolves after so many milliseconds, or at once when it is aborted. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
  readonly onNews: (news: OutletNews) => void
  /** Ends it; what was not taken stays in the spool. */
  readonly signal: AbortSignal
}

export interface DeliveryLoop {
  /** Looks at the queues now: something was put there. */
  wake(): void
  /** Puts what an outlet had refused into its queue again; how many things that were. */
  retryRefused(outlet: string): Promise<number>
  /** Resolves when it has ended. */
  readonly ended: Promise<void>
}

/** Between two looks at a queue that was empty and for which nobody woke it. In milliseconds. */
const lookMs = 5000
/** Before the second try, doubled with each further one up to the longest. */
const firstRetryMs = 2000
const longestRetryMs = 300_000
/** After several refusals in a row: a server is not asked ever faster for what it does not take. */
const longestRefusalMs = 60_000
/** What is given to an outlet beyond its own time-outs before it is cut: it may have two waits. */
const cutMs = (timeoutMs: number): number => 2 * timeoutMs + 1000

/** Brings what waits in the spool to the outlets: each by itself, in the order in which it was put there. */
export function deliver(options: DeliveryOptions): DeliveryLoop {
  const queues = options.outlets.map((outlet) => new Queue(outlet, options))
  return {
    wake() {
      for (const queue of queues) queue.wake()
    },
    async retryRefused(name) {
      const count = await takeBack(options.spool, name, options.now())
      queues.find(({ outlet }) => outlet.name === name)?.wake()
      return count
    },
    ended: Promise.all(queues.map((queue) => queue.run())).then(() => {}),
  }
}

/** What of a queue is sent in one go. */
interface Batch {
  readonly rows: readonly Spooled[]
  /** None: the row cannot be read. */
  readonly told: readonly Told[]
}

class Queue {
  readonly outlet: OpenOutlet
  readonly #options: DeliveryOptions
  #state: 'well' | 'failing' | 'refusing' = 'well'
  #failures = 0
  #refusals = 0
  #setAside = 0
  /** Up to this number things go one by one, since one of them was refused among others. */
  #aloneUpTo = -1
  #isRead = true
  #waking = new AbortController()

  constructor(outlet: OpenOutlet, options: DeliveryOptions) {
    this.outlet = outlet
    this.#options = options
  }

  wake(): void {
    this.#waking.abort()
  }

  async run(): Promise<void> {
    const { signal, now, wait } = this.#options
    while (!signal.aborted) {
      const [head, ...rest] = this.#queued()
      // A time far ahead was written under another clock.
      const leftMs = head === undefined ? lookMs : head.dueAt - now()
      if (head === undefined || (leftMs > 0 && leftMs <= longestWaitMs)) {
        await this.#pause(leftMs, head === undefined)
        continue
      }
      const batch = this.#batchOf(head, rest)
      const waitMs = await this.#bring(batch, head)
      if (waitMs > 0 && !signal.aborted) await wait(waitMs, signal)
    }
  }

  /** Oldest first, whether it is due or not: what came later does not overtake what has to be sent again. */
  #queued(): readonly Spooled[] {
    try {
      const rows = this.#options.spool.due(this.outlet.name, Number.MAX_SAFE_INTEGER, this.outlet.atOnce)
      this.#isRead = true
      return rows.toSorted((a, b) => a.number - b.number)
    } catch {
      if (this.#isRead) this.#tell('spool', 'its queue cannot be read; what waits there is not lost')
      this.#isRead = false
      return []
    }
  }

  async #pause(ms: number, canBeWoken: boolean): Promise<void> {
    const { signal, wait } = this.#options
    if (!canBeWoken) return wait(ms, signal)
    await wait(ms, AbortSignal.any([signal, this.#waking.signal]))
    if (this.#waking.signal.aborted) this.#waking = new AbortController()
  }

  #batchOf(head: Spooled, rest: readonly Spooled[]): Batch {
    const first = readTold(head.body)
    if (first === undefined) return { rows: [head], told: [] }
    if (first.kind === 'alert' || head.number <= this.#aloneUpTo) return { rows: [head], told: [first] }
    const rows = [head]
    const told = [first]
    for (const row of rest) {
      const next = readTold(row.body)
      if (next?.kind !== 'event') break
      rows.push(row)
      told.push(next)
    }
    return { rows, told }
  }

  /** Sends a batch and notes what became of it; how long is to be waited before the next. */
  async #bring({ rows, told }: Batch, head: Spooled): Promise<number> {
    const unread = { kind: 'refused', says: 'what waited cannot be read' } as const
    const delivery = told.length === 0 ? unread : await this.#send(told)
    if (this.#options.signal.aborted && delivery.kind === 'later') return 0
    switch (delivery.kind) {
      case 'taken':
        await this.#note(() => this.#options.spool.sent(rows.map(({ number }) => number)))
        this.#tellTaken(delivery)
        return 0
      case 'refused':
        if (rows.length === 1) return this.#refuse(head, delivery.says)
        this.#aloneUpTo = rows.at(-1)?.number ?? head.number
        return 0
      case 'later':
        return this.#postpone(head, delivery)
      default:
        return delivery satisfies never
    }
  }

  async #send(told: readonly Told[]): Promise<Delivery> {
    const { signal } = this.#options
    const { timeoutMs, send } = this.outlet
    const cut = new AbortController()
    const end = Promise.withResolvers<Delivery>()
    const seconds = Math.round(timeoutMs / 1000)
    const late = { kind: 'later', says: `did not come to an end within ${seconds} s, and was cut` } as const
    const timer = setTimeout(() => end.resolve(late), cutMs(timeoutMs))
    const onAbort = (): void => end.resolve({ kind: 'later', says: 'ended' })
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      const limits = { timeoutMs, signal: AbortSignal.any([signal, cut.signal]) }
      return await Promise.race([send(told, limits), end.promise])
    } catch (error) {
      // A fault of ours; its text may hold anything that was being sent.
      return {
        kind: 'later',
        says: `was not sent for a fault of Postern (${error instanceof Error ? error.name : ''})`,
      }
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      cut.abort()
    }
  }

  #tellTaken({ lacks }: Delivery & { readonly kind: 'taken' }): void {
    this.#failures = 0
    this.#refusals = 0
    if (lacks !== undefined) this.#tell('lacks', lacks)
    if (this.#state === 'well') return
    this.#state = 'well'
    const aside = this.#setAside === 0 ? '' : `; ${this.#setAside} that it had refused are set aside`
    this.#setAside = 0
    const left = this.#waiting()
    this.#tell('well', `takes things again${left === undefined || left === 0 ? '' : `, ${left} more wait`}${aside}`)
  }

  async #refuse(row: Spooled, says: string): Promise<number> {
    const { spool, now } = this.#options
    await this.#note(async () => {
      await setAside(spool, this.outlet.name, row, says, now())
      await spool.sent([row.number])
    })
    this.#refusals += 1
    this.#setAside += 1
    if (this.#state !== 'refusing')
      this.#tell('refusing', `${says}: it will not take it later either, so it is set aside`)
    this.#state = 'refusing'
    return this.#refusals === 1 ? 0 : this.#backoff(this.#refusals - 1, longestRefusalMs)
  }

  async #postpone(head: Spooled, { says, afterMs }: Delivery & { readonly kind: 'later' }): Promise<number> {
    const { spool, now } = this.#options
    this.#failures = Math.max(this.#failures, head.tries) + 1
    // Who says to come again at once, or names a time that is over, would be asked without a pause.
    const askedMs = afterMs === undefined ? undefined : Math.max(afterMs, this.#backoff(1, longestRetryMs))
    const waitMs = Math.ceil(askedMs ?? this.#backoff(this.#failures, longestRetryMs))
    if (this.#state !== 'failing') {
      const count = this.#waiting()
      const waiting = count === undefined ? '' : `${count} ${count === 1 ? 'waits' : 'wait'}, `
      this.#tell('failing', `${says}; ${waiting}next try in ${durationWords(waitMs)}`)
    }
    this.#state = 'failing'
    // Where this cannot be written it is waited for all the same, and only forgotten by a restart.
    await spool.postpone(head.number, now() + waitMs).catch(() => {})
    return waitMs
  }

  /** How many things wait; undefined where the spool cannot be asked, which is no reason to end its queue. */
  #waiting(): number | undefined {
    try {
      return this.#options.spool.waiting(this.outlet.name)
    } catch {
      return undefined
    }
  }

  /** Doubled with each, and by chance up to a half less: many that failed together do not come again together. */
  #backoff(times: number, most: number): number {
    const full = Math.min(most, firstRetryMs * 2 ** Math.min(times - 1, 20))
    return full * (1 - this.#options.random() / 2)
  }

  /** Writes to the spool until it is done: what was sent and is not noted would be sent again and again. */
  async #note(write: () => Promise<void>): Promise<void> {
    const { signal, wait } = this.#options
    for (let turn = 0; !signal.aborted || turn === 0; turn += 1) {
      try {
        return await write()
      } catch {
        if (turn === 0) this.#tell('spool', 'what was sent cannot be noted: it may be sent again after a restart')
        await wait(lookMs, signal)
      }
    }
  }

  #tell(kind: OutletNews['kind'], says: string): void {
    this.#options.onNews({ outlet: this.outlet.name, kind, says: `${this.outlet.name} (${this.outlet.kind}): ${says}` })
  }
}
