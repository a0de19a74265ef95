const firstCapacity = 4096

/**
 * Collects octets that come in pieces of any size, up to a limit. They are copied into one buffer that grows by
 * doubling: a piece that were kept would hold on to the whole read that it came in, many times its size.
 */
export class CollectedOctets {
  readonly #most: number
  readonly #allow: (octets: number) => boolean
  #buffer = Buffer.alloc(0)
  #length = 0

  /**
   * @param most how many octets are kept, 1 or more
   * @param allow asked before that many more octets of memory are taken; what is refused ends the collection
   */
  constructor(most: number, allow: (octets: number) => boolean = () => true) {
    this.#most = most
    this.#allow = allow
  }

  /** What was kept so far; the next piece may change it. */
  get octets(): Uint8Array {
    return this.#buffer.subarray(0, this.#length)
  }

  /** Octets of memory that are held. */
  get capacity(): number {
    return this.#buffer.length
  }

  /** @returns whether all of the piece was kept */
  add(piece: Uint8Array): boolean {
    const kept = piece.subarray(0, this.#most - this.#length)
    const needed = this.#length + kept.length
    if (needed > this.#buffer.length) {
      const capacity = Math.min(this.#most, Math.max(needed, 2 * this.#buffer.length, firstCapacity))
      if (!this.#allow(capacity - this.#buffer.length)) return false
      const grown = Buffer.alloc(capacity)
      this.#buffer.copy(grown, 0, 0, this.#length)
      this.#buffer = grown
    }
    this.#buffer.set(kept, this.#length)
    this.#length = needed
    return kept.length === piece.length
  }
}
