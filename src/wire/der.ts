/** One element of DER (X.690 §8.1): where its contents lie in the octets it was read from, and where the next begins. */
export interface Element {
  readonly tag: number
  /** Where the element begins, its tag included. */
  readonly start: number
  readonly from: number
  readonly to: number
}

export const tags = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  enumerated: 0x0a,
  utcTime: 0x17,
  generalizedTime: 0x18,
  generalString: 0x1b,
  sequence: 0x30,
  set: 0x31,
  /** A constructed, context-specific tag, `[n]`. */
  context: (number: number): number => 0xa0 + number,
  /** A constructed tag of the application, `[APPLICATION n]`, for numbers up to 30. */
  application: (number: number): number => 0x60 + number,
} as const

/**
 * The element that begins at `offset`; undefined where there is none, or where it does not end before `end`. Nothing is
 * copied, so that a list of 100 MB is walked in the memory it lies in.
 */
export function element(octets: Uint8Array, offset: number, end: number): Element | undefined {
  const tag = octets[offset]
  const first = octets[offset + 1]
  if (tag === undefined || first === undefined || offset + 2 > end) return undefined
  const longForm = first > 0x80
  const lengthOctets = longForm ? first - 0x80 : 0
  // The indefinite length of BER (0x80) is not read, and 4 octets of length are more than any answer is long.
  if (first === 0x80 || lengthOctets > 4) return undefined
  const from = offset + 2 + lengthOctets
  if (from > end) return undefined
  let length = longForm ? 0 : first
  for (let at = offset + 2; longForm && at < from; at += 1) length = length * 256 + (octets[at] ?? 0)
  const to = from + length
  return to <= end ? { tag, start: offset, from, to } : undefined
}

/** The elements between two places, in order; ends at the first that is none. */
export function* elements(octets: Uint8Array, from: number, to: number): Generator<Element, void> {
  let next = element(octets, from, to)
  while (next !== undefined) {
    yield next
    next = element(octets, next.to, to)
  }
}

/** Dotted text of an OBJECT IDENTIFIER's contents (X.690 §8.19). */
export function objectIdentifier(octets: Uint8Array, { from, to }: Element): string {
  const arcs: number[] = []
  let arc = 0
  for (const octet of octets.subarray(from, to)) {
    arc = arc * 128 + (octet & 0x7f)
    if (octet >= 0x80) continue
    if (arcs.length === 0) {
      const first = Math.min(2, Math.floor(arc / 40))
      arcs.push(first, arc - first * 40)
    } else arcs.push(arc)
    arc = 0
  }
  return arcs.join('.')
}

/**
 * Reads UTCTime and GeneralizedTime as RFC 5280 §4.1.2.5 allows them: to the second, in UTC.
 *
 * @returns milliseconds since 1970; undefined for any other text
 */
export function time(octets: Uint8Array, { tag, from, to }: Element): number | undefined {
  if (to - from > 15) return undefined
  const text = String.fromCharCode(...octets.subarray(from, to))
  const match = /^(\d{2}|\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/.exec(text)
  const [, year = '', month = '', day = '', hour = '', minute = '', second = ''] = match ?? []
  if (match === null || (year.length === 2) !== (tag === tags.utcTime)) return undefined
  // Two digits below 50 are of this century (RFC 5280 §4.1.2.5.1).
  const century = year.length === 4 ? '' : Number(year) < 50 ? '20' : '19'
  const ms = Date.parse(`${century}${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(ms) ? undefined : ms
}

/** The value of an INTEGER's contents (X.690 §8.3); undefined when there are none, or more than a number holds exactly. */
export function integer(octets: Uint8Array, { from, to }: Element): number | undefined {
  const first = octets[from]
  if (first === undefined || to <= from || to - from > longestInteger) return undefined
  let value = first >= 0x80 ? -1 : 0
  for (const octet of octets.subarray(from, to)) value = value * 256 + octet
  return value
}

/** Octets of an INTEGER that a number holds exactly, with its sign. */
const longestInteger = 6

/**
 * Writes an INTEGER in as few octets as it takes (X.690 §8.3.2).
 *
 * @throws RangeError when the value is not a whole number of at most 48 bits, its sign included
 */
export function encodedInteger(value: number): Uint8Array {
  if (!Number.isInteger(value) || value < -(2 ** 47) || value >= 2 ** 47) {
    throw new RangeError(`a whole number of at most 48 bits is needed, not ${value}`)
  }
  const contents: number[] = []
  let rest = value
  do {
    contents.unshift(((rest % 256) + 256) % 256)
    rest = Math.floor(rest / 256)
  } while (rest !== ((contents[0] ?? 0) >= 0x80 ? -1 : 0))
  return encoded(tags.integer, Uint8Array.from(contents))
}

/** Octets of a number in hexadecimal: how serial numbers are written. */
export function octetsOfHex(hex: string): Uint8Array {
  const even = hex.length % 2 === 0 ? hex : `0${hex}`
  return Uint8Array.from({ length: even.length / 2 }, (_, index) =>
    Number.parseInt(even.slice(index * 2, index * 2 + 2), 16),
  )
}

/** Writes one element: a tag, and contents that stand one after the other, 65535 octets of them at most. */
export function encoded(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const length = contents.reduce((sum, part) => sum + part.length, 0)
  const head =
    length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff]
  const octets = new Uint8Array(head.length + length)
  octets.set(head)
  let at = head.length
  for (const part of contents) {
    octets.set(part, at)
    at += part.length
  }
  return octets
}
