/** A set of bit strings: a number that its {@link Bdd} gave out. Equal sets of one `Bdd` are equal numbers. */
export type BddSet = number

/** No string, every string, and what is given where the bound on nodes was reached: it makes all that is built on it so. */
export const nothing: BddSet = 0
export const everything: BddSet = 1
export const tooLarge: BddSet = -1

const opAnd = 1
const opWithout = 2
const cacheSize = 1 << 16

/**
 * Sets of bit strings as reduced ordered binary decision diagrams (R. Bryant, 1986): every set has one node, shared by
 * all sets that contain it. Variables are numbered from 0, asked in that order.
 *
 * A diagram of unlucky sets grows exponentially, so that it is bounded: above `mostNodes` every operation gives
 * {@link tooLarge}. A node takes 16 octets.
 */
export class Bdd {
  readonly #mostNodes: number
  readonly #variables: number
  #count = 2
  #variable: Int32Array
  #low: Int32Array
  #high: Int32Array
  /** Nodes by hash, open addressing; 0 is a free place, since no set but `nothing` has that number. */
  #table: Int32Array
  readonly #cacheKey = new Int32Array(cacheSize * 3)
  readonly #cacheValue = new Int32Array(cacheSize)

  /**
   * @param variables bits of a string, 1 to 1000
   * @param mostNodes 2 to 2^24
   */
  constructor(variables: number, mostNodes = 1 << 20) {
    this.#variables = variables
    this.#mostNodes = mostNodes
    const room = Math.min(mostNodes, 1024)
    this.#variable = new Int32Array(room).fill(variables, 0, 2)
    this.#low = new Int32Array(room)
    this.#high = new Int32Array(room)
    this.#table = new Int32Array(2048)
  }

  /** Nodes that were made, the two ends among them. */
  get nodes(): number {
    return this.#count
  }

  /**
   * Strings in which the `bits` variables from `at` on, the first the highest, make a number from `first` to `last`,
   * both in.
   */
  range(at: number, bits: number, first: bigint | number, last: bigint | number): BddSet {
    const [from, to] = [BigInt(first), BigInt(last)]
    if (from > to) return nothing
    let atLeast = everything
    let atMost = everything
    for (let bit = 0; bit < bits; bit += 1) {
      const variable = at + bits - 1 - bit
      const isSet = (number: bigint): boolean => ((number >> BigInt(bit)) & 1n) === 1n
      atLeast = isSet(from) ? this.#node(variable, nothing, atLeast) : this.#node(variable, atLeast, everything)
      atMost = isSet(to) ? this.#node(variable, everything, atMost) : this.#node(variable, atMost, nothing)
    }
    return this.and(atLeast, atMost)
  }

  /** What is in both. */
  and(a: BddSet, b: BddSet): BddSet {
    if (a === tooLarge || b === tooLarge) return tooLarge
    if (a === nothing || b === nothing) return nothing
    if (a === everything || a === b) return b
    if (b === everything) return a
    // One order of the two, so that the cache knows both.
    return a < b ? this.#apply(opAnd, a, b) : this.#apply(opAnd, b, a)
  }

  /** What is in `a` and not in `b`. */
  without(a: BddSet, b: BddSet): BddSet {
    if (a === tooLarge || b === tooLarge) return tooLarge
    if (a === nothing || b === everything || a === b) return nothing
    if (b === nothing) return a
    return this.#apply(opWithout, a, b)
  }

  not(a: BddSet): BddSet {
    return this.without(everything, a)
  }

  or(a: BddSet, b: BddSet): BddSet {
    return this.not(this.and(this.not(a), this.not(b)))
  }

  /** What is left of a set when a variable is 0 or 1: the rest of the strings, whatever the variable. */
  restrict(set: BddSet, variable: number, value: 0 | 1): BddSet {
    const known = new Map<BddSet, BddSet>()
    const restricted = (node: BddSet): BddSet => {
      if (node === tooLarge) return tooLarge
      const at = this.#variable[node] ?? this.#variables
      if (at > variable) return node
      if (at === variable) return (value === 0 ? this.#low[node] : this.#high[node]) ?? nothing
      const before = known.get(node)
      if (before !== undefined) return before
      const made = this.#node(at, restricted(this.#low[node] ?? nothing), restricted(this.#high[node] ?? nothing))
      known.set(node, made)
      return made
    }
    return restricted(set)
  }

  /** How many strings a set has. */
  satCount(set: BddSet): bigint {
    const known = new Map<BddSet, bigint>()
    const level = (node: BddSet): number => this.#variable[node] ?? this.#variables
    const count = (node: BddSet): bigint => {
      if (node === nothing) return 0n
      if (node === everything) return 1n
      const before = known.get(node)
      if (before !== undefined) return before
      const below = (child: BddSet): bigint => count(child) << BigInt(level(child) - level(node) - 1)
      const sum = below(this.#low[node] ?? nothing) + below(this.#high[node] ?? nothing)
      known.set(node, sum)
      return sum
    }
    return count(set) << BigInt(level(set))
  }

  /** Whether a string is in a set. @param bit the value of a variable */
  has(set: BddSet, bit: (variable: number) => 0 | 1): boolean {
    let node = set
    while (node > everything) {
      node = (bit(this.#variable[node] ?? 0) === 0 ? this.#low[node] : this.#high[node]) ?? nothing
    }
    return node === everything
  }

  #apply(op: typeof opAnd | typeof opWithout, a: BddSet, b: BddSet): BddSet {
    const place = (Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ op) & (cacheSize - 1)
    const key = this.#cacheKey
    if (key[place * 3] === op && key[place * 3 + 1] === a && key[place * 3 + 2] === b) {
      return this.#cacheValue[place] ?? nothing
    }
    const variableA = this.#variable[a] ?? this.#variables
    const variableB = this.#variable[b] ?? this.#variables
    const variable = Math.min(variableA, variableB)
    const [lowA, highA] = variableA === variable ? [this.#low[a] ?? 0, this.#high[a] ?? 0] : [a, a]
    const [lowB, highB] = variableB === variable ? [this.#low[b] ?? 0, this.#high[b] ?? 0] : [b, b]
    const low = op === opAnd ? this.and(lowA, lowB) : this.without(lowA, lowB)
    const high = op === opAnd ? this.and(highA, highB) : this.without(highA, highB)
    const made = this.#node(variable, low, high)
    if (made !== tooLarge) {
      key[place * 3] = op
      key[place * 3 + 1] = a
      key[place * 3 + 2] = b
      this.#cacheValue[place] = made
    }
    return made
  }

  /** The one node of a variable and its two sets. */
  #node(variable: number, low: BddSet, high: BddSet): BddSet {
    if (low === tooLarge || high === tooLarge) return tooLarge
    if (low === high) return low
    let place = this.#placeOf(variable, low, high)
    const known = this.#table[place] ?? 0
    if (known !== 0) return known
    if (this.#count >= this.#mostNodes) return tooLarge
    if (this.#count === this.#low.length) {
      this.#grow()
      place = this.#placeOf(variable, low, high)
    }
    const made = this.#count
    this.#count += 1
    this.#variable[made] = variable
    this.#low[made] = low
    this.#high[made] = high
    this.#table[place] = made
    return made
  }

  #placeOf(variable: number, low: BddSet, high: BddSet): number {
    const mask = this.#table.length - 1
    let hash = Math.imul(variable, 0x9e3779b1) ^ Math.imul(low, 0x85ebca6b) ^ Math.imul(high, 0xc2b2ae35)
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
    for (let place = (hash ^ (hash >>> 13)) & mask; ; place = (place + 1) & mask) {
      const node = this.#table[place] ?? 0
      if (node === 0) return place
      if (this.#variable[node] === variable && this.#low[node] === low && this.#high[node] === high) return place
    }
  }

  #grow(): void {
    const room = Math.min(this.#low.length * 2, this.#mostNodes)
    const copy = (from: Int32Array): Int32Array => {
      const made = new Int32Array(room)
      made.set(from)
      return made
    }
    this.#variable = copy(this.#variable)
    this.#low = copy(this.#low)
    this.#high = copy(this.#high)
    this.#table = new Int32Array(this.#table.length * 2)
    for (let node = 2; node < this.#count; node += 1) {
      const place = this.#placeOf(this.#variable[node] ?? 0, this.#low[node] ?? 0, this.#high[node] ?? 0)
      this.#table[place] = node
    }
  }
}
