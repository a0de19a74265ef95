import { parseAddress } from '../../../model/cidr.ts'
import type { Addresses, AddressRange } from '../../addresses.ts'
import { addressesOf, outsideOf, unionOf, unknownAddresses } from '../../addresses.ts'

function bitsOf(family: 4 | 6): number {
  return family === 4 ? 32 : 128
}

function everyOf(family: 4 | 6): AddressRange {
  return { family, first: 0n, last: (1n << BigInt(bitsOf(family))) - 1n }
}

/** An address, a prefix `a/24`, or an address with a mask `a/255.255.255.0`; undefined where it is none or the mask has gaps. */
export function prefixOf(text: string, family: 4 | 6): AddressRange | undefined {
  const [host = '', mask] = text.split('/')
  const address = parseAddress(host)
  if (address?.family !== family) return undefined
  const bits = bitsOf(family)
  const length = mask === undefined ? bits : /^\d{1,3}$/.test(mask) ? Number(mask) : lengthOfMask(mask, family)
  if (length === undefined || length > bits) return undefined
  const size = 1n << BigInt(bits - length)
  const first = address.value - (address.value % size)
  return { family, first, last: first + size - 1n }
}

function lengthOfMask(mask: string, family: 4 | 6): number | undefined {
  const found = parseAddress(mask)
  if (found?.family !== family) return undefined
  const ones = found.value.toString(2).padStart(bitsOf(family), '0')
  return /^1*0*$/.test(ones) ? ones.replaceAll('0', '').length : undefined
}

/** `a-b`, or one address. */
export function rangeOf(text: string, family: 4 | 6): AddressRange | undefined {
  const [from = '', to = from] = text.split('-')
  const [first, last] = [parseAddress(from), parseAddress(to)]
  if (first?.family !== family || last?.family !== family || last.value < first.value) return undefined
  return { family, first: first.value, last: last.value }
}

/** What stands behind `-s` and `-d`: prefixes with commas between them, or names that are looked up at load. */
export function addressListOf(text: string, family: 4 | 6, isNot: boolean): Addresses | undefined {
  const sets: Addresses[] = []
  for (const item of text.split(',')) {
    const range = prefixOf(item, family)
    if (range !== undefined) sets.push(addressesOf([range]))
    else if (/^[A-Za-z0-9_]([\w-]*\w)?(\.\w([\w-]*\w)?)*$/.test(item) && /[A-Za-z]/.test(item)) {
      const name = item.toLowerCase()
      sets.push(
        unknownAddresses(
          {
            kind: 'names',
            what: `the addresses that ${name} had when the rules were loaded`,
            names: [{ text: name, name, covers: 'exactly' }],
          },
          [everyOf(family)],
        ),
      )
    } else return undefined
  }
  const all = unionOf(sets)
  return isNot ? outsideOf(all, [family]) : all
}
