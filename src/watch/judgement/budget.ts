import type { Sample } from '../../model/sample.ts'
import type { BurnAlert, WatchedMinute } from '../../series/index.ts'
import { burnAlert } from '../../series/index.ts'
import type { FlowState } from '../stepOf.ts'
import { stepOf } from '../stepOf.ts'

const minuteMs = 60_000
/** The longest window of the rows by which a budget is judged: three days of minutes. */
const minutes = 72 * 60
const [watched, bad] = [1, 2]
/** The shortest of the windows of a page. */
const quietMs = 5 * minuteMs

interface Judged {
  readonly level: BurnAlert['urgency'] | 'none'
  readonly alert?: BurnAlert
  readonly since: number
}

/** The minutes of three days of a flow that has failed: a ring of one octet each. */
export class BudgetMinutes {
  readonly #ring = new Uint8Array(minutes)
  #newest = Number.NEGATIVE_INFINITY
  #state: FlowState = { kind: 'well' }
  /** What was told and is not over. */
  level: BurnAlert['urgency'] | undefined
  /** Minutes before count as good: they were told, and that is over. */
  from = 0

  /** Takes a look: it is bad once so many further looks have failed as well, and none of its minute went well after that. */
  look({ at, isWell, cause }: Pick<Sample, 'at' | 'isWell' | 'cause'>, confirmations: number): void {
    const minute = Math.floor(at / minuteMs)
    if (minute <= this.#newest - minutes) return
    const { state } = stepOf(this.#state, { at, isWell, cause }, confirmations)
    this.#state = state
    for (let next = Math.max(this.#newest + 1, minute - minutes + 1); next <= minute; next += 1)
      this.#ring[next % minutes] = 0
    this.#newest = Math.max(this.#newest, minute)
    const was = this.#ring[minute % minutes] ?? 0
    this.#ring[minute % minutes] = isWell ? watched : state.kind === 'bad' ? bad : was === bad ? bad : watched
  }

  /** Bad minutes that are within the three days. */
  badUntil(now: number): number {
    const first = Math.max(Math.floor(now / minuteMs) - minutes, this.#newest - minutes) + 1
    let count = 0
    for (let minute = Math.max(0, first); minute <= this.#newest; minute += 1)
      if (this.#ring[minute % minutes] === bad) count += 1
    return count
  }

  /** What the minutes come to now: another level than was told, or undefined where nothing is new. */
  judge(now: number, objective: number): Judged | undefined {
    const seen = this.#minutes(now)
    const alert = burnAlert(seen, now, objective)
    if (this.level === 'page' || alert === undefined)
      return this.level !== undefined && this.#isOver(seen, alert, now) ? this.#end(now) : undefined
    if (this.level === alert.urgency) return undefined
    this.level = alert.urgency
    const first = seen.find(({ at, isBad }) => isBad && at >= now - alert.longMs)
    return { level: alert.urgency, alert, since: first?.at ?? now }
  }

  /**
   * A page is over when it was quiet for five minutes, and for twice as long as it was between two bad minutes before: what
   * is well again must not wait for windows of hours to run out, and what comes and goes is one.
   */
  #isOver(seen: readonly WatchedMinute[], alert: BurnAlert | undefined, now: number): boolean {
    if (this.level === 'ticket') return alert === undefined
    const bads = seen.filter(({ at, isBad }) => isBad && at >= now - 6 * 60 * minuteMs).map(({ at }) => at)
    const last = bads.at(-1)
    if (last === undefined) return true
    const gaps = bads.slice(1).map((at, place) => at - (bads[place] ?? at))
    return now - last >= Math.max(quietMs, 2 * Math.max(0, ...gaps))
  }

  /** What was told and is over does not count again. */
  #end(now: number): Judged {
    this.level = undefined
    this.from = now
    return { level: 'none', since: now }
  }

  #minutes(now: number): readonly WatchedMinute[] {
    const last = Math.min(Math.floor(now / minuteMs), this.#newest)
    const seen: WatchedMinute[] = []
    for (let minute = Math.max(0, this.#newest - minutes + 1); minute <= last; minute += 1) {
      const state = this.#ring[minute % minutes]
      if (state !== 0) seen.push({ at: minute * minuteMs, isBad: state === bad && minute * minuteMs >= this.from })
    }
    return seen
  }
}
