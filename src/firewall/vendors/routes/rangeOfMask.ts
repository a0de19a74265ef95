import { parseAddress } from '../../../model/cidr.ts'
import type { AddressRange } from '../../addresses.ts'

/** The network of an IPv4 address and a mask in dots; undefined where either is none, or the mask has holes. */
export function rangeOfMask(address: string, mask: string): AddressRange | undefined {
  const base = parseAddress(address)
  const bits = parseAddress(mask)
  if (base?.family !== 4 || bits?.family !== 4) return undefined
  const inverse = 0xffffffffn - bits.value
  if ((inverse & (inverse + 1n)) !== 0n) return undefined
  const first = base.value & bits.value
  return { family: 4, first, last: first + inverse }
}
