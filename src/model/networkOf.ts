import { formatCidr, parseAddress } from './cidr.ts'

/** What counts as one caller: an IPv4 address, and of IPv6 the /64 that one site has at least (RFC 6177 §2). */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const read = parseAddress(address)
  if (read?.family !== 6) return address
  return formatCidr({ family: 6, first: (read.value >> 64n) << 64n, prefixLength: 64 })
}
