import type { Addresses } from '../../addresses.ts'
import { addressesOf, everyAddress, intersectionOf, outsideOf, unionOf, unknownAddresses } from '../../addresses.ts'
import type { Unknown } from '../../unknown.ts'
import {
  internetSpace,
  isTag,
  probeAddresses,
  readAddressText,
  serviceTagAddresses,
  sharedSpace,
} from '../azure/addressTexts.ts'
import type { AzureValue } from '../azure/azureValue.ts'

/** What the words of a rule stand for where its group is attached. */
export interface AddressWords {
  readonly virtualNetwork: Addresses
  /** {@link internetWithout} of it. */
  readonly internet: Addresses
  /** Addresses of an application security group, by its id or the address that Terraform has for it. */
  readonly applicationGroup: (key: string) => Addresses
  /** The rules are those in effect, which write `0.0.0.0/0` where the rule has `*`. */
  readonly areEffective?: true
  /** Texts of lists that are still read: loops of a template can repeat a long list as often as they turn. */
  readonly budget: { texts: number }
}

/** What a list of address texts stands for, and what of it is not understood. */
export interface ReadAddresses {
  readonly addresses: Addresses
  readonly faults: readonly string[]
}

/** Reads the elements of an address field: each an address, a prefix, a range, `*` or a service tag. */
export function readAddressList(elements: readonly AzureValue[], words: AddressWords): ReadAddresses {
  const faults: string[] = []
  words.budget.texts -= elements.length
  if (words.budget.texts < 0) {
    const because: Unknown = { kind: 'unread', what: 'lists of addresses beyond those that are read' }
    return { addresses: unknownAddresses(because), faults: ['its lists of addresses are beyond those that are read'] }
  }
  const sets = elements.flatMap((element): Addresses[] => {
    if (element.kind === 'unknown') return [unknownAddresses({ kind: 'other', what: element.because ?? 'a template' })]
    const text = element.text()
    if (text === undefined) {
      faults.push('an address is no text')
      return [unknownAddresses({ kind: 'unread', what: 'an address that is no text' })]
    }
    return text.split(/\s+/).map((one) => addressesOfText(one, words, faults))
  })
  return { addresses: sets.length === 0 ? { sure: [], possible: [] } : unionOf(sets), faults }
}

function addressesOfText(text: string, words: AddressWords, faults: string[]): Addresses {
  const read = readAddressText(text)
  switch (read.kind) {
    case 'any':
      return everyAddress()
    case 'range':
      return addressesOf([read.range])
    case 'slip': {
      faults.push(`the prefix "${text}" has bits behind its length`)
      const because: Unknown = { kind: 'unread', what: `what Azure makes of the prefix ${text}` }
      return { sure: [], possible: [{ within: [read.range], because }] }
    }
    case 'tag':
      return tagAddresses(read.tag, words)
    case 'unread':
      faults.push(`"${text.slice(0, 60)}" is no address, prefix or service tag`)
      return unknownAddresses({ kind: 'unread', what: `the address "${text.slice(0, 60)}"` })
    default:
      return read satisfies never
  }
}

/** What a service tag stands for: three are Azure's own words, all others are lists that Microsoft changes weekly. */
function tagAddresses(tag: string, words: Pick<AddressWords, 'virtualNetwork' | 'internet'>): Addresses {
  if (isTag(tag, 'VirtualNetwork')) return words.virtualNetwork
  if (isTag(tag, 'AzureLoadBalancer')) return addressesOf(probeAddresses)
  if (isTag(tag, 'Internet')) return words.internet
  return serviceTagAddresses(tag)
}

/** `Internet` is what is public and outside of the virtual network (Microsoft Learn: *Virtual network service tags*). */
export function internetWithout(virtualNetwork: Addresses): Addresses {
  const because: Unknown = { kind: 'other', what: 'whether shared address space counts to the tag Internet' }
  return unionOf([
    intersectionOf(addressesOf(internetSpace), outsideOf(virtualNetwork)),
    { sure: [], possible: [{ within: sharedSpace, because }] },
  ])
}
