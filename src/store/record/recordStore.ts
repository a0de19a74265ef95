import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { GateEvent, Recorder } from '../../model/event.ts'
import type { RecordSettings } from '../../model/gate.ts'
import { eventBody } from './eventBody.ts'
import { eventIds } from './eventIds.ts'
import type { Entry, Ledger } from './ledger.ts'
import type { RecordOptions } from './openRecord.ts'
import { listRecordFiles, recordFileName, syncFolder } from './recordFiles.ts'
import { errorCode } from './recordKey.ts'
import type { FoundEnd } from './recoverEnd.ts'
import { Refusals } from './refusals.ts'
import { removableFiles } from './removableFiles.ts'
import type { ShownTime } from './shownTime.ts'
import { WaitingLines } from './waitingLines.ts'
import type { WriterLock } from './writerLock.ts'

/** Milliseconds for which events that nobody waits for gather, so that one write serves them all. */
const lingerMs = 20
/** Milliseconds until a write that failed is tried again without anybody waiting. */
const retryMs = 1000
/** Milliseconds between looks for minutes of counted refusals that are over. */
const sweepMs = 5000
/** Events after which a checkpoint is due, however short the time. */
const checkpointEvents = 100_000
const dayMs = 86_400_000

/** Why nothing can be written now. */
export interface RecordTrouble {
  /** ISO 8601, UTC. */
  readonly since: string
  /** The word of the platform, such as `ENOSPC`. */
  readonly code: string
  /** Events that are lost so far: the record tells so as soon as it can be written. */
  readonly lost: number
}

/** Told to who waits for an event that could not be written: what it was about must not happen. */
export class UnwrittenError extends Error {
  override readonly name = 'UnwrittenError'
  readonly code: string

  constructor(code: string) {
    super(`the record cannot be written (${code})`)
    this.code = code
  }
}

/** The record of a gate: one writer, whose lines are written in batches that share one wait for the disk. */
export class RecordStore implements Recorder {
  readonly #settings: RecordSettings
  readonly #options: RecordOptions
  readonly #ledger: Ledger
  readonly #lock: WriterLock
  readonly #waiting: WaitingLines
  readonly #refusals: Refusals
  readonly #idAt = eventIds()
  readonly #shown: ShownTime
  #shownAt: number
  /** What was said of files, each once. */
  readonly #said = new Set<'doubted' | 'early'>()
  /** Work on the ledger, one after another. */
  #turn: Promise<unknown> = Promise.resolve()
  #begunMs: number
  #lost = 0
  #trouble: { readonly since: string; readonly code: string } | undefined
  #checkpointedAt = -1
  #flushing: Promise<void> | undefined
  #isClosed = false
  #linger: NodeJS.Timeout | undefined
  #timers: readonly NodeJS.Timeout[] = []

  /** Made by `openRecord`, which holds the lock. */
  constructor(
    settings: RecordSettings,
    options: RecordOptions,
    held: {
      readonly ledger: Ledger
      readonly lock: WriterLock
      readonly begunMs: number
      readonly shown: ShownTime
    },
  ) {
    const { mostWaiting = 65_536, mostWaitingOctets = 32 * 1024 * 1024 } = options
    this.#settings = settings
    this.#options = options
    this.#ledger = held.ledger
    this.#lock = held.lock
    this.#begunMs = held.begunMs
    this.#shown = held.shown
    this.#shownAt = options.clock.monotonicMs()
    this.#waiting = new WaitingLines(mostWaiting, mostWaitingOctets)
    this.#refusals = new Refusals(settings.refusalsPerMinute)
  }

  /** Says what was found at the start, signs it, and begins to keep the record. */
  async begin(torn: FoundEnd['torn'], unmatched: string | undefined): Promise<void> {
    const told: Entry[] = torn === undefined ? [] : [{ mark: 'torn', ...torn }]
    if (unmatched !== undefined) told.push(this.#bodyOf(ownEvent('record-tail-missing', { checkpoint: unmatched })))
    if (told.length > 0) await this.#ledger.append(told)
    this.#told(await this.#ledger.checkpoint())
    await this.#removeOld()
    this.#timers = [
      setInterval(() => void this.checkpoint().catch(() => {}), this.#settings.checkpointSeconds * 1000),
      setInterval(() => this.#sweep(), sweepMs),
      setInterval(() => void this.#inTurn(() => this.#removeOld()).catch(() => {}), dayMs / 24),
    ].map((timer) => timer.unref())
  }

  /** Events that wait to be written, their octets, and for how many milliseconds the oldest has waited. */
  get lag(): { readonly events: number; readonly octets: number; readonly oldestMs: number } {
    const { oldestAt = this.#monotonic(), size, octets } = this.#waiting
    return { events: size, octets, oldestMs: Math.max(0, this.#monotonic() - oldestAt) }
  }

  /** Why nothing can be written now; undefined when it can. */
  get trouble(): RecordTrouble | undefined {
    return this.#trouble === undefined ? undefined : { ...this.#trouble, lost: this.#lost }
  }

  tell(event: GateEvent): void {
    try {
      const monotonicMs = this.#monotonic()
      for (const each of this.#refusals.take(event, monotonicMs)) this.#enqueue(each)
    } catch {
      // An event that cannot be read is counted as one that was lost.
      this.#lost += 1
    }
  }

  tellDurably(event: GateEvent): Promise<void> {
    if (this.#isClosed) return Promise.reject(new UnwrittenError('closed'))
    return new Promise((resolve, reject) => {
      const ended = (code?: string): void => (code === undefined ? resolve() : reject(new UnwrittenError(code)))
      if (!this.#waiting.add(this.#bodyOf(event), this.#monotonic(), ended)) {
        this.#lost += 1
        ended('behind')
        return
      }
      this.#soon()
    })
  }

  /** Signs what was recorded since the last checkpoint; nothing where nothing was. */
  checkpoint(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#checkpointedAt === this.#ledger.position.events) return
      await this.#tried(async () => this.#told(await this.#ledger.checkpoint()))
    })
  }

  /** Writes what waits, signs it, and lets go of the folder. What cannot be written is lost. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    for (const event of this.#refusals.sweep(Number.POSITIVE_INFINITY)) this.#enqueue(event)
    this.#isClosed = true
    for (const timer of this.#timers) clearInterval(timer)
    clearTimeout(this.#linger)
    await this.#flushing
    await this.#flush()
    for (const { ended } of this.#waiting.take(Number.POSITIVE_INFINITY)) ended?.('closed')
    await this.checkpoint().catch(() => {})
    await this.#inTurn(() => this.#ledger.close()).catch(() => {})
    this.#lock.release()
  }

  #monotonic(): number {
    return this.#options.clock.monotonicMs()
  }

  #bodyOf(event: GateEvent): string {
    const nowMs = this.#options.clock.now()
    return eventBody(event, new Date(nowMs).toISOString(), this.#idAt(nowMs))
  }

  #enqueue(event: GateEvent): void {
    if (this.#isClosed || !this.#waiting.add(this.#bodyOf(event), this.#monotonic())) {
      this.#lost += event.count ?? 1
      return
    }
    if (this.#linger === undefined && this.#flushing === undefined) {
      this.#linger = setTimeout(() => this.#soon(), this.#trouble === undefined ? lingerMs : retryMs).unref()
    }
  }

  /** Writes after what else is being told in this turn of the loop. */
  #soon(): void {
    clearTimeout(this.#linger)
    this.#linger = undefined
    setImmediate(() => void this.#flush())
  }

  #sweep(): void {
    for (const event of this.#refusals.sweep(this.#monotonic())) this.#enqueue(event)
  }

  /** Writes until nobody waits, or the disk takes nothing. */
  #flush(): Promise<void> {
    this.#flushing ??= this.#writeAll().finally(() => {
      this.#flushing = undefined
      if (!this.#hasWork || this.#isClosed) return
      clearTimeout(this.#linger)
      this.#linger = setTimeout(() => this.#soon(), this.#trouble === undefined ? lingerMs : retryMs).unref()
    })
    return this.#flushing
  }

  async #writeAll(): Promise<void> {
    while (this.#hasWork && (await this.#inTurn(() => this.#writeBatch()))) {
      // What nobody waits for gathers anew: else the disk would be written to without a pause, a few events at a time.
      if (!this.#waiting.isAwaited && !this.#isClosed) return
    }
  }

  get #hasWork(): boolean {
    return this.#waiting.size > 0 || this.#lost > 0
  }

  /** @returns whether what was waiting was written */
  async #writeBatch(): Promise<boolean> {
    await this.#rotateWhenDue()
    const lost = this.#lost
    const batch = this.#waiting.take()
    const bodies: string[] = batch.map(({ body }) => body)
    if (lost > 0) bodies.push(this.#bodyOf({ ...ownEvent('record-lost', this.#whyLost()), count: lost }))
    try {
      await this.#tried(() => this.#ledger.append(bodies))
    } catch (error) {
      const code = errorCode(error)
      // Who waited acts otherwise now, so that what it told is not so; what nobody waits for did happen, and is told later.
      this.#waiting.giveBack(batch)
      const awaited = this.#waiting.takeAwaited()
      this.#lost += awaited.length
      for (const { ended } of awaited) ended?.(code)
      return false
    }
    this.#lost -= lost
    for (const { ended } of batch) ended?.()
    if (this.#ledger.position.events - this.#checkpointedAt >= checkpointEvents) {
      await this.#tried(async () => this.#told(await this.#ledger.checkpoint())).catch(() => {})
    }
    return true
  }

  #whyLost(): Readonly<Record<string, string>> {
    return this.#trouble === undefined ? { why: 'behind' } : { why: this.#trouble.code, since: this.#trouble.since }
  }

  async #rotateWhenDue(): Promise<void> {
    const { rotateMiB, keepDays } = this.#settings
    const isFull = this.#ledger.octets >= rotateMiB * 1024 * 1024
    const isOld = this.#shownNow() - this.#begunMs >= keepDays * dayMs
    if (!isFull && !isOld) return
    try {
      this.#told(await this.#ledger.rotate(this.#shown.doubt))
      this.#begunMs = this.#shownNow()
      await this.#removeOld()
    } catch {
      // The file goes on, larger than it should; the write that follows says whether the disk takes anything.
    }
  }

  /** By what the record and the clock say together. Milliseconds since 1970. */
  #shownNow(): number {
    const at = this.#monotonic()
    this.#shown.clock(this.#options.clock.now(), at - this.#shownAt)
    this.#shownAt = at
    return this.#shown.ms
  }

  /** Removes files that ended long enough ago, or that are too much, once the record itself says that they are gone on purpose. */
  async #removeOld(): Promise<void> {
    const { folder, position } = this.#ledger
    const { keepDays, mostGiB } = this.#settings
    const files = (await listRecordFiles(folder)).filter((file) => file <= position.file)
    const mostOctets = mostGiB * 2 ** 30
    const endedBy = this.#shownNow() - keepDays * dayMs
    const found = await removableFiles(folder, files, { endedBy, mostOctets })
    if (this.#shown.doubt !== undefined) {
      const byClock = this.#options.clock.now() - keepDays * dayMs
      const more = await removableFiles(folder, files, { endedBy: byClock, mostOctets })
      if ((more?.through ?? 0) > (found?.through ?? 0)) this.#say('doubted')
    }
    if (found === undefined) return
    if (found.isEarly) this.#say('early')
    await this.#ledger.append([{ mark: 'removed', through: found.through, last: found.last }])
    this.#told(await this.#ledger.checkpoint())
    for (const file of files) if (file <= found.through) await rm(join(folder, recordFileName(file)), { force: true })
    await syncFolder(folder)
  }

  #say(what: 'doubted' | 'early'): void {
    if (this.#said.has(what)) return
    this.#said.add(what)
    const { folder, keepDays, mostGiB } = this.#settings
    this.#options.onFault?.(
      what === 'doubted'
        ? {
            what: `${folder}: the clock is far beyond the last line of the record, and no file is removed by its age`,
            right: 'set the clock; where it is right, it is believed within a week of running',
          }
        : {
            what: `${folder}: the record has more than ${mostGiB} GiB, and files go that are not ${keepDays} days old`,
            right: 'give it room with gate.record.most-gib, and look who fills it',
          },
    )
  }

  #told(checkpoint: string): void {
    this.#checkpointedAt = this.#ledger.position.events
    try {
      this.#options.onCheckpoint?.(checkpoint)
    } catch {
      // Where it is sent to has its own way to say that it did not arrive.
    }
  }

  /** Does something with the disk, and remembers whether it could be done. */
  async #tried<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      const result = await work()
      this.#trouble = undefined
      return result
    } catch (error) {
      const code = errorCode(error)
      if (this.#trouble?.code !== code) {
        this.#trouble = { since: new Date(this.#options.clock.now()).toISOString(), code }
        this.#options.onFault?.({
          what: `${this.#settings.folder}: the record cannot be written (${code}), and nobody new is signed in`,
          right: code === 'ENOSPC' ? 'make room on the disk' : 'look at the disk and the rights of the folder',
        })
      }
      throw error
    }
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => {})
    return done
  }
}

/** What the record tells of itself. */
function ownEvent(reason: string, detail: NonNullable<GateEvent['detail']>): GateEvent {
  return { kind: 'detection_finding', activity: 'record', outcome: 'failed', reason, detail }
}
