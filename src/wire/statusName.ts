/** A status of 32 bits in words, or in hexadecimal where the table has none for it: `0xc0000022`. */
export function statusName(status: number, names: ReadonlyMap<number, string>): string {
  return names.get(status) ?? `0x${status.toString(16).padStart(8, '0')}`
}
