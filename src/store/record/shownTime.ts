const dayMs = 86_400_000

/** What a file has to say at its head while a clock is doubted, so that the doubt outlives the file and the process. */
export interface Doubt {
  /** What is believed: ISO 8601, UTC. */
  readonly shown: string
  /** Milliseconds for which the clock has gone on so. */
  readonly doubted: number
}

/**
 * The time that a record shows, by which its files grow old. A clock may be set wrong by years, and a file that was removed
 * for it is gone: so a time is believed only where it is not far beyond what was believed before. Of a clock that is far
 * beyond, nothing counts but the time that passes, until it has gone on for as long as it may be beyond.
 */
export class ShownTime {
  readonly #mostGapMs: number
  #believedMs: number
  #toldMs: number
  #doubtedMs = 0

  /**
   * @param firstMs milliseconds since 1970, as all times here
   * @param keepDays for which files are kept: half of that, and a week at most, may pass without a line
   */
  constructor(firstMs: number, keepDays: number, doubt?: Doubt) {
    this.#mostGapMs = Math.min(7, keepDays / 2) * dayMs
    this.#believedMs = doubt === undefined ? firstMs : Date.parse(doubt.shown)
    this.#doubtedMs = doubt?.doubted ?? 0
    this.#toldMs = firstMs
  }

  /** What is believed. */
  get ms(): number {
    return this.#believedMs
  }

  /** There while what was told last is far beyond what is believed. */
  get doubt(): Doubt | undefined {
    if (this.#toldMs <= this.#believedMs + this.#mostGapMs) return undefined
    return { shown: new Date(this.#believedMs).toISOString(), doubted: Math.floor(this.#doubtedMs) }
  }

  /** Takes the time of the next line of the record. */
  line(ms: number): void {
    const passedMs = ms - this.#toldMs
    this.clock(ms, passedMs > this.#mostGapMs ? 0 : passedMs)
  }

  /** Takes the time of the clock, of which another one that is never set says how much passed since it was last taken. */
  clock(ms: number, passedMs: number): void {
    if (!Number.isFinite(ms)) return
    const passed = Math.max(0, passedMs)
    const run = this.#believedMs + passed
    const isBeyond = ms > run + this.#mostGapMs
    // Set anew once more, it is another clock to be doubted.
    const goesOn = Math.abs(ms - this.#toldMs - passed) <= this.#mostGapMs
    this.#doubtedMs = isBeyond && goesOn ? this.#doubtedMs + passed : 0
    this.#believedMs = isBeyond && this.#doubtedMs < this.#mostGapMs ? run : ms
    this.#toldMs = ms
  }
}
