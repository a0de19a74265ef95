import { phaseOf, slotAfter } from './slots.ts'
import type { Target } from './targets.ts'

export interface ScheduleOptions {
  /** Keeps every target at its place over a restart. */
  readonly seed: string
  /** Flows under way at once. */
  readonly concurrency: number
  /** From 0 to below 1. */
  readonly random: () => number
}

/** What is to be looked at now, and what lost its turn. */
export interface Due {
  readonly take: readonly Target[]
  /** Targets whose slot came while an earlier look at them, or the wait for it, was not over: once for each slot. */
  readonly skipped: readonly Target[]
}

/** Of an interval, and in milliseconds: a look begins so much after its slot at the most, to keep no step with anything. */
const mostJitter = { share: 0.1, ms: 5000 } as const

interface Place {
  readonly target: Target
  readonly phaseMs: number
  /** On the grid; the next one counts from it, and not from when the look began or ended. */
  slot: number
  /** Under way, or waiting for room. */
  isTaken: boolean
}

interface Call {
  readonly place: Place
  /** Asked for besides the slots. */
  readonly isExtra: boolean
}

/**
 * When each target is looked at: on a grid of its own, spread over its interval, a little late by chance. It has no
 * clock: who calls it says what time it is, and calls {@link restart} where time did not pass as it should.
 */
export class Schedule {
  readonly #seed: string
  readonly #random: () => number
  #concurrency: number
  #places = new Map<string, Place>()
  /** Calls by the second since 1970 at which they are due. */
  readonly #calls = new Map<number, Call[]>()
  /** The second up to which calls were taken. */
  #second = Number.NEGATIVE_INFINITY
  readonly #waiting: Place[] = []
  readonly #urgent: Place[] = []
  #underWay = 0

  constructor({ seed, concurrency, random }: ScheduleOptions) {
    this.#seed = seed
    this.#concurrency = concurrency
    this.#random = random
  }

  /** Flows that are under way. */
  get underWay(): number {
    return this.#underWay
  }

  /** What is watched from now on. A target that stays keeps its place; of one that went, nothing is due any more. */
  set(targets: readonly Target[], now: number, concurrency = this.#concurrency): void {
    this.#concurrency = concurrency
    const before = this.#places
    this.#places = new Map()
    for (const target of targets) {
      const phaseMs = phaseOf(this.#seed, target.key, target.everyMs)
      const isTaken = before.get(target.key)?.isTaken === true
      this.#places.set(target.key, { target, phaseMs, slot: 0, isTaken })
    }
    for (const queue of [this.#waiting, this.#urgent]) {
      const names = queue.splice(0).map(({ target }) => target.key)
      queue.push(...names.flatMap((key) => this.#places.get(key) ?? []))
    }
    this.restart(now)
  }

  /** Every target waits for its next slot after now: what was missed is not made up for. */
  restart(now: number): void {
    this.#calls.clear()
    this.#second = Math.floor(now / 1000)
    for (const place of this.#places.values()) {
      place.slot = slotAfter(now, place.target.everyMs, place.phaseMs)
      this.#call({ place, isExtra: false }, place.slot + this.#jitterOf(place), now)
    }
  }

  /** Looks at a target once more, besides its slots; not where it is looked at by then anyway. */
  callAgain(key: string, at: number, now: number): void {
    const place = this.#places.get(key)
    if (place !== undefined) this.#call({ place, isExtra: true }, at, now)
  }

  /**
   * Takes what is due, as far as there is room for it; what was asked for besides goes first. More flows than there is
   * room for are looked at alone.
   */
  due(now: number): Due {
    const skipped: Target[] = []
    for (const call of this.#callsUpTo(Math.floor(now / 1000))) {
      const { place, isExtra } = call
      if (this.#places.get(place.target.key) !== place) continue
      if (place.isTaken) {
        if (!isExtra) skipped.push(place.target)
      } else {
        place.isTaken = true
        const queue = isExtra ? this.#urgent : this.#waiting
        queue.push(place)
      }
      if (!isExtra) skipped.push(...this.#moveOn(place, now))
    }
    return { take: this.#take(), skipped }
  }

  /** So many flows of looks under way are known: there is room for others, while those beside them are waited for. */
  settled(flows: number): void {
    this.#underWay = Math.max(0, this.#underWay - flows)
  }

  /** A look at a target is over; its flows were told by {@link settled}. */
  ended({ key }: Pick<Target, 'key'>): void {
    const place = this.#places.get(key)
    if (place !== undefined) place.isTaken = false
  }

  #take(): readonly Target[] {
    const take: Target[] = []
    for (const queue of [this.#urgent, this.#waiting]) {
      let taken = 0
      for (const { target } of queue) {
        if (this.#underWay > 0 && this.#underWay + target.flows.length > this.#concurrency) break
        this.#underWay += target.flows.length
        take.push(target)
        taken += 1
      }
      queue.splice(0, taken)
      if (queue.length > 0) break
    }
    return take
  }

  /** To the next slot after now; slots in between were lost. */
  #moveOn(place: Place, now: number): readonly Target[] {
    const { target } = place
    const passed = Math.max(0, Math.floor((now - place.slot) / target.everyMs))
    place.slot += (passed + 1) * target.everyMs
    this.#call({ place, isExtra: false }, place.slot + this.#jitterOf(place), now)
    return Array.from({ length: passed }, () => target)
  }

  #jitterOf({ target }: Place): number {
    return Math.floor(this.#random() * Math.min(target.everyMs * mostJitter.share, mostJitter.ms))
  }

  #call(call: Call, at: number, now: number): void {
    // A second that was taken is not looked at again.
    const second = Math.max(Math.floor(at / 1000), this.#second + 1, Math.floor(now / 1000))
    const calls = this.#calls.get(second)
    if (calls === undefined) this.#calls.set(second, [call])
    else calls.push(call)
  }

  #callsUpTo(second: number): readonly Call[] {
    const due: Call[] = []
    const take = (at: number): void => {
      due.push(...(this.#calls.get(at) ?? []))
      this.#calls.delete(at)
    }
    const passed = second - this.#second
    // Of a long time the seconds that have calls are fewer than those that passed.
    if (passed <= this.#calls.size) for (let at = this.#second + 1; at <= second; at += 1) take(at)
    else for (const at of [...this.#calls.keys()].filter((at) => at <= second).sort((a, b) => a - b)) take(at)
    this.#second = Math.max(this.#second, second)
    return due
  }
}
