import type { Addresses } from '../../addresses.ts'
import { addressesOf, everyAddress, noAddress, unknownAddresses } from '../../addresses.ts'
import { boundedUnions } from '../../boundedUnions.ts'
import { cidrRange } from '../cidrRange.ts'
import { rangeBetween } from '../rangeBetween.ts'
import { resolvedOnce } from '../resolvedOnce.ts'
import type { Tree } from './tree.ts'

/**
 * What a word of a policy stands for: an address or set of the zone's own book, of one that is attached to the zone, or
 * of the global one, in this order.
 */
export type AddressBooks = (word: string, zone: string | undefined) => Addresses

/** @param tree of the whole configuration */
export function addressBooksOf(tree: Tree): AddressBooks {
  const union = boundedUnions()
  const opened = new Map<Tree, Book>()
  const bookOf = (node: Tree): Book => {
    const book = opened.get(node) ?? bookIn(node, union)
    opened.set(node, book)
    return book
  }
  return (word, zone) => {
    if (word === 'any') return everyAddress()
    if (word === 'any-ipv4') return everyAddress(4)
    if (word === 'any-ipv6') return everyAddress(6)
    for (const node of booksOf(zone, tree)) {
      const found = bookOf(node)(word)
      if (found !== undefined) return found
    }
    const range = cidrRange(word)
    return range === undefined ? inNoBook(word) : addressesOf([range])
  }
}

function inNoBook(word: string): Addresses {
  return unknownAddresses({ kind: 'reference', what: `the address ${word}, which is in no book of the file` })
}

function booksOf(zone: string | undefined, tree: Tree): readonly Tree[] {
  const books = tree.below('security', 'address-book')
  const own = zone === undefined ? undefined : tree.at('security', 'zones', 'security-zone', zone, 'address-book')
  const attached = books.filter(([, book]) => zone !== undefined && book.at('attach', 'zone', zone) !== undefined)
  const global = books.filter(([name]) => name === 'global')
  return [...(own === undefined ? [] : [own]), ...[...attached, ...global].map(([, book]) => book)]
}

/** What a word stands for in one book; undefined where it is not in it. */
type Book = (word: string) => Addresses | undefined

function bookIn(book: Tree, union: ReturnType<typeof boundedUnions>): Book {
  return resolvedOnce<Addresses | undefined>(
    (word, of) => {
      const address = book.at('address', word)
      if (address !== undefined) return addressOf(address, word)
      const set = book.at('address-set', word)
      if (set === undefined) return undefined
      const members = [...set.values('address'), ...set.values('address-set')]
      return members.length === 0 ? noAddress : union(members.map((member) => of(member) ?? inNoBook(member)))
    },
    (word, why) => unknownAddresses({ kind: 'other', what: `the address set ${word}, ${why}` }),
  )
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
    const range = rangeBetween(low, address.value('range-address', low, 'to') ?? low)
    if (range !== undefined) return addressesOf([range])
  }
  const prefix = address.values().find((value) => value !== 'description')
  const range = prefix === undefined ? undefined : cidrRange(prefix)
  if (range !== undefined) return addressesOf([range])
  return unknownAddresses({ kind: 'unread', what: `the address ${word}, which is not understood` })
}
