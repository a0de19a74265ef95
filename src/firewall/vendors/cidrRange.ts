import { parseAddress, parseCidr } from '../../model/cidr.ts'
import type { AddressRange } from '../addresses.ts'
import { rangeOfBlock } from '../rangesOfPrefix.ts'

/**
 * The addresses of `10.1.0.0/16`, or of one address alone. Bits behind the prefix are cut off, as clouds and clusters
 * do it before they compare: `10.1.2.3/16` is `10.1.0.0/16` to them.
 *
 * @returns undefined for any other text
 */
export function cidrRange(text: string): AddressRange | undefined {
  const address = parseAddress(text)
  if (address !== undefined) return { family: address.family, first: address.value, last: address.value }
  const parsed = parseCidr(text)
  if ('ok' in parsed) return rangeOfBlock(parsed.ok)
  return parsed.error === 'host-bits' ? cidrRange(parsed.canonical) : undefined
}

/** Addresses of prefixes that are known to be well-formed. */
export function cidrRanges(...texts: readonly string[]): readonly AddressRange[] {
  return texts.flatMap((text) => cidrRange(text) ?? [])
}
