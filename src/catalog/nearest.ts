/** Longer words than this are texts, not mistyped words. */
const longestWord = 64

/**
 * The words of a list that somebody who typed another word may have meant, nearest first: those that hold it, or that
 * it holds, and those a few typing errors away (insertions, deletions, substitutions and swaps of neighbours).
 *
 * @param limit how many at most, 1 or more
 */
export function nearest(typed: string, words: Iterable<string>, limit: number): readonly string[] {
  const wanted = typed.trim().toLowerCase()
  if (wanted === '' || wanted.length > longestWord) return []
  const allowed = Math.max(1, Math.floor(wanted.length / 3))
  const scored: { readonly word: string; readonly score: number; readonly apart: number }[] = []
  for (const word of new Set(words)) {
    const known = word.toLowerCase()
    const holds = wanted.length >= 3 && (known.includes(wanted) || (known.length >= 3 && wanted.includes(known)))
    const apart = distance(wanted, known, allowed)
    // A word that holds the other is as near as one typing error, however long the rest is.
    const score = holds ? Math.min(1, apart) : apart
    if (score <= allowed) scored.push({ word, score, apart })
  }
  return scored
    .sort((a, b) => a.score - b.score || a.apart - b.apart || (a.word < b.word ? -1 : 1))
    .slice(0, limit)
    .map(({ word }) => word)
}

/** Optimal string alignment distance, or more than `most` when the lengths already say so. */
function distance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1
  let before: number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const substituted = at(above, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1)
      let best = Math.min(substituted, at(above, column) + 1, at(current, column - 1) + 1)
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        best = Math.min(best, at(before, column - 2) + 1)
      }
      current.push(best)
    }
    before = above
    above = current
  }
  return at(above, b.length)
}

function at(cells: readonly number[], index: number): number {
  return cells[index] ?? Number.POSITIVE_INFINITY
}
