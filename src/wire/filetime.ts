const hundredNanosFrom1601To1970 = 116_444_736_000_000_000n

/**
 * The moment that a FILETIME means (MS-DTYP §2.3.3): steps of 100 nanoseconds since 1601, in UTC.
 *
 * @returns milliseconds since 1970, what is less of one left out; undefined for 0, which stands for an unknown time
 */
export function unixOfFiletime(filetime: bigint): number | undefined {
  return filetime === 0n ? undefined : Number((filetime - hundredNanosFrom1601To1970) / 10_000n)
}
