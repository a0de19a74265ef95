import type { DatabaseSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { WatchSettings } from '../../model/watch.ts'
import { believedTime } from './believedTime.ts'
import type { FailureTable } from './failureTable.ts'
import type { GroupCommit } from './groupCommit.ts'
import { numberOf } from './historySchema.ts'
import type { IncidentTable } from './incidentTable.ts'
import type { MomentTable } from './momentTable.ts'
import type { PackingTables } from './packing.ts'
import { dayMs, hourMs } from './places.ts'
import { rollDays, rollHours, seriesToRoll } from './rollUp.ts'

export type HistorySettings = Omit<WatchSettings['history'], 'file'>

export interface TidyingParts {
  readonly database: DatabaseSync
  readonly commit: GroupCommit
  readonly tables: PackingTables
  readonly failures: FailureTable
  readonly moments: MomentTable
  readonly incidents: IncidentTable
  readonly settings: HistorySettings
  /** Forgets the newest looks of flows that were not looked at since that hour; within a transaction. */
  readonly forgetNewest: (before: number) => void
}

/** Sums of hours take twenty times as much as those of days: six weeks are kept, whatever is kept of days. */
const mostHourDays = 45
/** Where there is no room: what a baseline of three weeks needs, and looks of two days. */
const fewHourDays = 22
const fewLookDays = 2
/** Series that one transaction sums up, some hours of each at most. */
const rolledAtOnce = 16
/** Series that one transaction removes from: some milliseconds. */
const seriesAtOnce = 128
const failuresAtOnce = 200
const pagesAtOnce = 512
/** Free pages that stay for what comes next, as a share of all. */
const freeShare = 0.05

/** Sums up what is over and removes what is too old or too much, in transactions of some milliseconds. */
export class Tidying {
  readonly #parts: TidyingParts

  constructor(parts: TidyingParts) {
    this.#parts = parts
  }

  /** What the database has in use. */
  get octets(): number {
    const { database } = this.#parts
    const pages = numberOf(database, 'page_count') - numberOf(database, 'freelist_count')
    return pages * numberOf(database, 'page_size')
  }

  async run(now: number, signal: AbortSignal): Promise<number> {
    const { commit, tables, settings } = this.#parts
    const known = tables.bounds.read()
    const { at, kept } = believedTime(known, now)
    commit.now(() => {
      for (const name of ['tidiedAt', 'believedAt', 'doubtedAt'] as const) tables.bounds.set(name, kept[name] ?? 0)
    })
    const hour = Math.floor(at / hourMs)
    const day = Math.floor(at / dayMs)
    // Hours of a day are summed up together when it is over: one by one they would leave every page half empty.
    await this.#rollUp('hours', day * 24, signal)
    await this.#rollUp('days', day, signal)
    if (signal.aborted) return 0
    // What is finer is never kept for longer than what is told of it.
    const hourDays = Math.max(settings.rawDays, Math.min(settings.sketchDays, mostHourDays))
    let removed = await this.#removeLooks(hour - settings.rawDays * 24, signal)
    removed += await this.#removeHours(day - hourDays, signal)
    removed += await this.#removeDays(day - Math.max(settings.sketchDays, hourDays), signal)
    removed += await this.#removeFailures(at - settings.failureDays * dayMs, signal)
    if (signal.aborted) return removed
    commit.now(() => {
      const before = at - settings.sketchDays * dayMs
      removed += this.#parts.moments.removeBefore(before) + this.#parts.incidents.removeBefore(before)
    })
    removed += await this.#fit(hour, signal)
    await this.#vacuum(signal)
    return removed
  }

  async #rollUp(column: 'hours' | 'days', to: number, signal: AbortSignal): Promise<void> {
    const { commit, tables, database } = this.#parts
    const roll = column === 'hours' ? rollHours : rollDays
    let left = signal.aborted ? [] : seriesToRoll(database, column, to)
    while (left.length > 0 && !signal.aborted) {
      const [some, rest] = [left.slice(0, rolledAtOnce), left.slice(rolledAtOnce)]
      commit.now(() => {
        left = [...some.filter((series) => !roll(tables, series, to)), ...rest]
      })
      await nextTurn()
    }
  }

  /** What is above the bound goes before its days: what is missed least goes first. */
  async #fit(hour: number, signal: AbortSignal): Promise<number> {
    const day = Math.floor(hour / 24)
    const most = this.#parts.settings.mostMib * 1_048_576
    let removed = 0
    const until = async (cuts: Iterable<number>, remove: (cut: number) => Promise<number>): Promise<void> => {
      for (const cut of cuts) {
        if (signal.aborted || this.octets <= most) return
        removed += await remove(cut)
      }
    }
    const looks = async (to: number): Promise<void> =>
      until(steps(await this.#first('raw', to, signal), to), (cut) => this.#removeLooks(cut, signal))
    const hours = async (to: number): Promise<void> =>
      until(steps(Math.floor((await this.#first('hour', to * 24, signal)) / 24), to), (cut) =>
        this.#removeHours(cut, signal),
      )
    if (signal.aborted || this.octets <= most) return 0
    await hours(day - fewHourDays)
    await looks((day - fewLookDays) * 24)
    await until(this.#oldestFailures(), (before) => this.#removeFailures(before, signal))
    if (!signal.aborted && this.octets > most) await this.#rollUp('hours', hour, signal)
    await looks(hour)
    await hours(day)
    await until(steps(await this.#first('day', day, signal), day), (cut) => this.#removeDays(cut, signal))
    return removed
  }

  /** Times before which there are some more each time, until there are none. */
  *#oldestFailures(): Generator<number> {
    for (;;) {
      const at = this.#parts.failures.timeOfOldest(failuresAtOnce - 1)
      yield at === undefined ? Number.MAX_SAFE_INTEGER : at + 1
      if (at === undefined) return
    }
  }

  /** The first hour, or day, of which any series has a row. */
  async #first(table: 'raw' | 'hour' | 'day', otherwise: number, signal: AbortSignal): Promise<number> {
    const { tables } = this.#parts
    let first = otherwise
    if (signal.aborted) return otherwise
    for (const [index, series] of tables.series.ids().entries()) {
      if (signal.aborted) break
      first = Math.min(first, tables[table].ends(series)?.first ?? first)
      if (index % (8 * seriesAtOnce) === 0) await nextTurn()
    }
    return first
  }

  async #removeLooks(hour: number, signal: AbortSignal): Promise<number> {
    const { tables, forgetNewest, commit, database } = this.#parts
    if (signal.aborted || hour <= tables.bounds.read().rawFrom) return 0
    commit.now(() => {
      // Of series that are new since all were summed up.
      for (const series of seriesToRoll(database, 'hours', hour)) while (!rollHours(tables, series, hour));
      tables.bounds.set('rawFrom', hour)
      forgetNewest(hour * hourMs)
    })
    return this.#removeRows('raw', hour, signal)
  }

  async #removeHours(before: number, signal: AbortSignal): Promise<number> {
    const { tables, commit, database } = this.#parts
    if (signal.aborted) return 0
    const { hoursFrom, rawFrom } = tables.bounds.read()
    const day = Math.min(before, Math.floor(rawFrom / 24))
    if (day * 24 <= hoursFrom) return 0
    commit.now(() => {
      for (const series of seriesToRoll(database, 'days', day)) while (!rollDays(tables, series, day));
      tables.bounds.set('hoursFrom', day * 24)
    })
    return this.#removeRows('hour', day * 24, signal)
  }

  async #removeDays(day: number, signal: AbortSignal): Promise<number> {
    const { tables, commit } = this.#parts
    if (signal.aborted || day <= tables.bounds.read().daysFrom) return 0
    commit.now(() => tables.bounds.set('daysFrom', day))
    return this.#removeRows('day', day, signal)
  }

  async #removeRows(table: 'raw' | 'hour' | 'day', to: number, signal: AbortSignal): Promise<number> {
    const { tables, commit } = this.#parts
    if (signal.aborted) return 0
    const ids = tables.series.ids()
    let removed = 0
    for (let at = 0; at < ids.length && !signal.aborted; at += seriesAtOnce) {
      commit.now(() => {
        for (const id of ids.slice(at, at + seriesAtOnce)) removed += tables[table].remove(id, 0, to)
      })
      await nextTurn()
    }
    return removed
  }

  async #removeFailures(before: number, signal: AbortSignal): Promise<number> {
    const { failures, commit } = this.#parts
    let removed = 0
    for (let gone = failuresAtOnce; gone === failuresAtOnce && !signal.aborted; ) {
      commit.now(() => {
        gone = failures.removeBefore(before, failuresAtOnce)
      })
      removed += gone
      await nextTurn()
    }
    if (removed > 0 && !signal.aborted) commit.now(() => failures.removeOrphans())
    return removed
  }

  /** Gives free pages back to the disk, but for some that are filled again soon. */
  async #vacuum(signal: AbortSignal): Promise<void> {
    const { database, commit } = this.#parts
    const spare = (): number =>
      numberOf(database, 'freelist_count') - Math.ceil(freeShare * numberOf(database, 'page_count')) - pagesAtOnce
    while (!signal.aborted) {
      const pages = spare()
      if (pages <= 0) return
      commit.now(() => database.exec(`PRAGMA incremental_vacuum(${Math.min(pages, pagesAtOnce)})`))
      await nextTurn()
    }
  }
}

/** Steps from the oldest to the newest, twenty or fewer. */
function* steps(first: number, last: number): Generator<number> {
  const step = Math.max(1, Math.ceil((last - first) / 20))
  for (let cut = first + step; cut < last; cut += step) yield cut
  if (last > first) yield last
}
