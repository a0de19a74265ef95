import { parseAddress } from '../../../model/cidr.ts'
import type { AddressRange } from '../../addresses.ts'
import { mergedRanges } from '../../addresses.ts'
import type { NamePattern } from '../../namePattern.ts'
import { rangeBetween } from '../rangeBetween.ts'

/** `10.0.0.0 255.255.255.0` or `10.0.0.0/24`, `2001:db8::/32`; bits behind the mask do not matter to the device. */
export function subnetOf(values: readonly string[]): AddressRange | undefined {
  const [first = '', mask] = values
  const [text = '', length] = first.split('/')
  const address = parseAddress(text)
  if (address === undefined) return undefined
  const width = address.family === 4 ? 32 : 128
  const prefix = length !== undefined ? prefixOf(length) : mask === undefined ? width : maskLength(mask)
  if (prefix === undefined || prefix > width) return undefined
  const shift = BigInt(width - prefix)
  const low = (address.value >> shift) << shift
  return { family: address.family, first: low, last: low + (1n << shift) - 1n }
}

function prefixOf(text: string): number | undefined {
  return /^\d{1,3}$/.test(text) ? Number(text) : undefined
}

/** The length of a mask of leading ones; undefined for any other. */
function maskLength(text: string): number | undefined {
  const mask = parseAddress(text)
  if (mask?.family !== 4) return undefined
  const rest = ~mask.value & 0xffffffffn
  return (rest & (rest + 1n)) === 0n ? 32 - rest.toString(2).replace(/^0$/, '').length : undefined
}

/** `10.0.0.5`, `10.0.0.5-10.0.0.9`, a prefix in either notation. */
export function rangeOf(text: string): AddressRange | undefined {
  const [first = '', last] = text.split('-')
  return last === undefined ? subnetOf([first]) : rangeBetween(first.trim(), last.trim())
}

/** Ranges that a mask with gaps is written out to at most; with more, it is known only where they lie. */
const mostWildcardRanges = 4096

/**
 * Addresses that agree with one in the bits that a mask has set: `10.0.5.0 255.255.0.255`.
 *
 * @returns `within` where the mask has so many gaps that the ranges are not written out
 */
export function wildcardOf(
  text: string,
  maskText: string,
): { readonly ranges: readonly AddressRange[] } | { readonly within: AddressRange } | undefined {
  const address = parseAddress(text)
  const mask = parseAddress(maskText)
  if (address?.family !== 4 || mask?.family !== 4) return undefined
  const free = ~mask.value & 0xffffffffn
  const base = address.value & mask.value
  let tail = 0n
  while ((free >> tail) & 1n) tail += 1n
  const gaps: bigint[] = []
  for (let bit = tail; bit < 32n; bit += 1n) if ((free >> bit) & 1n) gaps.push(1n << bit)
  if (2 ** gaps.length > mostWildcardRanges) return { within: { family: 4, first: base, last: base | free } }
  let starts = [base]
  for (const bit of gaps) starts = starts.flatMap((start) => [start, start | bit])
  const size = (1n << tail) - 1n
  return { ranges: mergedRanges(starts.map((first) => ({ family: 4 as const, first, last: first + size }))) }
}

/** A name or a pattern of FortiOS: the star of `*.x` stands for one label or more, and not for none. */
export function namePatternOf(text: string): NamePattern {
  const name = text.toLowerCase().replace(/^\*\./, '').replace(/\.$/, '')
  if (!/[*?]/.test(text)) return { text, name, covers: 'exactly' }
  return /^\*\.[^*?]+$/.test(text)
    ? { text, name, covers: 'below' }
    : { text, name: name.replaceAll('*', ''), covers: 'glob' }
}
