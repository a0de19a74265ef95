/**
 * Quantiles of any number of values in little room: DDSketch (C. Masson, J. E. Rim, H. K. Lee, "DDSketch: a fast and
 * fully-mergeable quantile sketch with relative-error guarantees", VLDB 2019). A value falls into the bucket of its
 * logarithm; merging adds counts, so that it does not matter in which order, or how often, sketches are merged.
 */
const alpha = 0.01
const gamma = (1 + alpha) / (1 - alpha)
const perIndex = Math.log(gamma)
/** What is nearer to zero counts as zero: in milliseconds a billionth of a second. */
const leastMagnitude = 1e-6
/** Of either sign. They reach over 17 powers of ten; beyond, those nearest to zero become one bucket. */
export const mostBuckets = 2048
/** The farthest bucket that a finite number falls into: `log(2^1024) / log(gamma)`, rounded up. */
const farthest = 35_500
const noSamples = { least: Number.POSITIVE_INFINITY, greatest: Number.NEGATIVE_INFINITY }

/** Counts by bucket in one array; bucket `first + n` is at place n. */
interface Buckets {
  first: number
  counts: Float64Array
  total: number
}

/** A sketch of relative error 1 %. Negative values and zero are taken; what is no finite number is refused. */
export class Sketch {
  #positive = noBuckets()
  #negative = noBuckets()
  #zeros = 0
  #least = noSamples.least
  #greatest = noSamples.greatest

  /** How many values were taken. */
  get count(): number {
    return this.#positive.total + this.#negative.total + this.#zeros
  }

  /** The smallest and the largest value, exactly; undefined where there is none. */
  get least(): number | undefined {
    return this.count === 0 ? undefined : this.#least
  }

  get greatest(): number | undefined {
    return this.count === 0 ? undefined : this.#greatest
  }

  /**
   * @param times how often the value is meant, a whole number from 1
   * @returns false where the value is not finite, or `times` no such number: nothing was taken then
   */
  add(value: number, times = 1): boolean {
    if (!Number.isFinite(value) || !Number.isSafeInteger(times) || times < 1) return false
    if (value < this.#least) this.#least = value
    if (value > this.#greatest) this.#greatest = value
    const magnitude = Math.abs(value)
    if (magnitude < leastMagnitude) this.#zeros += times
    else count(value > 0 ? this.#positive : this.#negative, Math.ceil(Math.log(magnitude) / perIndex), times)
    return true
  }

  /** Takes all values of another sketch, which stays as it is. */
  merge(other: Sketch): void {
    addAll(this.#positive, other.#positive)
    addAll(this.#negative, other.#negative)
    this.#zeros += other.#zeros
    this.#least = Math.min(this.#least, other.#least)
    this.#greatest = Math.max(this.#greatest, other.#greatest)
  }

  /**
   * The value below which a share of all lies, within 1 % of the true one of that rank (`floor(share * (count - 1))`, from
   * 0). Where values reach over more than 17 powers of ten, those nearest to zero are told too large.
   *
   * @param share 0 to 1
   * @returns undefined where there are no values, or the share is not one
   */
  quantile(share: number): number | undefined {
    if (this.count === 0 || !(share >= 0 && share <= 1)) return undefined
    const rank = Math.floor(share * (this.count - 1))
    return Math.min(this.#greatest, Math.max(this.#least, this.#at(rank)))
  }

  #at(rank: number): number {
    const { total } = this.#negative
    if (rank < total) return -magnitudeAt(this.#negative, total - 1 - rank)
    const rest = rank - total - this.#zeros
    return rest < 0 ? 0 : magnitudeAt(this.#positive, rest)
  }

  /** What {@link encodeSketch} writes. */
  get parts(): SketchParts {
    return {
      zeros: this.#zeros,
      least: this.#least,
      greatest: this.#greatest,
      negative: filled(this.#negative),
      positive: filled(this.#positive),
    }
  }

  /** @param parts with buckets in growing order, at most {@link mostBuckets} apart; {@link decodeSketch} sees to that */
  static of(parts: SketchParts): Sketch {
    const sketch = new Sketch()
    sketch.#zeros = parts.zeros
    sketch.#least = parts.least
    sketch.#greatest = parts.greatest
    for (const [index, times] of parts.negative) count(sketch.#negative, index, times)
    for (const [index, times] of parts.positive) count(sketch.#positive, index, times)
    return sketch
  }
}

type FilledBucket = readonly [index: number, times: number]

interface SketchParts {
  readonly zeros: number
  readonly least: number
  readonly greatest: number
  /** Buckets that hold something, by growing index, which is that of the magnitude. */
  readonly negative: readonly FilledBucket[]
  readonly positive: readonly FilledBucket[]
}

const version = 1

/**
 * A sketch as octets: version, how many zeros, then for either sign how many buckets and for each its distance from the one
 * before and its count, all in LEB128; at the end least and greatest as IEEE 754 doubles. Some 100 octets for 300 values of
 * one path.
 */
export function encodeSketch(sketch: Sketch): Uint8Array {
  const { zeros, least, greatest, negative, positive } = sketch.parts
  const octets: number[] = [version]
  writeNumber(octets, zeros)
  for (const buckets of [negative, positive]) {
    writeNumber(octets, buckets.length)
    let before = -farthest
    for (const [index, times] of buckets) {
      writeNumber(octets, index - before)
      writeNumber(octets, times)
      before = index
    }
  }
  if (sketch.count === 0) return Uint8Array.from(octets)
  const ends = new Uint8Array(16)
  const view = new DataView(ends.buffer)
  view.setFloat64(0, least)
  view.setFloat64(8, greatest)
  return Uint8Array.from([...octets, ...ends])
}

/**
 * Reads what {@link encodeSketch} wrote.
 *
 * @returns undefined for any other octets: of another version, cut off, too long, or that contradict themselves
 */
export function decodeSketch(octets: Uint8Array): Sketch | undefined {
  if (octets[0] !== version) return undefined
  const reader = { octets, at: 1 }
  const zeros = readNumber(reader)
  const negative = readBuckets(reader)
  const positive = readBuckets(reader)
  if (zeros === undefined || negative === undefined || positive === undefined) return undefined
  const all = [...negative, ...positive].reduce((sum, [, times]) => sum + times, zeros)
  if (!Number.isSafeInteger(all)) return undefined
  const rest = octets.subarray(reader.at)
  if (all === 0) return rest.length === 0 ? new Sketch() : undefined
  if (rest.length !== 16) return undefined
  const view = new DataView(rest.buffer, rest.byteOffset, 16)
  const [least, greatest] = [view.getFloat64(0), view.getFloat64(8)]
  if (!Number.isFinite(least) || !Number.isFinite(greatest) || least > greatest) return undefined
  return Sketch.of({ zeros, least, greatest, negative, positive })
}

interface Reader {
  readonly octets: Uint8Array
  at: number
}

function readBuckets(reader: Reader): FilledBucket[] | undefined {
  const length = readNumber(reader)
  if (length === undefined || length > mostBuckets) return undefined
  const buckets: FilledBucket[] = []
  let index = -farthest
  for (let place = 0; place < length; place += 1) {
    const [distance, times] = [readNumber(reader), readNumber(reader)]
    if (distance === undefined || times === undefined || times === 0 || (place > 0 && distance === 0)) return undefined
    index += distance
    if (index > farthest) return undefined
    buckets.push([index, times])
  }
  return index - (buckets[0]?.[0] ?? index) < mostBuckets ? buckets : undefined
}

function writeNumber(octets: number[], value: number): void {
  let rest = value
  while (rest >= 128) {
    octets.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  octets.push(rest)
}

function readNumber(reader: Reader): number | undefined {
  let value = 0
  for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
    const octet = reader.octets[reader.at]
    if (octet === undefined) return undefined
    reader.at += 1
    value += (octet % 128) * scale
    if (octet < 128) return Number.isSafeInteger(value) ? value : undefined
  }
  return undefined
}

function noBuckets(): Buckets {
  return { first: 0, counts: new Float64Array(0), total: 0 }
}

function count(buckets: Buckets, index: number, times: number): void {
  const place = placeFor(buckets, index)
  buckets.counts[place] = (buckets.counts[place] as number) + times
  buckets.total += times
}

function addAll(buckets: Buckets, { first, counts }: Buckets): void {
  // From the top, since the highest bucket decides which ones are joined at the bottom. A copy, for a sketch may be
  // merged into itself.
  const copy = counts.slice()
  for (let place = copy.length - 1; place >= 0; place -= 1) {
    const times = copy[place] as number
    if (times > 0) count(buckets, first + place, times)
  }
}

/** The place of a bucket, for which room is made; what lies too far below the highest goes into the lowest. */
function placeFor(buckets: Buckets, index: number): number {
  const { first, counts, total } = buckets
  if (total === 0 && counts.length === 0) {
    buckets.first = index - 16
    buckets.counts = new Float64Array(32)
    return 16
  }
  if (index >= first && index < first + counts.length) return index - first
  const top = index > first ? index : highest(buckets)
  const lowest = Math.max(top - mostBuckets + 1, Math.min(first, index - 16))
  const end = Math.max(first + counts.length, Math.min(index + 16, lowest + mostBuckets))
  const wider = new Float64Array(Math.min(mostBuckets, end - lowest))
  for (let place = 0; place < counts.length; place += 1) {
    const times = counts[place] as number
    if (times === 0) continue
    const at = Math.max(0, first + place - lowest)
    wider[at] = (wider[at] as number) + times
  }
  buckets.first = lowest
  buckets.counts = wider
  return Math.max(0, index - lowest)
}

function highest({ first, counts }: Buckets): number {
  let place = counts.length - 1
  while (place > 0 && counts[place] === 0) place -= 1
  return first + place
}

function filled({ first, counts }: Buckets): readonly FilledBucket[] {
  const buckets: FilledBucket[] = []
  for (let place = 0; place < counts.length; place += 1) {
    const times = counts[place] as number
    if (times > 0) buckets.push([first + place, times])
  }
  return buckets
}

/** The middle, by ratio, of the bucket in which the value of that rank lies, smallest magnitude first. */
function magnitudeAt({ first, counts }: Buckets, rank: number): number {
  let seen = 0
  let place = 0
  for (; place < counts.length - 1; place += 1) {
    seen += counts[place] as number
    if (seen > rank) break
  }
  return (2 / (gamma + 1)) * Math.exp((first + place) * perIndex)
}
