/**
 * How rarely chance puts so many of the failures on one side (R. A. Fisher, 1935): the upper tail of the hypergeometric
 * distribution.
 *
 * @param failed of `looks` on the one side, `otherFailed` of `otherLooks` on the other
 */
export function fisherGreater(failed: number, looks: number, otherFailed: number, otherLooks: number): number {
  const [all, bad] = [looks + otherLooks, failed + otherFailed]
  const whole = logChoose(all, bad)
  let p = 0
  for (let count = failed; count <= Math.min(looks, bad); count += 1)
    if (bad - count <= otherLooks) p += Math.exp(logChoose(looks, count) + logChoose(otherLooks, bad - count) - whole)
  return Math.min(1, p)
}

/**
 * How rarely chance makes the values of the one side as high beside those of the other: rank sum (F. Wilcoxon 1945, H. Mann
 * and D. Whitney 1947) by its normal approximation, with equal values counted as such.
 */
export function rankSumGreater(values: readonly number[], others: readonly number[]): number {
  const [n, m] = [values.length, others.length]
  if (n === 0 || m === 0) return 1
  const all = [...values.map((value) => ({ value, own: 1 })), ...others.map((value) => ({ value, own: 0 }))].sort(
    (one, other) => one.value - other.value,
  )
  let [ranks, ties] = [0, 0]
  for (let first = 0; first < all.length; ) {
    let next = first
    let own = 0
    while (next < all.length && all[next]?.value === all[first]?.value) {
      own += all[next]?.own ?? 0
      next += 1
    }
    const size = next - first
    ranks += own * ((first + 1 + next) / 2)
    ties += size ** 3 - size
    first = next
  }
  const total = n + m
  const variance = ((n * m) / 12) * (total + 1 - ties / (total * Math.max(1, total - 1)))
  if (!(variance > 0)) return 1
  const above = ranks - (n * (n + 1)) / 2 - (n * m) / 2 - 0.5
  return normalTail(above / Math.sqrt(variance))
}

/** Each p after all tests (S. Holm, Scandinavian Journal of Statistics 6, 1979), in the order given. */
export function holm(ps: readonly number[]): readonly number[] {
  const order = [...ps.keys()].sort((one, other) => (ps[one] ?? 1) - (ps[other] ?? 1))
  const adjusted = new Array<number>(ps.length).fill(1)
  let least = 0
  for (const [rank, at] of order.entries()) {
    least = Math.max(least, Math.min(1, (ps[at] ?? 1) * (ps.length - rank)))
    adjusted[at] = least
  }
  return adjusted
}

/** The share of the standard normal distribution above z (Chebyshev fit of erfc in W. Press et al., Numerical Recipes, section 6.2: relative error below 1.2e-7). */
export function normalTail(z: number): number {
  const x = Math.abs(z) / Math.SQRT2
  const t = 1 / (1 + 0.5 * x)
  const terms = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
    0.17087277,
  ]
  const tail = 0.5 * t * Math.exp(-x * x + terms.reduceRight((sum, term) => sum * t + term, 0))
  return z >= 0 ? tail : 1 - tail
}

function logChoose(all: number, some: number): number {
  return logFactorial(all) - logFactorial(some) - logFactorial(all - some)
}

/** Summed up for small numbers, else Stirling's series, exact to 1e-13. */
function logFactorial(n: number): number {
  if (n < 20) {
    let product = 1
    for (let factor = 2; factor <= n; factor += 1) product *= factor
    return Math.log(product)
  }
  return n * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI * n) + 1 / (12 * n) - 1 / (360 * n ** 3) + 1 / (1260 * n ** 5)
}
