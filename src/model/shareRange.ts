/** A share with the range in which the true one lies. */
export interface ShareRange {
  readonly share: number
  readonly least: number
  readonly most: number
}

/**
 * The shares that are likely where so many of all were met: Wilson's score interval (E. B. Wilson, Journal of the American
 * Statistical Association 22, 1927, p. 209), which holds for few and for none as well.
 *
 * @param met 0 to `all`
 * @param z how many deviations wide: 1.96 is wrong once in 20 times, 3.29 once in 1,000
 * @returns 0 to 1; anything may be where nothing was tried
 */
export function shareRange(met: number, all: number, z = 1.96): ShareRange {
  if (!(all > 0)) return { share: 0, least: 0, most: 1 }
  const share = Math.min(1, Math.max(0, met / all))
  const middle = share + (z * z) / (2 * all)
  const half = z * Math.sqrt((share * (1 - share)) / all + (z * z) / (4 * all * all))
  const whole = 1 + (z * z) / all
  return { share, least: Math.max(0, (middle - half) / whole), most: Math.min(1, (middle + half) / whole) }
}
