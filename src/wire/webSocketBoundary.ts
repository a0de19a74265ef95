/**
 * Follows the frames of a WebSocket (RFC 6455 §5.2) as they pass, without keeping any of them: whoever only hands octets on
 * can say a word of its own where one frame has ended and the next has not begun.
 */
export class WebSocketBoundary {
  /** Octets of the payload that are still to come. */
  #left = 0n
  /** What came of a frame's head: 2 to 14 octets. */
  #head: number[] = []

  /** Whether what passed so far ends where a frame ends. */
  get isBetweenFrames(): boolean {
    return this.#left === 0n && this.#head.length === 0
  }

  /** In time that grows with the number of frames, not of octets. */
  pass(octets: Uint8Array): void {
    let at = 0
    while (at < octets.length) {
      if (this.#left > 0n) {
        const here = BigInt(octets.length - at)
        if (this.#left >= here) {
          this.#left -= here
          return
        }
        at += Number(this.#left)
        this.#left = 0n
      }
      const octet = octets[at]
      if (octet === undefined) return
      this.#head.push(octet)
      at += 1
      this.#readHead()
    }
  }

  #readHead(): void {
    const [, second] = this.#head
    if (second === undefined) return
    const short = second & 0x7f
    const lengthOctets = short === 126 ? 2 : short === 127 ? 8 : 0
    const maskOctets = (second & 0x80) === 0 ? 0 : 4
    if (this.#head.length < 2 + lengthOctets + maskOctets) return
    const long = this.#head.slice(2, 2 + lengthOctets)
    this.#left = lengthOctets === 0 ? BigInt(short) : long.reduce((sum, each) => (sum << 8n) | BigInt(each), 0n)
    this.#head = []
  }
}
