import type { Addresses, AddressRange } from '../../addresses.ts'
import { addressesOf, everyAddress, noAddress, unionOf, unknownAddresses } from '../../addresses.ts'
import { cidrRange } from '../cidrRange.ts'
import { netmaskRange } from '../netmaskRange.ts'
import { rangeBetween } from '../rangeBetween.ts'

/** Objects and groups of addresses by name, each as what its lines say. */
export interface AsaObjects {
  readonly objects: Map<string, string[][]>
  readonly groups: Map<string, string[][]>
  /** Short names of the command `name`. */
  readonly names: Map<string, string>
  /** Objects and groups that were read already, or are being read. */
  readonly sets: Map<string, Addresses | 'within'>
}

/** Objects within groups within groups that are followed: an own group has a handful. */
const deepest = 64
/**
 * Reads the addresses at the beginning of some words: `any`, `host A`, `A MASK`, a prefix, `object O`,
 * `object-group G`.
 *
 * @returns how many words they took; undefined where they are none of these
 */
export function addressesAt(
  words: readonly string[],
  known: AsaObjects,
): { readonly set: Addresses; readonly taken: number } | undefined {
  const [first = '', second = ''] = words
  if (first === 'any') return { set: everyAddress(), taken: 1 }
  if (first === 'any4' || first === 'any6') return { set: everyAddress(first === 'any4' ? 4 : 6), taken: 1 }
  if (first === 'object' || first === 'object-group') {
    return { set: setOf(first, second, known, 0), taken: 2 }
  }
  const range = first === 'host' ? cidrRange(known.names.get(second) ?? second) : prefixOf(first, known)
  if (range !== undefined) return { set: addressesOf([range]), taken: first === 'host' ? 2 : 1 }
  const network = netmaskRange(known.names.get(first) ?? first, second)
  return network === undefined ? undefined : { set: addressesOf([network]), taken: 2 }
}

function prefixOf(text: string, { names }: AsaObjects): AddressRange | undefined {
  return text.includes('/') ? cidrRange(names.get(text) ?? text) : undefined
}

function setOf(kind: string, name: string, known: AsaObjects, depth: number): Addresses {
  const key = `${kind} ${name}`
  const read = known.sets.get(key)
  if (read === 'within') return unknownAddresses({ kind: 'other', what: `the ${key}, which is within itself` })
  if (read !== undefined) return read
  const lines = (kind === 'object' ? known.objects : known.groups).get(name)
  if (lines === undefined) return unknownAddresses({ kind: 'reference', what: `the ${key}, which is not defined` })
  if (depth > deepest) {
    return unknownAddresses({ kind: 'other', what: `the ${key}, which is nested more than ${deepest} deep` })
  }
  known.sets.set(key, 'within')
  const sets = lines.map((line) => setOfLine(line, known, depth + 1))
  const set = sets.length === 0 ? noAddress : unionOf(sets)
  known.sets.set(key, set)
  return set
}

function setOfLine(words: readonly string[], known: AsaObjects, depth: number): Addresses {
  const [keyword = '', first = '', second = ''] = words
  const rest = words.slice(1)
  switch (keyword) {
    case 'host':
    case 'subnet': {
      const found = addressesAt(keyword === 'host' ? words : rest, known)
      if (found !== undefined) return found.set
      break
    }
    case 'range': {
      const range = rangeBetween(first, second)
      if (range !== undefined) return addressesOf([range])
      break
    }
    case 'fqdn': {
      const name = words.at(-1) ?? ''
      const names = [{ text: name, name: name.toLowerCase(), covers: 'exactly' as const }]
      return unknownAddresses({ kind: 'names', what: `the addresses of ${name}`, names })
    }
    case 'network-object': {
      if (first === 'object') return setOf('object', second, known, depth)
      const found = addressesAt(rest, known)
      if (found !== undefined) return found.set
      break
    }
    case 'group-object':
      return setOf('object-group', first, known, depth)
    default:
      break
  }
  return unknownAddresses({ kind: 'unread', what: `"${words.join(' ').slice(0, 60)}" of an object` })
}
