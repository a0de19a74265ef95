/** Numbers from 0 to below 1 that follow from a seed: the same seed gives the same ones again. */
export type Random = () => number

/**
 * sfc32 of C. Doty-Humphrey (PractRand): 128 bits of state, a counter in it so that no seed leads into a short cycle.
 * Good enough for surrogates, and for nothing that must be kept secret.
 *
 * @param seed any number; its 32-bit integer part counts
 */
export function seededRandom(seed: number): Random {
  let [a, b, c, counter] = [seed | 0, 0x9e3779b9 | 0, 0x243f6a88, 1]
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return (sum >>> 0) / 4294967296
  }
  for (let round = 0; round < 15; round += 1) next()
  return next
}

/** A seed that follows from the data (FNV-1a over their octets): the same series is judged alike wherever it is judged. */
export function seedOf(values: Float64Array): number {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2)
  let hash = 0x811c9dc5
  for (let at = 0; at < words.length; at += 1) hash = Math.imul(hash ^ (words[at] as number), 0x01000193)
  return hash >>> 0
}

/** A draw from the standard normal distribution (Box and Muller, 1958). */
export function normalDraw(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
