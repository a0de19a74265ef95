/** Enough to fit a distribution by its mean and deviation. */
const draws = 400
/** So many that are as high settle it: it is not rare. */
const enoughAsHigh = 12
const leastP = 1e-12
const eulerGamma = 0.5772156649015329

/**
 * How rarely chance gives a score as high as the one that was seen. Draws say it themselves where some are as high; further
 * out the distribution of the highest of many (Gumbel's) is fitted to them, which holds for scan statistics (A. Abrams, K.
 * Kleinman, M. Kulldorff, "Gumbel based p-value approximations for spatial scan statistics", 2010) and spares a hundred
 * thousand draws.
 *
 * @param draw one score of what has no period
 * @returns 1e-12 to 1
 */
export function rarityOf(seen: number, draw: () => number): number {
  let [asHigh, sum, squares] = [0, 0, 0]
  for (let made = 1; made <= draws; made += 1) {
    const score = draw()
    if (score >= seen) asHigh += 1
    if (asHigh >= enoughAsHigh) return asHigh / made
    sum += score
    squares += score * score
  }
  const mean = sum / draws
  const deviation = Math.sqrt(Math.max(0, squares / draws - mean * mean))
  const scale = Math.max((deviation * Math.sqrt(6)) / Math.PI, 1e-9)
  const beyond = -Math.expm1(-Math.exp(-(seen - (mean - eulerGamma * scale)) / scale))
  const counted = asHigh === 0 ? 0 : (asHigh + 1) / (draws + 1)
  return Math.min(1, Math.max(leastP, beyond, counted))
}
