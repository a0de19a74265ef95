import type { Addresses } from '../../addresses.ts'
import { addressesOf, everyAddress, unionOf, unknownAddresses } from '../../addresses.ts'
import type { NamePattern } from '../../namePattern.ts'
import type { ReadingHints } from '../../reader.ts'
import type { NumberRange } from '../../ruleset.ts'
import type { Unknown } from '../../unknown.ts'
import { isTag, readAddressText, serviceTagAddresses } from '../azure/addressTexts.ts'
import type { AzureResource, ResourceIndex } from '../azure/azureResource.ts'
import { idIn } from '../azure/azureResource.ts'
import type { AzureValue } from '../azure/azureValue.ts'
import { listOf } from '../azure/azureValue.ts'
import { areAllPorts, readPortText } from '../azure/portTexts.ts'
import { lastName } from '../azure/resourceId.ts'

/** What rules of a file can point at. */
export interface RuleContext {
  /** Addresses of an IP group by its id. */
  readonly ipGroup: (key: string) => Addresses
  /** Texts of lists that are still read: loops of a template can repeat a long list as often as they turn. */
  readonly budget: { texts: number }
}

/** What was not understood of a rule, and what else decides whether it matches. */
export interface Reservations {
  readonly faults: string[]
  readonly unknowns: Unknown[]
}

export function ruleContext(
  resources: readonly AzureResource[],
  index: ResourceIndex,
  hints: ReadingHints,
  budget: { texts: number },
): RuleContext {
  const groups = new Map<string, Addresses>()
  const apart = resources.filter(({ type }) => type === 'azurerm_ip_group_cidr')
  const read = (key: string): Addresses => {
    const group = index.find(key)
    const name = group?.name ?? lastName(key)
    const hint = hints.places[name]
    if (hint !== undefined) return addressesOf(hint)
    if (group === undefined) {
      return unknownAddresses({ kind: 'reference', what: `the IP group ${name}, which is not in these files` })
    }
    const listed = listOf(group.value.member('ipAddresses') ?? group.value.member('cidrs'))
    const added = apart
      .filter(({ value }) => index.find(idIn(value.member('ipGroupId'))) === group)
      .flatMap(({ value }) => listOf(value.member('cidr')))
    const sets = [...listed, ...added].map((text) => addressOf(text, { faults: [], unknowns: [] }))
    return sets.length === 0 ? addressesOf([]) : unionOf(sets)
  }
  return {
    budget,
    ipGroup: (key) => {
      const before = groups.get(key)
      if (before !== undefined) return before
      const addresses = read(key)
      groups.set(key, addresses)
      return addresses
    },
  }
}

/**
 * The elements of a list of a rule. A rule whose lists go beyond what is read has none, and says so: then it may match
 * anything.
 */
export function elementsOf(
  value: AzureValue | undefined,
  { budget }: RuleContext,
  { faults }: Reservations,
): readonly AzureValue[] {
  const elements = listOf(value)
  budget.texts -= elements.length
  if (budget.texts >= 0) return elements
  faults.push('its lists are beyond those that are read')
  return []
}

/** The firewall filters IPv4 alone: `*` is every address of that family. */
function addressOf(value: AzureValue, { faults }: Reservations): Addresses {
  if (value.kind === 'unknown') {
    return unknownAddresses({ kind: 'other', what: value.because ?? 'a template' }, everyAddress(4).sure)
  }
  const text = value.text()
  if (text === undefined) {
    faults.push('an address is no text')
    return unknownAddresses({ kind: 'unread', what: 'an address that is no text' })
  }
  const read = readAddressText(text)
  switch (read.kind) {
    case 'any':
      return everyAddress(4)
    case 'range':
      return addressesOf([read.range])
    case 'slip': {
      faults.push(`the prefix "${text}" has bits behind its length`)
      return unknownAddresses({ kind: 'unread', what: `what Azure makes of the prefix ${text}` }, [read.range])
    }
    case 'tag':
      return isTag(read.tag, 'VirtualNetwork')
        ? unknownAddresses({ kind: 'tag', what: 'the content of the tag VirtualNetwork', tag: read.tag })
        : serviceTagAddresses(read.tag)
    case 'unread':
      faults.push(`"${text.slice(0, 60)}" is no address, prefix, range or service tag`)
      return unknownAddresses({ kind: 'unread', what: `the address "${text.slice(0, 60)}"` })
    default:
      return read satisfies never
  }
}

/** The addresses of a side of a rule with its IP groups; undefined where neither is given. */
export function readAddresses(
  value: AzureValue,
  side: 'source' | 'destination',
  context: RuleContext,
  reservations: Reservations,
): Addresses | undefined {
  const texts = [
    ...elementsOf(value.member(`${side}Addresses`), context, reservations),
    ...elementsOf(value.member(`${side}Address`), context, reservations),
  ]
  const sets = texts.filter((text) => text.text() !== '').map((text) => addressOf(text, reservations))
  for (const group of elementsOf(value.member(`${side}IpGroups`), context, reservations)) {
    const id = idIn(group)
    if (id !== undefined) sets.push(context.ipGroup(id))
    else if (group.kind === 'unknown') sets.push(addressOf(group, reservations))
    else {
      reservations.faults.push('an IP group has no id')
      sets.push(unknownAddresses({ kind: 'unread', what: 'an IP group without an id' }))
    }
  }
  return sets.length === 0 ? undefined : unionOf(sets)
}

/** Undefined for all ports, and where they are not known whole: then the reservations say why. */
export function readPorts(
  value: AzureValue | undefined,
  context: RuleContext,
  reservations: Reservations,
): readonly NumberRange[] | undefined {
  const ports: NumberRange[] = []
  let isWhole = true
  for (const element of elementsOf(value, context, reservations)) {
    const range = readPortText(element.text() ?? '')
    if (range !== undefined) ports.push(range)
    else {
      isWhole = false
      if (element.kind === 'unknown')
        reservations.unknowns.push({ kind: 'other', what: element.because ?? 'a template' })
      else reservations.faults.push(`"${(element.text() ?? element.kind).slice(0, 40)}" is no port or range of ports`)
    }
  }
  if (ports.length === 0 && isWhole) reservations.faults.push('there are no destination ports')
  return !isWhole || ports.length === 0 || areAllPorts(ports) ? undefined : ports
}

const numbers: Readonly<Record<string, number>> = { tcp: 6, udp: 17, icmp: 1 }

/** Protocol numbers; undefined for any, and where one is not known: then the reservations say why. */
export function readProtocols(value: AzureValue, { faults, unknowns }: Reservations): readonly number[] | undefined {
  const listed = listOf(value.member('ipProtocols') ?? value.member('protocols'))
  if (listed.length === 0) faults.push('there are no protocols')
  const found: number[] = []
  let isAny = listed.length === 0
  for (const element of listed) {
    const word = element.text()?.toLowerCase() ?? ''
    const number = numbers[word]
    if (number !== undefined) found.push(number)
    else {
      isAny = true
      if (element.kind === 'unknown') unknowns.push({ kind: 'other', what: element.because ?? 'a template' })
      else if (word !== 'any') faults.push(`the protocol "${word.slice(0, 40)}" is not known`)
    }
  }
  return isAny ? undefined : found
}

/**
 * A target FQDN: `*` in front stands for anything, over dots too, so that `*.x` leaves `x` itself out and `*x` covers
 * other domains that end so (Microsoft Learn: *Azure Firewall FAQ*, wildcards in target FQDNs).
 *
 * @returns undefined for a star anywhere else, which Azure refuses
 */
export function targetPattern(text: string): NamePattern | undefined {
  const name = text.trim().toLowerCase().replace(/\.$/, '')
  if (name === '*') return { text, name: '', covers: 'any' }
  const bare = name.replace(/^\*\.?/, '')
  if (bare === '' || bare.includes('*') || /[\s/]/.test(bare)) return undefined
  if (!name.startsWith('*')) return { text, name, covers: 'exactly' }
  return name.startsWith('*.') ? { text, name: bare, covers: 'below' } : { text: name, name: bare, covers: 'glob' }
}
