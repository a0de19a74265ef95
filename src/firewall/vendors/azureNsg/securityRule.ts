import type { Addresses } from '../../addresses.ts'
import { addressesOf, everyAddress, unionOf, unknownAddresses } from '../../addresses.ts'
import type { Action, Match, NumberRange, Rule } from '../../ruleset.ts'
import type { Unknown } from '../../unknown.ts'
import { readAddressText } from '../azure/addressTexts.ts'
import { idIn } from '../azure/azureResource.ts'
import type { AzureValue } from '../azure/azureValue.ts'
import { listOf } from '../azure/azureValue.ts'
import { areAllPorts, readPortText } from '../azure/portTexts.ts'
import { lastName } from '../azure/resourceId.ts'
import type { AddressWords, ReadAddresses } from './addressLists.ts'
import { readAddressList } from './addressLists.ts'

export type Direction = 'Inbound' | 'Outbound'

/** A security rule with what decides about its place. */
export interface SecurityRule {
  readonly name: string
  /** Absent where it is not known: then the rule may come before any other. */
  readonly priority?: number
  /** Both where it is not known. */
  readonly directions: readonly Direction[]
  readonly access: string
  /** One, or two where a part of what it matches is not sure. */
  readonly rules: readonly Rule[]
  /** What of the statement is not understood. */
  readonly faults: readonly string[]
}

/** Protocols by the words of Azure's APIs, of its effective rules and of Terraform. */
const protocolNumbers: Readonly<Record<string, number>> = { tcp: 6, udp: 17, icmp: 1, esp: 50, ah: 51 }
const withoutPorts = [1, 50, 51, 58]

/** Reads one security rule of a network security group: as it is configured, or as it is in effect. */
export function readSecurityRule(value: AzureValue, words: AddressWords, doubts: readonly Unknown[]): SecurityRule {
  const faults: string[] = []
  const unknowns: Unknown[] = [...doubts]
  const nameText = value.member('name')?.text() ?? value.member('name')?.symbol ?? 'rule without a name'
  // Effective rules say before the name which list it is from, templates of which group.
  const name = lastName(nameText)
  const protocols = readProtocols(value.member('protocol'), faults, unknowns)
  const isPortless = protocols?.every(({ first }) => withoutPorts.includes(first)) === true
  const source = readSide(value, 'source', words, faults)
  const destination = readSide(value, 'destination', words, faults)
  const sourcePorts = isPortless ? undefined : readPorts(value, 'source', words, faults, unknowns)
  const destinationPorts = isPortless ? undefined : readPorts(value, 'destination', words, faults, unknowns)
  const state = value.member('provisioningState')?.text()
  if (state !== undefined && state.toLowerCase() !== 'succeeded') {
    unknowns.push({ kind: 'other', what: `whether the rule is in effect: its provisioningState is ${state}` })
  }
  const match: Match = {
    ...(protocols !== undefined && { protocols }),
    ...(source !== undefined && { source }),
    ...(destination !== undefined && { destination }),
    ...(sourcePorts !== undefined && { sourcePorts }),
    ...(destinationPorts !== undefined && { destinationPorts }),
  }
  const access = value.member('access') ?? value.member('action')
  const action = readAction(access, faults, unknowns)
  const directions = readDirections(value.member('direction'), faults, unknowns)
  const priority = readPriority(value.member('priority'), faults, unknowns)
  const comment = value.member('description')?.text()
  const rule: Rule = {
    name,
    span: value.span(),
    match,
    action,
    unknowns: [...unknowns, ...faults.map((fault): Unknown => ({ kind: 'unread', what: `a rule in which ${fault}` }))],
    ...(comment !== undefined && comment !== '' && { comment }),
  }
  return {
    name,
    ...(priority !== undefined && { priority }),
    directions,
    access: access?.text()?.toLowerCase() ?? '',
    rules: [rule, ...asksIcmpv6(rule)],
    faults,
  }
}

/** Of ICMP over IPv6 Microsoft says only that network security groups do not support it yet. */
function asksIcmpv6(rule: Rule): readonly Rule[] {
  if (rule.match.protocols?.some(({ first }) => first === 1) !== true) return []
  const because: Unknown = { kind: 'other', what: 'whether the protocol Icmp stands for ICMPv6 too' }
  const match: Match = { ...rule.match, family: 6, protocols: [{ first: 58, last: 58 }] }
  return [{ ...rule, match, unknowns: [...rule.unknowns, because] }]
}

function readProtocols(
  value: AzureValue | undefined,
  faults: string[],
  unknowns: Unknown[],
): readonly NumberRange[] | undefined {
  const word = value?.text()?.trim().toLowerCase()
  if (word === '*' || word === 'any' || word === 'all') return undefined
  const number = word === undefined ? undefined : (protocolNumbers[word] ?? value?.number())
  if (number !== undefined && Number.isInteger(number) && number >= 0 && number <= 255) {
    return [{ first: number, last: number }]
  }
  notKnown(value, 'protocol', faults, unknowns)
  return undefined
}

function readAction(value: AzureValue | undefined, faults: string[], unknowns: Unknown[]): Action {
  switch (value?.text()?.toLowerCase()) {
    case 'allow':
    case 'alwaysallow':
      return { kind: 'allow' }
    case 'deny':
      return { kind: 'drop' }
    default:
      notKnown(value, 'access', faults, unknowns)
      return { kind: 'unknown' }
  }
}

function readDirections(value: AzureValue | undefined, faults: string[], unknowns: Unknown[]): readonly Direction[] {
  switch (value?.text()?.toLowerCase()) {
    case 'inbound':
      return ['Inbound']
    case 'outbound':
      return ['Outbound']
    default:
      notKnown(value, 'direction', faults, unknowns)
      return ['Inbound', 'Outbound']
  }
}

function readPriority(value: AzureValue | undefined, faults: string[], unknowns: Unknown[]): number | undefined {
  const priority = value?.number()
  if (priority === undefined) notKnown(value, 'priority', faults, unknowns)
  return priority
}

function notKnown(value: AzureValue | undefined, field: string, faults: string[], unknowns: Unknown[]): void {
  if (value?.kind === 'unknown') unknowns.push({ kind: 'other', what: value.because ?? `the field "${field}"` })
  else if (value === undefined) faults.push(`there is no "${field}"`)
  else faults.push(`"${field}" is "${(value.text() ?? value.kind).slice(0, 40)}"`)
}

/** The addresses of a side: plural and singular fields, the expanded list of effective rules, application groups. */
function readSide(
  value: AzureValue,
  side: 'source' | 'destination',
  words: AddressWords,
  faults: string[],
): Addresses | undefined {
  const elements = [
    ...listOf(value.member(`${side}AddressPrefix`)),
    ...listOf(value.member(`${side}AddressPrefixes`)),
    ...listOf(value.member(`${side}s`)).flatMap((one) => listOf(one.member('addressPrefix'))),
    // Terraform has blocks of the admin rules' ends in the singular.
    ...listOf(value.member(side)).flatMap((one) => listOf(one.member('addressPrefix'))),
  ].filter((element) => element.text() !== '')
  const groups = [
    ...listOf(value.member(`${side}ApplicationSecurityGroups`)),
    ...listOf(value.member(`${side}ApplicationSecurityGroupIds`)),
  ]
  const expanded = listOf(value.member(`expanded${side}AddressPrefix`))
  const read = readAll(expanded.length > 0 ? expanded : elements, words)
  for (const fault of read.faults) faults.push(fault)
  if (elements.length === 0 && groups.length === 0 && expanded.length === 0) {
    faults.push(`there is no "${side}AddressPrefix"`)
    return undefined
  }
  const sets = groups.map((group) => {
    if (group.kind === 'unknown') return unknownAddresses({ kind: 'other', what: group.because ?? 'a template' })
    const id = idIn(group)
    if (id !== undefined) return words.applicationGroup(id)
    faults.push(`an application security group of "${side}" has no id`)
    return unknownAddresses({ kind: 'unread', what: 'an application security group without an id' })
  })
  return withoutAll(unionOf([read.addresses, ...sets]))
}

/** Effective rules write `0.0.0.0/0` where the rule has `*`: then IPv6 is meant as well, and nobody can tell. */
function readAll(elements: readonly AzureValue[], words: AddressWords): ReadAddresses {
  const read = readAddressList(elements, words)
  if (words.areEffective !== true) return read
  const isAll = elements.some((element) => {
    const one = readAddressText(element.text() ?? '')
    return one.kind === 'range' && one.range.family === 4 && one.range.first === 0n && one.range.last === 2n ** 32n - 1n
  })
  if (!isAll) return read
  const because: Unknown = { kind: 'other', what: 'whether 0.0.0.0/0 in the effective rules stands for IPv6 too' }
  const others = { sure: [], possible: [{ within: everyAddress(6).sure, because }] }
  return { addresses: unionOf([read.addresses, others]), faults: read.faults }
}

/** A side that leaves nothing out asks nothing. */
function withoutAll(addresses: Addresses): Addresses | undefined {
  const all = everyAddress().sure
  const isAll = all.every(({ family, first, last }) =>
    addresses.sure.some((range) => range.family === family && range.first === first && range.last === last),
  )
  return isAll ? undefined : addresses.possible.length === 0 ? addressesOf(addresses.sure) : addresses
}

function readPorts(
  value: AzureValue,
  side: 'source' | 'destination',
  { budget }: AddressWords,
  faults: string[],
  unknowns: Unknown[],
): readonly NumberRange[] | undefined {
  const elements = [...listOf(value.member(`${side}PortRange`)), ...listOf(value.member(`${side}PortRanges`))].filter(
    (element) => element.text() !== '',
  )
  if (elements.length === 0) {
    faults.push(`there is no "${side}PortRange"`)
    return undefined
  }
  budget.texts -= elements.length
  if (budget.texts < 0) {
    faults.push('its lists of ports are beyond those that are read')
    return undefined
  }
  const ports: NumberRange[] = []
  let isWhole = true
  for (const element of elements) {
    if (element.kind === 'unknown') {
      unknowns.push({ kind: 'other', what: element.because ?? 'a template' })
      isWhole = false
      continue
    }
    for (const text of (element.text() ?? '').split(/\s+/)) {
      const range = readPortText(text)
      if (range !== undefined) ports.push(range)
      else {
        faults.push(`"${text.slice(0, 40)}" is no port or range of ports`)
        isWhole = false
      }
    }
  }
  // Ports cannot be partly known: without the field the rule may match any, and its unknowns say why.
  return !isWhole || areAllPorts(ports) ? undefined : ports
}
