import { formatAddress, parseAddress } from './cidr.ts'

/**
 * The canonical text of an address (RFC 5952), and of one that is mapped into IPv6 (RFC 4291 §2.5.5.2) that of IPv4: a
 * client of IPv4 on a socket of IPv6 is a client of IPv4. Undefined for what is no address.
 */
export function plainAddress(text: string): string | undefined {
  const address = parseAddress(text)
  if (address === undefined) return undefined
  const isMapped = address.family === 6 && address.value >> 32n === 0xffffn
  return formatAddress(isMapped ? { family: 4, value: address.value & 0xffffffffn } : address)
}
