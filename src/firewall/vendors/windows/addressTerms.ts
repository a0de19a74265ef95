import { parseAddress } from '../../../model/cidr.ts'
import type { Addresses, AddressRange } from '../../addresses.ts'
import { addressesOf, everyAddress, unionOf, unknownAddresses } from '../../addresses.ts'
import type { NamePattern } from '../../namePattern.ts'
import type { Unknown } from '../../unknown.ts'
import { rangeBetween } from '../rangeBetween.ts'

/** What the words and ids of address conditions stand for on the machine, as far as the files or the user tell. */
export interface AddressKnowledge {
  /** By the word in lower case, such as `localsubnet`. */
  readonly words: ReadonlyMap<string, readonly AddressRange[]>
  /** Dynamic keyword addresses by id in lower case, without braces. */
  readonly keywords: ReadonlyMap<string, Addresses>
}

/** Words for addresses: kind of unknown, and what settles it. */
const words: Readonly<Record<string, readonly [Unknown['kind'], string, (4 | 6)?]>> = {
  localsubnet: ['place', 'which addresses are in the subnets of the machine (LocalSubnet)'],
  localsubnet4: ['place', 'which addresses are in the IPv4 subnets of the machine (LocalSubnet4)', 4],
  localsubnet6: ['place', 'which addresses are in the IPv6 subnets of the machine (LocalSubnet6)', 6],
  dns: ['dynamic-set', 'which DNS servers the machine uses'],
  dhcp: ['dynamic-set', 'which DHCP servers the machine uses'],
  wins: ['dynamic-set', 'which WINS servers the machine uses'],
  defaultgateway: ['dynamic-set', 'what the default gateway of the machine is'],
  internet: ['place', 'what Windows takes for the internet (network isolation)'],
  intranet: ['place', 'what Windows takes for the intranet (network isolation)'],
  intranetremoteaccess: ['place', 'what Windows takes for the intranet by remote access (network isolation)'],
  rmtintranet: ['place', 'what Windows takes for the remote intranet (network isolation)'],
  playtodevice: ['dynamic-set', 'which devices the machine plays to'],
  ply2renders: ['dynamic-set', 'which devices the machine plays to'],
  captiveportal: ['dynamic-set', 'which captive portal the machine meets'],
}

/**
 * Reads the values of LocalAddress or RemoteAddress: addresses, prefixes with length or mask, ranges, words.
 *
 * @returns no `set` where any address fits; `faults` are values that are none of these, and could be any address
 */
export function addressesOfTerms(
  values: readonly string[],
  known: AddressKnowledge,
): { readonly set?: Addresses; readonly faults: readonly string[] } {
  const terms = values.flatMap((value) => value.split(/[,;\s]+/)).filter((term) => term !== '')
  if (terms.some((term) => /^(any|\*)$/i.test(term))) return { faults: [] }
  const ranges: AddressRange[] = []
  const sets: Addresses[] = []
  const faults: string[] = []
  for (const term of terms) {
    const range = rangeOf(term)
    if (range !== undefined) ranges.push(range)
    else {
      const set = setOfWord(term, known)
      if (set === undefined) faults.push(term)
      else sets.push(set)
    }
  }
  return { set: unionOf([addressesOf(ranges), ...sets]), faults }
}

function setOfWord(term: string, known: AddressKnowledge): Addresses | undefined {
  const word = term.toLowerCase()
  const settled = known.words.get(word)
  if (settled !== undefined) return addressesOf(settled)
  const row = Object.hasOwn(words, word) ? words[word] : undefined
  if (row === undefined) return undefined
  const [kind, what, family] = row
  return unknownAddresses({ kind, what }, everyAddress(family).sure)
}

/** One address, prefix (with length or dotted mask) or range. */
export function rangeOf(term: string): AddressRange | undefined {
  const dash = term.indexOf('-')
  if (dash > 0) return rangeBetween(term.slice(0, dash), term.slice(dash + 1))
  const [text = '', mask] = term.split('/')
  const address = parseAddress(text)
  if (address === undefined) return undefined
  const bits = address.family === 4 ? 32 : 128
  const length = mask === undefined ? bits : lengthOf(mask, bits)
  if (length === undefined || term.split('/').length > 2) return undefined
  const size = 1n << BigInt(bits - length)
  // Windows takes 10.1.2.3/8 for its network.
  const first = address.value - (address.value % size)
  return { family: address.family, first, last: first + size - 1n }
}

function lengthOf(mask: string, bits: number): number | undefined {
  if (/^\d{1,3}$/.test(mask)) return Number(mask) <= bits ? Number(mask) : undefined
  const dotted = parseAddress(mask)
  if (dotted === undefined || dotted.family !== 4 || bits !== 32) return undefined
  const inverse = (1n << 32n) - 1n - dotted.value
  // Ones, then zeros: the inverse and its successor share no bit.
  return (inverse & (inverse + 1n)) === 0n ? 32 - inverse.toString(2).replace(/^0$/, '').length : undefined
}

/** What a dynamic keyword address stands for: its addresses, or with AutoResolve its name. */
export function setOfKeyword(
  keyword: string,
  addresses: readonly string[],
  autoResolve: boolean | undefined,
): Addresses {
  const id = keyword === '' ? 'a dynamic keyword address' : keyword
  if (autoResolve !== false) {
    const pattern = patternOf(keyword)
    if (autoResolve === undefined || pattern === undefined) {
      return unknownAddresses({ kind: 'dynamic-set', what: `the addresses of the dynamic keyword ${id}` })
    }
    return unknownAddresses({
      kind: 'names',
      what: `the addresses that Windows has learnt of ${keyword}, which takes Microsoft Defender Antivirus with network protection`,
      names: [pattern],
    })
  }
  const terms = addresses.flatMap((value) => value.split(/[,;\s]+/)).filter((term) => term !== '')
  const ranges = terms.map(rangeOf)
  const whole = ranges.flatMap((range) => (range === undefined ? [] : [range]))
  const set = addressesOf(whole)
  if (whole.length === terms.length) return set
  return unionOf([
    set,
    unknownAddresses({ kind: 'unread', what: `addresses of the dynamic keyword ${id} that are not understood` }),
  ])
}

/** Names are exact; a star covers what stands for it, over labels too, which Microsoft does not narrow. */
function patternOf(keyword: string): NamePattern | undefined {
  const name = keyword.toLowerCase().replace(/\.$/, '')
  if (!/^[a-z0-9_*-]+(\.[a-z0-9_*-]+)+$/.test(name)) return undefined
  const bare = name.replace(/\*+/g, '').replace(/^\./, '')
  return { text: keyword, name: bare, covers: name.includes('*') ? 'glob' : 'exactly' }
}

/** The network that an address of the machine is in. */
export function networkOf(address: string, length: string): AddressRange | undefined {
  return rangeOf(`${address.replace(/%.*$/, '')}/${length}`)
}
