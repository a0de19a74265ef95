import type { Gap } from '../../model/sample.ts'

/** The clocks of a machine that may sleep. */
export interface PulseClock {
  /** Wall clock, milliseconds since 1970: it may be set. */
  now(): number
  /** Never set back; whether it goes on while the machine sleeps is the platform's choice. */
  monotonicMs(): number
  /** Since the machine started, its sleep included, in milliseconds; absent: the platform does not say. */
  sinceStartMs?(): number
}

/** A timer that comes later than this was not kept by load, but slept; in milliseconds. */
const mostLateMs = 10_000
/** Less than this is a clock that is corrected in passing; in milliseconds. */
const leastJumpMs = 2500

/**
 * Feels whether time passes as it should: called again and again, it says what lay between two calls when the machine
 * slept or its clock was set.
 */
export class Pulse {
  readonly #clock: PulseClock
  #last: { readonly wall: number; readonly monotonic: number; readonly sinceStart: number | undefined }

  constructor(clock: PulseClock) {
    this.#clock = clock
    this.#last = this.#read()
  }

  /** @param expectedMs after which this call was to come */
  beat(expectedMs: number): Gap | undefined {
    const before = this.#last
    const after = this.#read()
    this.#last = after
    const monotonic = after.monotonic - before.monotonic
    const wall = after.wall - before.wall
    const slept =
      after.sinceStart === undefined || before.sinceStart === undefined
        ? undefined
        : after.sinceStart - before.sinceStart - monotonic
    // Its clock was set back: what lies between is lived twice.
    if (wall - monotonic < -leastJumpMs) return { from: after.wall, to: before.wall, why: 'clock-moved' }
    const isLate = monotonic - expectedMs > mostLateMs
    const isAhead = wall - monotonic > leastJumpMs
    if (!isLate && !isAhead) return undefined
    // A clock that is set forward and a sleep look alike to a monotonic clock that sleeps as well: the third one tells.
    const isSet = isAhead && slept !== undefined && wall - monotonic - slept > leastJumpMs
    return { from: before.wall, to: after.wall, why: isSet ? 'clock-moved' : 'suspended' }
  }

  #read() {
    return {
      wall: this.#clock.now(),
      monotonic: this.#clock.monotonicMs(),
      sinceStart: this.#clock.sinceStartMs?.(),
    }
  }
}
