/**
 * Writes octets as text that is safe to print and to put in a report: printable ASCII as it is, every other octet as
 * `\xNN`, upper-case hexadecimal.
 *
 * @param limit how many octets are written at most; the rest is left out without a mark
 */
export function printableOctets(octets: Uint8Array, limit = 80): string {
  return Array.from(octets.subarray(0, limit), (octet) =>
    octet >= 0x20 && octet < 0x7f
      ? String.fromCharCode(octet)
      : `\\x${octet.toString(16).toUpperCase().padStart(2, '0')}`,
  ).join('')
}

/**
 * Writes UTF-8 as the text that it is, where none of it would act on a terminal, be unseen, or turn the direction of
 * writing; any other octets as {@link printableOctets} does.
 *
 * @param limit how many octets are written at most; the rest, and a character that it cuts, is left out without a mark
 */
export function printableUtf8(octets: Uint8Array, limit: number): string {
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    const text = decoder.decode(octets.subarray(0, limit), { stream: octets.length > limit })
    if (!/[\p{C}\p{Zl}\p{Zp}]/u.test(text)) return text
  } catch {
    // No UTF-8: its octets are shown.
  }
  return printableOctets(octets, limit)
}
