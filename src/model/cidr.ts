/** One address: the family, and the number that its octets make in network order (32 or 128 bits). */
export interface Address {
  readonly family: 4 | 6
  readonly value: bigint
}

/** A block of addresses: its first address, and how many leading bits all of them share. */
export interface Cidr {
  readonly family: 4 | 6
  readonly first: bigint
  readonly prefixLength: number
}

/**
 * Reads an address: IPv4 in four decimal parts without leading zeros, IPv6 as in RFC 4291 §2.2 with `::` and an
 * embedded IPv4 tail. A zone (`fe80::1%eth0`) belongs to one machine and is refused.
 *
 * @returns undefined for any other text
 */
export function parseAddress(text: string): Address | undefined {
  const value = text.includes(':') ? parseIpv6(text) : parseIpv4(text)
  if (value === undefined) return undefined
  return { family: text.includes(':') ? 6 : 4, value }
}

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let value = 0n
  for (const part of parts) {
    // A leading zero is octal to some programs and decimal to others: one text would be two addresses.
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined
    value = (value << 8n) | BigInt(part)
  }
  return value
}

function parseIpv6(text: string): bigint | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const left = groupsOf(head ?? [], halves.length === 1)
  const right = tail === undefined ? [] : groupsOf(tail, true)
  if (left === undefined || right === undefined) return undefined
  const missing = 8 - left.length - right.length
  // `::` stands for one group of zeros or more (RFC 4291 §2.2), and without it there are exactly eight.
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined
  const groups = [...left, ...Array<number>(missing).fill(0), ...right]
  return groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n)
}

/** Groups of 16 bits; the last may be an IPv4 address of two groups when it ends the text. */
function groupsOf(parts: readonly string[], endsText: boolean): number[] | undefined {
  const groups: number[] = []
  for (const [index, part] of parts.entries()) {
    if (endsText && index === parts.length - 1 && part.includes('.')) {
      const embedded = parseIpv4(part)
      if (embedded === undefined) return undefined
      groups.push(Number(embedded >> 16n), Number(embedded & 0xffffn))
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) {
      groups.push(Number.parseInt(part, 16))
    } else {
      return undefined
    }
  }
  return groups
}

/** Writes an address in its one canonical text: RFC 5952 §4 for IPv6, IPv4-mapped addresses as §5 recommends. */
export function formatAddress({ family, value }: Address): string {
  return family === 4 ? formatIpv4(value) : formatIpv6(value)
}

function formatIpv4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.')
}

function formatIpv6(value: bigint): string {
  if (value >> 32n === 0xffffn) return `::ffff:${formatIpv4(value & 0xffffffffn)}`
  const groups = Array.from({ length: 8 }, (_, index) => Number((value >> BigInt(112 - 16 * index)) & 0xffffn))
  const { start, length } = longestZeros(groups)
  const hex = (from: number, to?: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':')
  return length < 2 ? hex(0) : `${hex(0, start)}::${hex(start + length)}`
}

/** The longest run of zero groups, the first of equals (RFC 5952 §4.2.3). */
function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  let run = 0
  for (const [index, group] of groups.entries()) {
    run = group === 0 ? run + 1 : 0
    if (run > best.length) best = { start: index - run + 1, length: run }
  }
  return best
}

/** The canonical text of an address in any of its texts; undefined when the text is no address. */
export function canonicalAddress(text: string): string | undefined {
  const address = parseAddress(text)
  return address === undefined ? undefined : formatAddress(address)
}

export type ParsedCidr =
  | { readonly ok: Cidr }
  | { readonly error: 'not-a-cidr' | 'prefix-length' }
  /** `canonical` is the block that the address lies in: most likely what was meant. */
  | { readonly error: 'host-bits'; readonly canonical: string }

/** Reads `address/length` (RFC 4632 §3.1). Bits behind the prefix must be zero: set ones are most often a slip. */
export function parseCidr(text: string): ParsedCidr {
  const match = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text)
  const address = match?.[1] === undefined ? undefined : parseAddress(match[1])
  if (match === null || address === undefined) return { error: 'not-a-cidr' }
  const prefixLength = Number(match[2])
  const width = address.family === 4 ? 32 : 128
  if (prefixLength > width) return { error: 'prefix-length' }
  const shift = BigInt(width - prefixLength)
  const first = (address.value >> shift) << shift
  const cidr = { family: address.family, first, prefixLength }
  return first === address.value ? { ok: cidr } : { error: 'host-bits', canonical: formatCidr(cidr) }
}

/** Writes a block the way {@link parseCidr} reads it. */
export function formatCidr({ family, first, prefixLength }: Cidr): string {
  return `${formatAddress({ family, value: first })}/${prefixLength}`
}

/** Whether a block holds an address; families are never mixed, not even for IPv4-mapped addresses. */
export function cidrContains(cidr: Cidr, address: Address): boolean {
  if (cidr.family !== address.family) return false
  const shift = BigInt((cidr.family === 4 ? 32 : 128) - cidr.prefixLength)
  return address.value >> shift === cidr.first >> shift
}

/** Blocks that stay on one machine (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3). */
const loopback = blocks('127.0.0.0/8', '::1/128')

/**
 * Blocks that lead nowhere in public: private use (RFC 1918), shared (RFC 6598), link-local (RFC 3927, RFC 4291
 * §2.5.6), unique local (RFC 4193).
 */
const privateUse = blocks(
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  'fc00::/7',
  'fe80::/10',
)

/**
 * Blocks that no host on the internet has: those that the IANA registries of special-purpose addresses (RFC 6890) call
 * not globally reachable, multicast, and what is reserved or deprecated (6to4 and its relays: RFC 7526).
 */
const special = blocks(
  '0.0.0.0/8',
  '192.0.0.0/24',
  // Azure's platform resources: to a machine there it is local, whatever the number says.
  '168.63.129.16/32',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
)

/** The only block that IANA hands out for the internet (RFC 4291 §2.4; the registry of global unicast addresses). */
export const globalUnicast = blocks('2000::/3')

/** Blocks of which no address is a host on the internet. */
export const notPublic: readonly Cidr[] = Object.freeze([...loopback, ...privateUse, ...special])

/** IPv4 addresses as a NAT64 shows them to IPv6 hosts (RFC 6052 §2.1). */
const nat64 = blocks('64:ff9b::/96')

/** Whether an address leads back to the machine that dials it. */
export function isLoopback(address: Address): boolean {
  return isIn(loopback, address)
}

/** Whether an address is for private use, shared or link-local; loopback is not: see {@link isLoopback}. */
export function isPrivate(address: Address): boolean {
  return isIn(privateUse, address)
}

/** Whether an address can be a host on the internet. */
export function isPublic(address: Address): boolean {
  const meant = embedded(address)
  if (meant.family === 6 && !isIn(globalUnicast, meant)) return false
  return !isLoopback(meant) && !isPrivate(meant) && !isIn(special, meant)
}

function isIn(list: readonly Cidr[], address: Address): boolean {
  const meant = embedded(address)
  return list.some((cidr) => cidrContains(cidr, meant))
}

/** An IPv4 address that is written as IPv6, mapped (RFC 4291 §2.5.5.2) or for a NAT64, is judged as what it leads to. */
function embedded(address: Address): Address {
  const mapped = address.family === 6 && address.value >> 32n === 0xffffn
  const translated = nat64.some((cidr) => cidrContains(cidr, address))
  return mapped || translated ? { family: 4, value: address.value & 0xffffffffn } : address
}

function blocks(...texts: readonly string[]): readonly Cidr[] {
  return texts.map((text) => {
    const parsed = parseCidr(text)
    if (!('ok' in parsed)) throw new TypeError(`${text} is no block`)
    return parsed.ok
  })
}

/**
 * Reads `host`, `host:port`, `[::1]`, `[::1]:port` and a bare IPv6 address (RFC 3986 §3.2.2). An address comes back in
 * its canonical text, a name in lower case; whether a name is well-formed is not judged.
 *
 * @returns undefined when a part is missing or the port is not 1 to 65535
 */
export function parseHostPort(text: string): { readonly host: string; readonly port?: number } | undefined {
  const bracketed = /^\[([^\]]*)\](?::(\d{1,5}))?$/.exec(text)
  if (bracketed !== null) {
    const address = parseAddress(bracketed[1] ?? '')
    return address?.family === 6 ? withPort(formatAddress(address), bracketed[2]) : undefined
  }
  const bare = parseAddress(text)
  if (bare !== undefined) return { host: formatAddress(bare) }
  const match = /^([^:[\]\s/]+)(?::(\d{1,5}))?$/.exec(text)
  if (match?.[1] === undefined) return undefined
  return withPort(canonicalAddress(match[1]) ?? match[1].toLowerCase(), match[2])
}

function withPort(host: string, port: string | undefined): { host: string; port?: number } | undefined {
  if (port === undefined) return { host }
  const number = Number(port)
  return number >= 1 && number <= 65535 ? { host, port: number } : undefined
}
