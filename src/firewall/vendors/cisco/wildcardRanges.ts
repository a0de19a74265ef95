import { parseAddress } from '../../../model/cidr.ts'
import type { AddressRange } from '../../addresses.ts'

/** Ranges that one wildcard stands for at most: beyond it a mask with holes is not spelled out. */
const mostRanges = 4096

/**
 * `10.1.0.0 0.0.255.255`, as IOS writes them: bits that are set in the wildcard may be anything, and need not stand
 * together, so that one may be many ranges.
 */
export function wildcardRanges(
  address: string | undefined,
  wildcard: string | undefined,
): readonly AddressRange[] | undefined {
  const [found, bits] = [parseAddress(address ?? ''), parseAddress(wildcard ?? '')]
  if (found?.family !== 4 || bits?.family !== 4) return undefined
  // The ones at the end make each range, every other one doubles their number.
  let low = 0n
  while ((bits.value >> low) & 1n) low += 1n
  const size = 1n << low
  const others = Array.from({ length: 32 - Number(low) }, (_, at) => low + BigInt(at)).filter(
    (bit) => (bits.value >> bit) & 1n,
  )
  if (2 ** others.length > mostRanges) return undefined
  const base = found.value & (bits.value ^ 0xffffffffn)
  return others
    .reduce<readonly bigint[]>((starts, bit) => starts.flatMap((start) => [start, start | (1n << bit)]), [base])
    .map((first) => ({ family: 4, first, last: first + size - 1n }))
}
