/** A name as it stands in a message. */
export interface DnsName {
  /** Without a trailing dot; the root is `.`. Octets that would not be seen, dots and backslashes of a label as RFC 1035 §5.1 writes them. */
  readonly text: string
  /** Where the next thing begins. */
  readonly end: number
}

/** RFC 1035 §2.3.4, the octets of length and the root's among them. */
const longestName = 255
const longestLabel = 63
/** A name has 127 labels at most, and a pointer that saves no label has no use. */
const mostPointers = 127
const pointerBits = 0xc0

/** A name as the octets of its labels, parts of the message; the root has none. */
export interface DnsLabels {
  readonly labels: readonly Uint8Array[]
  readonly end: number
}

/**
 * Reads a name of a DNS message.
 *
 * @throws RangeError where the octets are no name, saying why
 */
export function readDnsName(octets: Uint8Array, offset: number): DnsName {
  const { labels, end } = readDnsLabels(octets, offset)
  return { text: labels.length === 0 ? '.' : labels.map(printableLabel).join('.'), end }
}

/**
 * Reads a name of a message that shortens names as DNS does (RFC 1035 §4.1.4). Pointers lead backwards only, and no more
 * of them are followed than a name has labels: what a message makes of one name is bounded, however it is laid out.
 *
 * @throws RangeError where the octets are no name, saying why
 */
export function readDnsLabels(octets: Uint8Array, offset: number): DnsLabels {
  const labels: Uint8Array[] = []
  let length = 1
  let pointers = 0
  let end: number | undefined
  let earliest = offset
  for (let at = offset; ; ) {
    const size = octets[at]
    if (size === undefined) throw new RangeError('a name runs past the end')
    if (size === 0) return { labels, end: end ?? at + 1 }
    if (size >= pointerBits) {
      const low = octets[at + 1]
      if (low === undefined) throw new RangeError('a name runs past the end')
      end ??= at + 2
      at = (size - pointerBits) * 256 + low
      if (at >= earliest) throw new RangeError('a name points forwards or at itself')
      earliest = at
      pointers += 1
      if (pointers > mostPointers) throw new RangeError(`a name of more than ${mostPointers} pointers`)
      continue
    }
    if (size > longestLabel) throw new RangeError('a label is of an unknown kind')
    length += 1 + size
    if (length > longestName) throw new RangeError(`a name of more than ${longestName} octets`)
    if (at + 1 + size > octets.length) throw new RangeError('a name runs past the end')
    labels.push(octets.subarray(at + 1, at + 1 + size))
    at += 1 + size
  }
}

function printableLabel(octets: Uint8Array): string {
  let text = ''
  for (const octet of octets) {
    const character = String.fromCharCode(octet)
    if (character === '.' || character === '\\') text += `\\${character}`
    else text += octet > 0x20 && octet < 0x7f ? character : escapedOctet(octet)
  }
  return text
}

/** An octet as `\DDD` (RFC 1035 §5.1). */
export function escapedOctet(octet: number): string {
  return `\\${String(octet).padStart(3, '0')}`
}
