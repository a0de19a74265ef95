/**
 * How alike a series is to itself some steps later, counted over the pairs that are both there, by way of the Fourier
 * transform (N. Wiener, 1930; J. Cooley, J. Tukey, Mathematics of Computation 19, 1965).
 *
 * @param values by step, the mean taken off; 0 where `isThere` is 0
 * @param isThere 1 where the step has a value
 * @returns for each lag from 0 to `mostLag` the sum of products, and the number of pairs that it is made of
 */
export function lagProducts(
  values: Float64Array,
  isThere: Float64Array,
  mostLag: number,
): { readonly sums: Float64Array; readonly pairs: Float64Array } {
  let size = 2
  while (size < values.length + mostLag + 1) size *= 2
  // Two real series are transformed as one complex one; their power spectra are taken apart by symmetry.
  const real = new Float64Array(size)
  const imaginary = new Float64Array(size)
  real.set(values)
  imaginary.set(isThere)
  transform(real, imaginary)
  const power = new Float64Array(size)
  const powerThere = new Float64Array(size)
  for (let at = 0; at < size; at += 1) {
    const mirror = (size - at) % size
    const [a, b] = [real[at] as number, imaginary[at] as number]
    const [c, d] = [real[mirror] as number, imaginary[mirror] as number]
    power[at] = ((a + c) ** 2 + (b - d) ** 2) / 4
    powerThere[at] = ((b + d) ** 2 + (c - a) ** 2) / 4
  }
  // Both spectra are even and real, so are their transforms: again two for one.
  transform(power, powerThere)
  const scale = (sum: number): number => sum / size
  return {
    sums: power.subarray(0, mostLag + 1).map(scale),
    pairs: powerThere.subarray(0, mostLag + 1).map((sum) => Math.max(0, Math.round(scale(sum)))),
  }
}

/** The discrete Fourier transform in place; the length is a power of two. */
function transform(real: Float64Array, imaginary: Float64Array): void {
  const size = real.length
  for (let at = 1, mirrored = 0; at < size; at += 1) {
    let bit = size >> 1
    for (; mirrored & bit; bit >>= 1) mirrored ^= bit
    mirrored ^= bit
    if (at >= mirrored) continue
    swap(real, at, mirrored)
    swap(imaginary, at, mirrored)
  }
  const cosines = Float64Array.from({ length: size / 2 }, (_, at) => Math.cos((2 * Math.PI * at) / size))
  const sines = Float64Array.from({ length: size / 2 }, (_, at) => Math.sin((2 * Math.PI * at) / size))
  for (let half = 1; half < size; half *= 2) {
    const stride = size / (2 * half)
    for (let begin = 0; begin < size; begin += 2 * half) {
      for (let at = begin, turn = 0; at < begin + half; at += 1, turn += stride) {
        const [cosine, sine] = [cosines[turn] as number, sines[turn] as number]
        const [a, b] = [real[at + half] as number, imaginary[at + half] as number]
        const [turnedReal, turnedImaginary] = [a * cosine + b * sine, b * cosine - a * sine]
        const [c, d] = [real[at] as number, imaginary[at] as number]
        real[at + half] = c - turnedReal
        imaginary[at + half] = d - turnedImaginary
        real[at] = c + turnedReal
        imaginary[at] = d + turnedImaginary
      }
    }
  }
}

function swap(values: Float64Array, one: number, other: number): void {
  const kept = values[one] as number
  values[one] = values[other] as number
  values[other] = kept
}
