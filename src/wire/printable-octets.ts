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
