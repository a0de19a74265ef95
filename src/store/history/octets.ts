/** Writes numbers and texts into octets that grow. Integers are of the base 128, lowest first, as in LEB128. */
export class OctetWriter {
  #octets = new Uint8Array(512)
  #length = 0

  /** @param value 0 to 2^53 - 1 */
  varint(value: number): void {
    this.#room(8)
    let left = value
    while (left >= 0x80) {
      this.#octets[this.#length++] = (left % 0x80) | 0x80
      // Shifts are of 32 bits only.
      left = left > 0x7fffffff ? Math.floor(left / 0x80) : left >>> 7
    }
    this.#octets[this.#length++] = left
  }

  float(value: number): void {
    this.#room(8)
    new DataView(this.#octets.buffer).setFloat64(this.#length, value, true)
    this.#length += 8
  }

  /** With its length in front. */
  part(octets: Uint8Array): void {
    this.varint(octets.length)
    this.#room(octets.length)
    this.#octets.set(octets, this.#length)
    this.#length += octets.length
  }

  /** What another writer has, as a part; that one begins anew. */
  partOf(other: OctetWriter): void {
    this.part(other.#octets.subarray(0, other.#length))
    other.#length = 0
  }

  /**
   * As many numbers as the reader will ask for. Times are measured to a tenth of a millisecond: as steps above the least
   * of them most take one octet. What does not fit into steps is kept as it is, eight octets each.
   */
  numbers(values: readonly number[]): void {
    const scale = scales.findIndex((each) => values.every((value) => fits(value, each)))
    const factor = scales[scale]
    if (factor === undefined) {
      this.varint(asFloats)
      for (const value of values) this.float(value)
      return
    }
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    for (const value of values) {
      const steps = Math.round(value * factor)
      if (steps < least) least = steps
      if (steps > most) most = steps
    }
    if (values.length === 0) least = most = 0
    this.varint(least === most ? scale + isConstant : scale)
    this.varint(least < 0 ? -2 * least - 1 : 2 * least)
    if (least !== most) for (const value of values) this.varint(Math.round(value * factor) - least)
  }

  /** A copy of what was written; the writer begins anew. */
  take(): Uint8Array {
    const taken = this.#octets.slice(0, this.#length)
    this.#length = 0
    return taken
  }

  #room(octets: number): void {
    if (this.#length + octets <= this.#octets.length) return
    const grown = new Uint8Array(Math.max(2 * this.#octets.length, this.#length + octets))
    grown.set(this.#octets)
    this.#octets = grown
  }
}

const scales = [1, 10, 1000]
const asFloats = scales.length
const isConstant = 4
/** Steps above the least stay exact, and below 2^53, up to here. */
const mostSteps = 2 ** 50

function fits(value: number, factor: number): boolean {
  const steps = Math.round(value * factor)
  return steps / factor === value && Math.abs(steps) < mostSteps && !Object.is(value, -0)
}

/** Reads what {@link OctetWriter} wrote. Every method throws RangeError where the octets are not such. */
export class OctetReader {
  readonly #octets: Uint8Array
  #at = 0

  constructor(octets: Uint8Array) {
    this.#octets = octets
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#octets.length
  }

  varint(): number {
    let value = 0
    let factor = 1
    for (let taken = 0; taken < 8; taken += 1) {
      const octet = this.#octets[this.#at++]
      if (octet === undefined) throw new RangeError('octets end early')
      value += (octet & 0x7f) * factor
      if (octet < 0x80) return value
      factor *= 0x80
    }
    throw new RangeError('a number does not end')
  }

  /** A number of things that follow, each of which takes some octets, or that one column says at once. */
  count(most: number): number {
    const count = this.varint()
    if (count > most) throw new RangeError('more is told than there is')
    return count
  }

  float(): number {
    if (this.#at + 8 > this.#octets.length) throw new RangeError('octets end early')
    const value = new DataView(this.#octets.buffer, this.#octets.byteOffset).getFloat64(this.#at, true)
    this.#at += 8
    return value
  }

  /** A view of them, not a copy. */
  part(): Uint8Array {
    const length = this.varint()
    if (this.#at + length > this.#octets.length) throw new RangeError('octets end early')
    this.#at += length
    return this.#octets.subarray(this.#at - length, this.#at)
  }

  numbers(count: number): number[] {
    const kind = this.varint()
    const values: number[] = []
    if (kind === asFloats) {
      for (let at = 0; at < count; at += 1) values.push(this.float())
      return values
    }
    const factor = scales[kind % isConstant]
    if (factor === undefined || kind >= 2 * isConstant) throw new RangeError('a column of no kind')
    const told = this.varint()
    const least = told % 2 === 1 ? -(told + 1) / 2 : told / 2
    for (let at = 0; at < count; at += 1) {
      values.push((kind >= isConstant ? least : least + this.varint()) / factor)
    }
    return values
  }
}
