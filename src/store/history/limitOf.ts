/** How many rows a statement is to give at most: SQLite takes whole numbers only, and a negative one as all. */
export function limitOf(most: number): number {
  return Math.trunc(Math.min(Math.max(most, 0), Number.MAX_SAFE_INTEGER))
}
