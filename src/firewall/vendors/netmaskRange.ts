import { parseAddress } from '../../model/cidr.ts'
import type { AddressRange } from '../addresses.ts'

/**
 * The network of an IPv4 address and a mask in dots, `10.1.0.0 255.255.0.0`; bits behind the mask are cut off.
 *
 * @returns undefined where either is none, or the mask has holes
 */
export function netmaskRange(address: string | undefined, mask: string | undefined): AddressRange | undefined {
  const [base, bits] = [parseAddress(address ?? ''), parseAddress(mask ?? '')]
  if (base?.family !== 4 || bits?.family !== 4) return undefined
  const host = bits.value ^ 0xffffffffn
  if ((host & (host + 1n)) !== 0n) return undefined
  const first = base.value & bits.value
  return { family: 4, first, last: first | host }
}
