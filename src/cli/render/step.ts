/** One observation in words: what was done, what came of it, and particulars that a reader may want to quote. */
export interface Step {
  readonly did: string
  readonly came: string
  readonly particulars: readonly string[]
}

/** `1 octet`, `48 octets`. */
export function octetsOf(count: number): string {
  return count === 1 ? '1 octet' : `${count} octets`
}
