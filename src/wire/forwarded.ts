import type { Cidr } from '../model/cidr.ts'
import { cidrContains, parseAddress, parseHostPort } from '../model/cidr.ts'
import { bracketed } from '../model/hostPort.ts'
import { plainAddress } from '../model/plainAddress.ts'

/**
 * What proxies tell of those who stand before them: `Forwarded` (RFC 7239) and the older `X-Forwarded-For`. Anybody can
 * write these fields, so that only what a listed proxy added at the right end counts for anything.
 */

/** One hop as a proxy names it: an address, or that it does not say (`unknown`, `_hidden`). */
export type ForwardedNode =
  | { readonly kind: 'address'; readonly address: string; readonly port?: number }
  | { readonly kind: 'not-told' }

/** One element of `Forwarded`; parameters that are not ours to read are left out. */
export interface ForwardedElement {
  readonly for?: ForwardedNode
  readonly host?: string
  readonly proto?: string
}

/** Whose request it is, and by what that is known. */
export interface ToldClient {
  /** Canonical; IPv4 as such, also where it was written as IPv6. */
  readonly address: string
  /**
   * `peer`: nobody who may tell has told. `told`: by a listed proxy. `unreadable`: a listed proxy sent a field that cannot
   * be read, or two fields that contradict each other, and the address is that of the proxy: who judges by addresses must
   * refuse, or whoever sends rubbish comes from the proxy's network.
   */
  readonly by: 'peer' | 'told' | 'unreadable'
}

const longestField = 8192
const mostHops = 64
const token = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y
const quoted = /"((?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t \x21-\x7e\x80-\xff])*)"/y
const blanks = /[ \t]*/y

/**
 * The client's address: from the right, the first that is not of a listed proxy.
 *
 * @param peer address of the connection
 * @param fields all header fields, names in lower case
 * @param behind prefixes of proxies that are believed
 */
export function clientAddress(
  peer: string,
  fields: readonly (readonly [name: string, value: string])[],
  behind: readonly Cidr[],
): ToldClient {
  const own = plainAddress(peer) ?? peer
  if (!isListed(own, behind)) return { address: own, by: 'peer' }
  const valuesOf = (name: string): readonly string[] =>
    fields.flatMap(([each, value]) => (each === name ? [value] : []))
  const [standard, older] = [valuesOf('forwarded'), valuesOf('x-forwarded-for')]
  if (standard.length === 0 && older.length === 0) return { address: own, by: 'peer' }
  const unreadable = { address: own, by: 'unreadable' } as const
  const addresses = new Set<string>()
  if (standard.length > 0) {
    const elements = parseForwarded(standard)
    if (elements === undefined) return unreadable
    addresses.add(walk(own, elements.map(hopOf).toReversed(), behind))
  }
  if (older.length > 0) {
    const address = walkOlder(own, older, behind)
    if (address === undefined) return unreadable
    addresses.add(address)
  }
  // A proxy that writes the one hands on the other as the client wrote it: which of two is true cannot be told from here.
  const [address, other] = addresses
  return address === undefined || other !== undefined ? unreadable : { address, by: 'told' }
}

const hopOf = (element: ForwardedElement): ForwardedNode => element.for ?? { kind: 'not-told' }

/** @param nodes from the nearest hop outwards */
function walk(peer: string, nodes: Iterable<ForwardedNode>, behind: readonly Cidr[]): string {
  let last = peer
  for (const node of nodes) {
    if (node.kind === 'not-told') return last
    last = node.address
    if (!isListed(last, behind)) return last
  }
  return last
}

/**
 * Read from the right only as far as it is believed: what stands further left may be anything, and must not make the rest
 * unreadable.
 */
function walkOlder(peer: string, values: readonly string[], behind: readonly Cidr[]): string | undefined {
  const all = values.join(',')
  if (all.length > longestField) return undefined
  const texts = all.split(',').map((text) => text.trim())
  let last = peer
  for (const text of texts.filter((each) => each !== '').toReversed()) {
    const node = readOlderNode(text)
    if (node === undefined) return undefined
    if (node.kind === 'not-told') return last
    last = node.address
    if (!isListed(last, behind)) return last
  }
  return last
}

/** `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]:4711`, `unknown`: no RFC says, and these are written. */
function readOlderNode(text: string): ForwardedNode | undefined {
  if (/^unknown$/i.test(text)) return { kind: 'not-told' }
  const place = parseHostPort(text)
  const address = place && plainAddress(place.host)
  return address === undefined
    ? undefined
    : { kind: 'address', address, ...(place?.port !== undefined && { port: place.port }) }
}

/**
 * Reads `Forwarded` (RFC 7239 §4); several fields are one list. Blanks around semicolons are taken, as they change nothing.
 *
 * @returns undefined where any of it is malformed, over 8,192 characters, or more than 64 hops: then none of it counts
 */
export function parseForwarded(values: readonly string[]): readonly ForwardedElement[] | undefined {
  const elements: ForwardedElement[] = []
  let length = 0
  for (const value of values) {
    length += value.length
    if (length > longestField) return undefined
    const read = parseField(value)
    if (read === undefined) return undefined
    elements.push(...read)
    if (elements.length > mostHops) return undefined
  }
  return elements
}

function parseField(text: string): readonly ForwardedElement[] | undefined {
  const elements: ForwardedElement[] = []
  let pairs = new Map<string, string>()
  let at = skip(text, 0)
  const close = (): boolean => {
    const element = pairs.size === 0 ? null : elementOf(pairs)
    pairs = new Map()
    if (element === undefined) return false
    if (element !== null) elements.push(element)
    return true
  }
  while (at < text.length) {
    if (text[at] === ',') {
      if (!close()) return undefined
      at = skip(text, at + 1)
    } else if (text[at] === ';') {
      at = skip(text, at + 1)
    } else {
      const pair = pairAt(text, at)
      // A parameter stands once in an element (RFC 7239 §4): of two nobody knows which is meant.
      if (pair === undefined || pairs.has(pair.name)) return undefined
      pairs.set(pair.name, pair.value)
      at = skip(text, pair.end)
      if (at < text.length && text[at] !== ',' && text[at] !== ';') return undefined
    }
  }
  return close() ? elements : undefined
}

function pairAt(text: string, at: number): { name: string; value: string; end: number } | undefined {
  const name = matchAt(token, text, at)?.[0]
  const equals = at + (name?.length ?? 0)
  if (name === undefined || text[equals] !== '=') return undefined
  const string = matchAt(quoted, text, equals + 1)
  const value = string?.[1]?.replaceAll(/\\(.)/g, '$1') ?? matchAt(token, text, equals + 1)?.[0]
  if (value === undefined) return undefined
  return { name: name.toLowerCase(), value, end: equals + 1 + (string?.[0] ?? value).length }
}

/** undefined where a parameter that is read has no right value. */
function elementOf(pairs: ReadonlyMap<string, string>): ForwardedElement | undefined {
  const [hop, by, host, proto] = ['for', 'by', 'host', 'proto'].map((name) => pairs.get(name))
  const node = hop === undefined ? undefined : readNode(hop)
  if ((hop !== undefined && node === undefined) || (by !== undefined && readNode(by) === undefined)) return undefined
  if (proto !== undefined && !/^[a-z][a-z0-9+.-]*$/i.test(proto)) return undefined
  if (host !== undefined && !/^[^\s/\\@?#"]+$/.test(host)) return undefined
  return {
    ...(node !== undefined && { for: node }),
    ...(host !== undefined && { host }),
    ...(proto !== undefined && { proto: proto.toLowerCase() }),
  }
}

/** RFC 7239 §6: an IPv6 address stands in brackets, and a port may be hidden as well. */
function readNode(text: string): ForwardedNode | undefined {
  const parts = /^(\[[0-9a-f:.]+\]|[\d.]+|unknown|_[\w.-]+)(?::(\d{1,5}|_[\w.-]+))?$/i.exec(text)
  const [, name = '', port] = parts ?? []
  if (parts === null) return undefined
  if (/^(_|unknown$)/i.test(name)) return { kind: 'not-told' }
  const address = plainAddress(name.replace(/^\[|\]$/g, ''))
  const number = port === undefined || port.startsWith('_') ? undefined : Number(port)
  if (address === undefined || (number !== undefined && number > 65_535)) return undefined
  return { kind: 'address', address, ...(number !== undefined && { port: number }) }
}

function isListed(text: string, behind: readonly Cidr[]): boolean {
  const address = parseAddress(text)
  return address !== undefined && behind.some((cidr) => cidrContains(cidr, address))
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}

function skip(text: string, at: number): number {
  return at + (matchAt(blanks, text, at)?.[0].length ?? 0)
}

/** What is told to those behind: one hop, whatever came before it. */
export interface TellableHop {
  /** Canonical. */
  readonly address: string
  /** Name and port that the client asked for. */
  readonly host: string
  readonly proto: 'http' | 'https'
}

/** Writes one element of `Forwarded` (RFC 7239 §4). */
export function formatForwarded({ address, host, proto }: TellableHop): string {
  return `for=${parameter(bracketed(address))};host=${parameter(host)};proto=${proto}`
}

function parameter(text: string): string {
  return matchAt(token, text, 0)?.[0] === text ? text : `"${text.replaceAll(/["\\]/g, '\\$&')}"`
}
