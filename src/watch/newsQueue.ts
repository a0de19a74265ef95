import type { ConfirmedNews } from './news.ts'

/** Hands news on in their order, one lot after another, and again where they could not be taken. */
export class NewsQueue {
  readonly #take: (news: readonly ConfirmedNews[]) => Promise<void>
  readonly #onTrouble: (why: string) => void
  readonly #waiting: ConfirmedNews[] = []
  #handing: Promise<void> | undefined
  #isTold = false

  /** @param onTrouble is told once, until news are taken again */
  constructor(take: (news: readonly ConfirmedNews[]) => Promise<void>, onTrouble: (why: string) => void) {
    this.#take = take
    this.#onTrouble = onTrouble
  }

  push(news: readonly ConfirmedNews[]): void {
    this.#waiting.push(...news)
  }

  /** Resolves when what waits is taken, or cannot be for now. */
  async hand(): Promise<void> {
    while (this.#handing !== undefined) await this.#handing
    if (this.#waiting.length === 0) return
    this.#handing = this.#hand([...this.#waiting]).finally(() => {
      this.#handing = undefined
    })
    await this.#handing
  }

  async #hand(news: readonly ConfirmedNews[]): Promise<void> {
    try {
      await this.#take(news)
      this.#waiting.splice(0, news.length)
      this.#isTold = false
    } catch (error) {
      if (!this.#isTold) this.#onTrouble(error instanceof Error ? error.message : 'unknown')
      this.#isTold = true
    }
  }
}
