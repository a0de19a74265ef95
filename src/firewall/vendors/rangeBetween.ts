import { parseAddress } from '../../model/cidr.ts'
import type { AddressRange } from '../addresses.ts'

/** The range of one address; undefined for any other text. */
export function oneAddress(text: string): AddressRange | undefined {
  const address = parseAddress(text)
  return address === undefined ? undefined : { family: address.family, first: address.value, last: address.value }
}

/** The addresses from one to another, both in; undefined where one is none, or they have no order or no common family. */
export function rangeBetween(from: string, to: string): AddressRange | undefined {
  const [first, last] = [parseAddress(from), parseAddress(to)]
  if (first === undefined || last?.family !== first.family || last.value < first.value) return undefined
  return { family: first.family, first: first.value, last: last.value }
}
