/**
 * The middle of numbers: half lie below it, so that a few wild ones do not move it. Of an even count the mean of the two in
 * the middle.
 *
 * @returns NaN where there is none
 */
export function median(values: ArrayLike<number>): number {
  return medianInPlace(Float64Array.from(values))
}

/** The same without a copy: the order of the array is lost. */
export function medianInPlace(values: Float64Array): number {
  const { length } = values
  if (length === 0) return Number.NaN
  const upper = length >> 1
  const high = select(values, upper)
  if (length % 2 === 1) return high
  let low = Number.NEGATIVE_INFINITY
  for (let at = 0; at < upper; at += 1) low = Math.max(low, values[at] as number)
  // Each half by itself: the sum of two large ones would be infinite.
  return low / 2 + high / 2
}

/** The median distance from `middle` (MAD), as it is: times 1.4826 it estimates the deviation of a normal distribution. */
export function medianDeviation(values: ArrayLike<number>, middle: number): number {
  const distances = new Float64Array(values.length)
  for (let at = 0; at < distances.length; at += 1) distances[at] = Math.abs((values[at] as number) - middle)
  return medianInPlace(distances)
}

/**
 * The value below which a share of the values lies; the lower one where it falls between two.
 *
 * @param share 0 to 1
 * @returns NaN where there is none
 */
export function quantileOf(values: ArrayLike<number>, share: number): number {
  const copy = Float64Array.from(values)
  if (copy.length === 0) return Number.NaN
  return select(copy, Math.floor(Math.min(1, Math.max(0, share)) * (copy.length - 1)))
}

/** Hoare's quickselect: afterwards `values[rank]` is what would stand there if all were sorted, smaller ones before it. */
function select(values: Float64Array, rank: number): number {
  let left = 0
  let right = values.length - 1
  while (left < right) {
    const pivot = middleOf(values[left] as number, values[(left + right) >> 1] as number, values[right] as number)
    let low = left
    let high = right
    while (low <= high) {
      while ((values[low] as number) < pivot) low += 1
      while ((values[high] as number) > pivot) high -= 1
      if (low > high) break
      const kept = values[low] as number
      values[low] = values[high] as number
      values[high] = kept
      low += 1
      high -= 1
    }
    if (rank <= high) right = high
    else if (rank >= low) left = low
    else break
  }
  return values[rank] as number
}

function middleOf(one: number, two: number, three: number): number {
  return Math.max(Math.min(one, two), Math.min(Math.max(one, two), three))
}
