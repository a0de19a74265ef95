import { parseAddress } from '../../../model/cidr.ts'
import type { Addresses } from '../../addresses.ts'
import { addressesOf, everyAddress, noAddress, unionOf, unknownAddresses } from '../../addresses.ts'
import { cidrRange } from '../cidrRange.ts'
import type { Tree } from './tree.ts'

const deepest = 32

/**
 * What a word of a policy stands for: an address or set of the zone's own book, of one that is attached to the zone, or
 * of the global one, in this order.
 */
export function addressesOfWord(word: string, zone: string | undefined, tree: Tree): Addresses {
  if (word === 'any') return everyAddress()
  if (word === 'any-ipv4') return everyAddress(4)
  if (word === 'any-ipv6') return everyAddress(6)
  for (const book of booksOf(zone, tree)) {
    const found = inBook(book, word, 0)
    if (found !== undefined) return found
  }
  const range = cidrRange(word)
  return range === undefined
    ? unknownAddresses({ kind: 'reference', what: `the address ${word}, which is in no book of the file` })
    : addressesOf([range])
}

function booksOf(zone: string | undefined, tree: Tree): readonly Tree[] {
  const books = tree.below('security', 'address-book')
  const own = zone === undefined ? undefined : tree.at('security', 'zones', 'security-zone', zone, 'address-book')
  const attached = books.filter(([, book]) => zone !== undefined && book.at('attach', 'zone', zone) !== undefined)
  const global = books.filter(([name]) => name === 'global')
  return [...(own === undefined ? [] : [own]), ...[...attached, ...global].map(([, book]) => book)]
}

function inBook(book: Tree, word: string, depth: number): Addresses | undefined {
  const address = book.at('address', word)
  if (address !== undefined) return addressOf(address, word)
  const set = book.at('address-set', word)
  if (set === undefined) return undefined
  if (depth > deepest) return unknownAddresses({ kind: 'other', what: `the address set ${word}, which holds itself` })
  const members = [...set.values('address'), ...set.values('address-set')].map(
    (member) =>
      inBook(book, member, depth + 1) ??
      unknownAddresses({ kind: 'reference', what: `the address ${member}, which is in no book of the file` }),
  )
  return members.length === 0 ? noAddress : unionOf(members)
}

/** `10.1.0.0/16`, `dns-name x`, `range-address a to b`, `wildcard-address`. */
function addressOf(address: Tree, word: string): Addresses {
  const name = address.value('dns-name')
  if (name !== undefined) {
    const what = `the addresses of ${name}, which the device resolves`
    return unknownAddresses({
      kind: 'names',
      what,
      names: [{ text: name, name: name.toLowerCase(), covers: 'exactly' }],
    })
  }
  const low = address.value('range-address')
  if (low !== undefined) {
    const [first, last] = [parseAddress(low), parseAddress(address.value('range-address', low, 'to') ?? low)]
    if (first !== undefined && last?.family === first.family && last.value >= first.value) {
      return addressesOf([{ family: first.family, first: first.value, last: last.value }])
    }
  }
  const prefix = address.values().find((value) => value !== 'description')
  const range = prefix === undefined ? undefined : cidrRange(prefix)
  if (range !== undefined) return addressesOf([range])
  return unknownAddresses({ kind: 'unread', what: `the address ${word}, which is not understood` })
}
