import { parseAddress } from '../../../model/cidr.ts'
import type { Addresses, AddressRange } from '../../addresses.ts'
import { addressesOf, everyAddress, unionOf, unknownAddresses } from '../../addresses.ts'
import { namePatternOf } from './namePatternOf.ts'

/**
 * Values of a `src` or `dst` acl: an address, `address/length`, `address/mask`, `first-last`, `first-last/length`,
 * `all`, `ipv4`, `ipv6`, or a name, whose addresses squid asks for when it starts.
 *
 * @returns undefined where a value is none of these
 */
export function aclAddresses(values: readonly string[]): Addresses | undefined {
  const sets = values.map(setOf)
  if (sets.some((set) => set === undefined)) return undefined
  return unionOf(sets.filter((set) => set !== undefined))
}

function setOf(value: string): Addresses | undefined {
  const lower = value.toLowerCase()
  if (lower === 'all') return everyAddress()
  if (lower === 'ipv4') return everyAddress(4)
  if (lower === 'ipv6') return everyAddress(6)
  const [ends = '', mask, ...more] = lower.split('/')
  const [from = '', to, ...others] = ends.split('-')
  const first = parseAddress(from)
  if (first === undefined) return mask === undefined ? nameOf(lower) : undefined
  const last = to === undefined ? first : parseAddress(to)
  if (last === undefined || last.family !== first.family || more.length > 0 || others.length > 0) return undefined
  const bits = mask === undefined ? width(first.family) : prefixLengthOf(mask, first.family)
  if (bits === undefined) return undefined
  const shift = BigInt(width(first.family) - bits)
  const range: AddressRange = {
    family: first.family,
    first: (first.value >> shift) << shift,
    last: ((last.value >> shift) << shift) + (1n << shift) - 1n,
  }
  return range.last < range.first ? undefined : addressesOf([range])
}

function width(family: 4 | 6): number {
  return family === 4 ? 32 : 128
}

/** A length, or a netmask whose ones stand together. */
function prefixLengthOf(mask: string, family: 4 | 6): number | undefined {
  if (/^\d{1,3}$/.test(mask)) return Number(mask) <= width(family) ? Number(mask) : undefined
  const netmask = parseAddress(mask)
  if (netmask === undefined || netmask.family !== family) return undefined
  const bits = netmask.value.toString(2).padStart(width(family), '0')
  return /^1*0*$/.test(bits) ? bits.replace(/0+$/, '').length : undefined
}

function nameOf(text: string): Addresses | undefined {
  if (!/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(text) || /^[\d.]+$/.test(text)) return undefined
  const what = `the addresses that squid found for ${text} when it started`
  return unknownAddresses({ kind: 'names', what, names: [namePatternOf(text)] })
}
