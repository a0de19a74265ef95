import { parseAddress, parseCidr } from '../../../model/cidr.ts'
import type { Addresses, AddressRange } from '../../addresses.ts'
import { everyAddress, mergedRanges, rangesWithout, unknownAddresses } from '../../addresses.ts'

/** What one text of an address list stands for. */
export type AddressText =
  | { readonly kind: 'any' }
  | { readonly kind: 'range'; readonly range: AddressRange }
  /** A prefix with bits behind its length: the block that it lies in, of which nobody knows whether Azure takes it so. */
  | { readonly kind: 'slip'; readonly range: AddressRange }
  /** A service tag, with its region where it has one: `AzureActiveDirectory`, `Storage.WestEurope`. */
  | { readonly kind: 'tag'; readonly tag: string }
  | { readonly kind: 'unread' }

/** Reads an address, a prefix, a range `a-b`, `*`, `Any` or a service tag. */
export function readAddressText(text: string): AddressText {
  const trimmed = text.trim()
  if (trimmed === '*' || trimmed.toLowerCase() === 'any') return { kind: 'any' }
  const address = parseAddress(trimmed)
  if (address !== undefined) {
    return { kind: 'range', range: { family: address.family, first: address.value, last: address.value } }
  }
  const cidr = parseCidr(trimmed)
  if ('ok' in cidr) return { kind: 'range', range: rangeOf(cidr.ok) }
  if (cidr.error === 'host-bits') {
    const block = parseCidr(cidr.canonical)
    return 'ok' in block ? { kind: 'slip', range: rangeOf(block.ok) } : { kind: 'unread' }
  }
  const [from, to, ...more] = trimmed.split('-').map((end) => parseAddress(end.trim()))
  if (from !== undefined && to !== undefined && more.length === 0) {
    const isRange = from.family === to.family && from.value <= to.value
    return isRange
      ? { kind: 'range', range: { family: from.family, first: from.value, last: to.value } }
      : { kind: 'unread' }
  }
  // PowerShell writes the type of what it cuts off, for want of -Depth.
  if (/^(System|Microsoft)\./.test(trimmed)) return { kind: 'unread' }
  return /^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$/i.test(trimmed) ? { kind: 'tag', tag: trimmed } : { kind: 'unread' }
}

function rangeOf(block: { family: 4 | 6; first: bigint; prefixLength: number }): AddressRange {
  const size = 1n << BigInt((block.family === 4 ? 32 : 128) - block.prefixLength)
  return { family: block.family, first: block.first, last: block.first + size - 1n }
}

/** The ranges of prefixes that are right by construction. */
export function blocks(...texts: readonly string[]): readonly AddressRange[] {
  return mergedRanges(
    texts.map((text) => {
      const read = readAddressText(text)
      if (read.kind !== 'range') throw new TypeError(`${text} is no block`)
      return read.range
    }),
  )
}

/** Where virtual networks and what is joined to them lie as a rule: RFC 1918, shared space (RFC 6598), RFC 4193. */
export const privateSpace = blocks('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7')

/** The host's own address, by which Azure gives DNS, DHCP and health probes, and the metadata service. */
export const platformAddresses = blocks('168.63.129.16', '169.254.169.254')

/** Where health probes come from (Microsoft Learn: *What is IP address 168.63.129.16*; load balancer probes over IPv6). */
export const probeAddresses = blocks('168.63.129.16', 'fe80::1234:5678:9abc')

const nowhereInPublic = blocks(
  '0.0.0.0/8',
  '10.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '224.0.0.0/3',
)

/** Addresses that no network keeps to itself, where services of Microsoft can be: what service tags list. */
export const publicSpace = mergedRanges([
  ...rangesWithout(everyAddress(4).sure, nowhereInPublic),
  ...blocks('2000::/3', '64:ff9b::/96'),
])

/** Shared address space (RFC 6598), of which Azure does not say whether it is of the internet. */
export const sharedSpace = blocks('100.64.0.0/10')

/** What the tag `Internet` holds where no virtual network has public addresses. */
export const internetSpace = rangesWithout(
  publicSpace,
  mergedRanges([...platformAddresses, ...sharedSpace, ...blocks('64:ff9b::/96')]),
)

/** A list of Microsoft's that changes weekly. It holds public addresses; tags of the platform stand for the host's too. */
export function serviceTagAddresses(tag: string): Addresses {
  const within = /^AzurePlatform/i.test(tag) ? everyAddress().sure : publicSpace
  return unknownAddresses({ kind: 'tag', what: `the content of the tag ${tag}`, tag }, within)
}

/** Whether a tag is the one of the default rules, in today's spelling or the classic one (`VIRTUAL_NETWORK`). */
export function isTag(tag: string, name: string): boolean {
  return tag.replaceAll('_', '').toLowerCase() === name.toLowerCase()
}
