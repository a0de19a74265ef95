import { parseAddress } from '../../../model/cidr.ts'
import type { Addresses, AddressRange } from '../../addresses.ts'
import { addressesOf, everyAddress, mergedRanges, unionOf, unknownAddresses } from '../../addresses.ts'
import { boundedUnions } from '../../boundedUnions.ts'
import type { XmlTree } from '../../text/xmlTree.ts'
import type { Unknown } from '../../unknown.ts'
import { rangeBetween } from '../rangeBetween.ts'
import type { Notes } from './notes.ts'
import { membersOf, nameOf } from './notes.ts'

/** Where names are looked up, the nearest first: a virtual system or device group, those above it, the shared part. */
export type Scopes = readonly XmlTree[]

/** Entries of one kind by name in every scope, made once. */
export function entriesIn(scopes: Scopes, ...path: readonly string[]): readonly ReadonlyMap<string, XmlTree>[] {
  return scopes.map(
    (scope) => new Map((scope.child(...path)?.elements('entry') ?? []).map((entry) => [nameOf(entry), entry])),
  )
}

/** Groups within each other that are followed: a device refuses far fewer, and a walk of any depth would not end. */
const deepest = 64

const understoodOfAddress = new Set([
  'ip-netmask',
  'ip-range',
  'ip-wildcard',
  'fqdn',
  'description',
  'tag',
  'disable-override',
])
const understoodOfGroup = new Set(['static', 'dynamic', 'description', 'tag', 'disable-override'])

/** Addresses of what a rule lists: objects, groups, lists from outside, regions, and addresses as they are. */
export function addressObjects(scopes: Scopes, notes: Notes): (names: readonly string[]) => Addresses {
  const addresses = entriesIn(scopes, 'address')
  const groups = entriesIn(scopes, 'address-group')
  const lists = entriesIn(scopes, 'external-list')
  const regions = entriesIn(scopes, 'region')
  const union = boundedUnions()
  const known = new Map<string, Addresses>()
  const open = new Set<string>()

  /** A name is looked up from the scope where it is used upwards: a shared group does not see what is below it. */
  const lookUp = (name: string, from: number): Addresses => {
    const id = `${from} ${name}`
    const before = known.get(id)
    if (before !== undefined) return before
    if (open.has(id)) return unknownAddresses({ kind: 'other', what: `the group "${name}", which holds itself` })
    if (open.size >= deepest) {
      return unknownAddresses({ kind: 'other', what: `the group "${name}", nested more than ${deepest} deep` })
    }
    open.add(id)
    const found = resolve(name, from)
    open.delete(id)
    known.set(id, found)
    return found
  }

  const resolve = (name: string, from: number): Addresses => {
    for (let at = from; at < scopes.length; at += 1) {
      const address = addresses[at]?.get(name)
      if (address !== undefined) return objectAddresses(address, notes)
      const group = groups[at]?.get(name)
      if (group !== undefined) return groupAddresses(group, at)
      if (lists[at]?.has(name) === true) {
        return unknownAddresses({ kind: 'dynamic-set', what: `the content of the external list "${name}"` })
      }
      const region = regions[at]?.get(name)
      if (region !== undefined)
        return unionOf(membersOf(region.child('address')).map((text) => literal(text) ?? regionUnknown(name)))
    }
    return literal(name) ?? other(name)
  }

  const groupAddresses = (group: XmlTree, from: number): Addresses => {
    const strange = notes.strangers(group, understoodOfGroup)
    const doubts = strange.map((because) => unknownAddresses(because))
    const dynamic = group.child('dynamic')
    if (dynamic !== undefined) {
      const filter = dynamic.child('filter')?.text() ?? ''
      return unknownAddresses({
        kind: 'dynamic-set',
        what: `which addresses have the tags ${filter} ("${nameOf(group)}")`,
      })
    }
    return union([...membersOf(group.child('static')).map((member) => lookUp(member, from)), ...doubts])
  }

  return (names) => (names.includes('any') ? everyAddress() : union(names.map((name) => lookUp(name, 0))))
}

function regionUnknown(name: string): Addresses {
  return unknownAddresses({ kind: 'tag', what: `the addresses of the region ${name}`, tag: name })
}

function other(name: string): Addresses {
  // Countries are two letters; lists of the maker have names of their own.
  if (/^[A-Z]{2}$/.test(name)) return regionUnknown(name)
  if (name.startsWith('panw-')) {
    return unknownAddresses({ kind: 'dynamic-set', what: `the content of the predefined list "${name}"` })
  }
  return unknownAddresses({ kind: 'reference', what: `the object "${name}", which the files do not define` })
}

/** An address, a prefix or a range as a rule may have it in place of an object. */
function literal(text: string): Addresses | undefined {
  const range = rangeOf(text)
  return range === undefined ? undefined : addressesOf([range])
}

/** `10.0.0.5`, `10.0.0.5/24` (bits behind the prefix do not matter), `10.0.0.5-10.0.0.9`. */
export function rangeOf(text: string): AddressRange | undefined {
  const [first = '', last] = text.split('-')
  if (last !== undefined) return rangeBetween(first.trim(), last.trim())
  const [host = '', length, ...more] = text.trim().split('/')
  const address = parseAddress(host)
  if (address === undefined || more.length > 0) return undefined
  const width = address.family === 4 ? 32 : 128
  if (length !== undefined && !/^\d{1,3}$/.test(length)) return undefined
  const prefix = length === undefined ? width : Number(length)
  if (prefix > width) return undefined
  const shift = BigInt(width - prefix)
  const low = (address.value >> shift) << shift
  return { family: address.family, first: low, last: low + (1n << shift) - 1n }
}

function objectAddresses(object: XmlTree, notes: Notes): Addresses {
  const strange = notes.strangers(object, understoodOfAddress)
  const doubts = strange.map((because) => unknownAddresses(because))
  const text = (kind: string): string | undefined => object.child(kind)?.text()
  const [mask, range, wildcard, name] = [text('ip-netmask'), text('ip-range'), text('ip-wildcard'), text('fqdn')]
  const found =
    name !== undefined
      ? namesAddresses(name)
      : wildcard !== undefined
        ? wildcardAddresses(wildcard)
        : literal(mask ?? range ?? '')
  if (found !== undefined) return unionOf([found, ...doubts])
  return unknownAddresses(notes.unread(object, 'it holds no address that is understood'))
}

function namesAddresses(name: string): Addresses {
  const pattern = { text: name, name: name.toLowerCase().replace(/\.$/, ''), covers: 'exactly' } as const
  return unknownAddresses({ kind: 'names', what: `what ${name} resolves to`, names: [pattern] })
}

/** Ranges that a wildcard mask is written out to at most; with more, it is known only where they lie. */
const mostRanges = 4096

/** `10.0.1.0/0.0.248.255`: bits that are set in the mask may be anything. */
function wildcardAddresses(text: string): Addresses | undefined {
  const [host = '', maskText = ''] = text.split('/')
  const [address, mask] = [parseAddress(host), parseAddress(maskText)]
  if (address?.family !== 4 || mask?.family !== 4) return undefined
  const free = mask.value
  const base = address.value & ~free & 0xffffffffn
  let tail = 0n
  while ((free >> tail) & 1n) tail += 1n
  const gaps: bigint[] = []
  for (let bit = tail; bit < 32n; bit += 1n) if ((free >> bit) & 1n) gaps.push(1n << bit)
  if (2 ** gaps.length > mostRanges) {
    const because: Unknown = { kind: 'other', what: `the mask of ${text}, which has too many gaps to write out` }
    return unknownAddresses(because, [{ family: 4, first: base, last: base | free }])
  }
  let starts = [base]
  for (const bit of gaps) starts = starts.flatMap((start) => [start, start | bit])
  const size = (1n << tail) - 1n
  return addressesOf(mergedRanges(starts.map((first) => ({ family: 4 as const, first, last: first + size }))))
}
