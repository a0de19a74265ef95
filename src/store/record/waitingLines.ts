/** The text of an event that waits to be written, and who waits for it. */
export interface WaitingLine {
  readonly body: string
  /** By a clock that is never set back, in milliseconds. */
  readonly at: number
  /** Called once: without a word when it was written, else with why it was not. */
  readonly ended?: (code?: string) => void
}

/** Octets that one write has at most: longer ones would keep everything else waiting. */
const batchOctets = 1024 * 1024

/** Lines that wait to be written, bounded in number and size. */
export class WaitingLines {
  readonly #most: number
  readonly #mostOctets: number
  #lines: WaitingLine[] = []
  #octets = 0
  #awaited = 0

  constructor(most: number, mostOctets: number) {
    this.#most = most
    this.#mostOctets = mostOctets
  }

  get size(): number {
    return this.#lines.length
  }

  /** Their characters, which are octets but for names in other letters. */
  get octets(): number {
    return this.#octets
  }

  /** Somebody waits for one of them. */
  get isAwaited(): boolean {
    return this.#awaited > 0
  }

  get oldestAt(): number | undefined {
    return this.#lines[0]?.at
  }

  /** @returns whether there was room */
  add(body: string, at: number, ended?: WaitingLine['ended']): boolean {
    if (this.#lines.length >= this.#most || this.#octets + body.length > this.#mostOctets) return false
    this.#lines.push({ body, at, ...(ended !== undefined && { ended }) })
    this.#octets += body.length
    if (ended !== undefined) this.#awaited += 1
    return true
  }

  /** Takes the oldest, as many as one write may have. */
  take(mostOctets: number = batchOctets): readonly WaitingLine[] {
    let octets = 0
    let count = 0
    for (const { body } of this.#lines) {
      if (count > 0 && octets + body.length > mostOctets) break
      octets += body.length
      count += 1
    }
    this.#octets -= octets
    const taken = this.#lines.splice(0, count)
    this.#awaited -= awaitedOf(taken).length
    return taken
  }

  /** Takes all that somebody waits for. */
  takeAwaited(): readonly WaitingLine[] {
    const awaited = awaitedOf(this.#lines)
    this.#awaited = 0
    this.#lines = this.#lines.filter(({ ended }) => ended === undefined)
    this.#octets -= awaited.reduce((sum, { body }) => sum + body.length, 0)
    return awaited
  }

  /** Puts lines that were taken back in front. */
  giveBack(lines: readonly WaitingLine[]): void {
    this.#lines = [...lines, ...this.#lines]
    this.#octets += lines.reduce((sum, { body }) => sum + body.length, 0)
    this.#awaited += awaitedOf(lines).length
  }
}

function awaitedOf(lines: readonly WaitingLine[]): readonly WaitingLine[] {
  return lines.filter(({ ended }) => ended !== undefined)
}
