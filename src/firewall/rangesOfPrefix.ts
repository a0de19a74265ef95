import type { Cidr } from '../model/cidr.ts'
import { parseAddress, parseCidr } from '../model/cidr.ts'
import type { AddressRange } from './addresses.ts'
import { addressesOf, everyAddress, rangesWithout } from './addresses.ts'

/** The addresses that a text stands for: an address, or a prefix in CIDR notation; none for any other. */
export function rangesOfPrefix(text: string): readonly AddressRange[] {
  const address = parseAddress(text)
  if (address !== undefined) return [{ family: address.family, first: address.value, last: address.value }]
  const parsed = parseCidr(text)
  return 'ok' in parsed ? [rangeOfBlock(parsed.ok)] : []
}

/** The addresses of a block. */
export function rangeOfBlock({ family, first, prefixLength }: Cidr): AddressRange {
  return { family, first, last: first + (1n << BigInt((family === 4 ? 32 : 128) - prefixLength)) - 1n }
}

/**
 * Where a packet of the internet can come from or go to: all of IPv4 but what is private, shared, local or multicast
 * (RFC 6890 and its registries), and 2000::/3. Addresses for documentation are left in: examples are written with them.
 */
export function publicRanges(): readonly AddressRange[] {
  const inner = addressesOf(notPublic.flatMap(rangesOfPrefix)).sure
  return [...rangesWithout(everyAddress(4).sure, inner), ...rangesOfPrefix('2000::/3')]
}

const notPublic = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16'],
  ...['172.16.0.0/12', '192.168.0.0/16', '224.0.0.0/3'],
]
