const dayMs = 86_400_000

/**
 * The time that a record shows, by which its files grow old. A clock may be set wrong, by years, and files that it takes for
 * old are gone for ever: so a time is believed only where it is not far beyond what was believed before. Of a clock that is,
 * nothing but the time that passes counts.
 */
export class ShownTime {
  readonly #mostGapMs: number
  #believedMs: number
  #toldMs: number

  /**
   * @param firstMs milliseconds since 1970, as all times here
   * @param keepDays for which files are kept: half of it, and a week at most, may pass without a line
   */
  constructor(firstMs: number, keepDays: number) {
    this.#mostGapMs = Math.min(7, keepDays / 2) * dayMs
    this.#believedMs = firstMs
    this.#toldMs = firstMs
  }

  /** What is believed now. */
  get ms(): number {
    return this.#believedMs
  }

  /**
   * Takes what a line, or the clock, tells.
   *
   * @param passedMs since what was told before, where a clock that is never set says so; else what the times themselves say
   */
  tell(ms: number, passedMs = ms - this.#toldMs): void {
    if (Number.isNaN(ms)) return
    // While it goes on being told, as by a clock that runs, no gap is too long.
    const isRunning = passedMs >= 0 && Math.abs(ms - this.#toldMs - passedMs) <= this.#mostGapMs
    void isRunning
    this.#toldMs = ms
  }
}
