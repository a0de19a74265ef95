/** Ports 1 to 65535, both ends included; a single port has `first === last`. */
export interface PortRange {
  readonly first: number
  readonly last: number
}

/** Whether a number can be a TCP or UDP port on the wire: 1 to 65535 (0 is reserved, RFC 6335 §6). */
export function isPort(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= 65535
}

/**
 * Reads Microsoft's way of writing ports: numbers and `a-b` ranges, separated by commas, such as `53,88,49152-65535`.
 *
 * @returns the ranges in the order written, or undefined when a part is no port or a range runs backwards
 */
export function parsePorts(text: string): PortRange[] | undefined {
  const ranges: PortRange[] = []
  for (const part of text.split(',')) {
    const match = /^\s*(\d{1,5})(?:\s*-\s*(\d{1,5}))?\s*$/.exec(part)
    if (!match) return undefined
    const first = Number(match[1])
    const last = match[2] === undefined ? first : Number(match[2])
    if (!isPort(first) || !isPort(last) || last < first) return undefined
    ranges.push({ first, last })
  }
  return ranges
}

/** Writes a range the way {@link parsePorts} reads it: `443` or `49152-65535`. */
export function formatPortRange(range: PortRange): string {
  return range.first === range.last ? String(range.first) : `${range.first}-${range.last}`
}
