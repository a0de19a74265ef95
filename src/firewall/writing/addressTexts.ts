import { formatAddress } from '../../model/cidr.ts'
import type { AddressRange } from '../addresses.ts'

/** CIDR blocks that are together a range, the fewest that do, each as its first address and its prefix length. */
export interface Block {
  readonly family: 4 | 6
  readonly first: bigint
  readonly length: number
}

/** The fewest blocks that are together the ranges, in their order. */
export function blocksOf(ranges: readonly AddressRange[]): readonly Block[] {
  return ranges.flatMap(({ family, first, last }) => {
    const width = family === 4 ? 32 : 128
    const blocks: Block[] = []
    for (let at = first; at <= last; ) {
      let bits = 0
      while (bits < width) {
        const size = 1n << BigInt(bits + 1)
        if (at % size !== 0n || at + size - 1n > last) break
        bits += 1
      }
      blocks.push({ family, first: at, length: width - bits })
      at += 1n << BigInt(bits)
    }
    return blocks
  })
}

/** `10.1.0.10`, `10.0.0.0/8`: blocks in CIDR text, one address without its length. */
export function prefixTexts(ranges: readonly AddressRange[]): readonly string[] {
  return blocksOf(ranges).map((block) => blockText(block, false))
}

/** The same with a length everywhere: `10.1.0.10/32`. */
export function cidrTexts(ranges: readonly AddressRange[]): readonly string[] {
  return blocksOf(ranges).map((block) => blockText(block, true))
}

function blockText({ family, first, length }: Block, always: boolean): string {
  const address = formatAddress({ family, value: first })
  return !always && length === (family === 4 ? 32 : 128) ? address : `${address}/${length}`
}

/** `10.1.0.10`, `10.0.0.0/8`, `10.0.0.1-10.0.0.9`: one text for each range. */
export function intervalTexts(ranges: readonly AddressRange[]): readonly string[] {
  return ranges.map((range) => {
    const [block, ...more] = prefixTexts([range])
    if (block !== undefined && more.length === 0) return block
    const [first, last] = [range.first, range.last].map((value) => formatAddress({ family: range.family, value }))
    return `${first}-${last}`
  })
}

/** Those of one family. */
export function inFamily(ranges: readonly AddressRange[], family: 4 | 6): readonly AddressRange[] {
  return ranges.filter((range) => range.family === family)
}
