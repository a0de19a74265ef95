import { isHostName } from '../catalog/index.ts'
import type { AddressRange } from '../firewall/addresses.ts'
import { mergedRanges } from '../firewall/addresses.ts'
import { parseAddress } from '../model/cidr.ts'

/** Addresses that somebody looked up, by name in lower case without its last dot. */
export interface NameTable {
  readonly addresses: ReadonlyMap<string, readonly AddressRange[]>
  /** Lines that are none of the forms: how many, and the first, counted from 1. */
  readonly unread: { readonly count: number; readonly firstLine: number }
}

/** Names that lead to names are followed so far: a longer chain is a circle. */
const mostAliases = 16

/**
 * Reads a dump of names and addresses, a line each, in any of these forms, which may be mixed:
 * `name address…`; a hosts file's `address name…`; what `dig` answers and zone files have,
 * `name. 300 IN A 20.190.128.1`, with AAAA and CNAME. What stands behind `#` or `;` is a comment. Never throws.
 */
export function readNameTable(text: string): NameTable {
  const found = new Map<string, AddressRange[]>()
  const aliases = new Map<string, string>()
  let count = 0
  let firstLine = 0
  for (const [at, line] of text.split(/\r\n|\n|\r/).entries()) {
    const words = (line.split(/[#;]/, 1)[0] ?? '').trim().split(/[\s,]+/)
    if (words.length === 1 && words[0] === '') continue
    if (takeRecord(words, found, aliases) || takeLine(words, found)) continue
    count += 1
    if (firstLine === 0) firstLine = at + 1
  }
  for (const name of aliases.keys()) {
    const end = endOf(name, aliases)
    const ranges = end === undefined ? undefined : found.get(end)
    if (ranges !== undefined && !found.has(name)) found.set(name, ranges)
  }
  return {
    addresses: new Map([...found].map(([name, ranges]) => [name, mergedRanges(ranges)])),
    unread: { count, firstLine },
  }
}

/** `name [TTL] [class] TYPE value`, the two in either order (RFC 1035 §5.1); other types say nothing here. */
function takeRecord(
  words: readonly string[],
  found: Map<string, AddressRange[]>,
  aliases: Map<string, string>,
): boolean {
  const [owner = '', ...rest] = words
  const typeAt = rest.findIndex((word) => !/^(\d+|IN)$/i.test(word))
  const type = rest[typeAt]?.toUpperCase() ?? ''
  const value = rest[typeAt + 1]
  if (typeAt > 2 || value === undefined || !/^[A-Z][A-Z0-9]{0,9}$/.test(type) || !isHostName(owner)) return false
  if (type === 'A' || type === 'AAAA') {
    const address = parseAddress(value)
    return address !== undefined && add(found, owner, address)
  }
  if (type === 'CNAME' && isHostName(value)) aliases.set(nameOf(owner), nameOf(value))
  return otherTypes.has(type)
}

const otherTypes: ReadonlySet<string> = new Set([
  ...['CNAME', 'DNAME', 'NS', 'SOA', 'MX', 'TXT', 'SRV', 'PTR', 'CAA', 'HTTPS', 'SVCB', 'RRSIG', 'NSEC', 'NSEC3', 'DS'],
])

/** `name address…` or `address name…`. */
function takeLine([first = '', ...rest]: readonly string[], found: Map<string, AddressRange[]>): boolean {
  if (rest.length === 0) return false
  const address = parseAddress(first)
  if (address !== undefined) {
    if (!rest.every(isHostName)) return false
    return rest.every((name) => add(found, name, address))
  }
  const addresses = rest.map(parseAddress)
  if (!isHostName(first) || addresses.includes(undefined)) return false
  return addresses.every((one) => one !== undefined && add(found, first, one))
}

function add(
  found: Map<string, AddressRange[]>,
  name: string,
  { family, value }: { readonly family: 4 | 6; readonly value: bigint },
): true {
  const ranges = found.get(nameOf(name))
  const range = { family, first: value, last: value }
  if (ranges === undefined) found.set(nameOf(name), [range])
  else ranges.push(range)
  return true
}

function endOf(name: string, aliases: ReadonlyMap<string, string>): string | undefined {
  let end = name
  for (let step = 0; step < mostAliases; step += 1) {
    const next = aliases.get(end)
    if (next === undefined) return end
    end = next
  }
  return undefined
}

function nameOf(text: string): string {
  return text.toLowerCase().replace(/\.$/, '')
}
