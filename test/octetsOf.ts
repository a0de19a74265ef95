/** Octets written as hexadecimal, and text in quotes as its ASCII. */
export function octetsOf(...lines: readonly string[]): Buffer {
  const parts = lines.join(' ').match(/'[^']*'|[\da-f]+/g) ?? []
  return Buffer.concat(
    parts.map((part) => Buffer.from(part.replaceAll("'", ''), part.startsWith("'") ? 'ascii' : 'hex')),
  )
}
