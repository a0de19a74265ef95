import type { Addresses } from '../../addresses.ts'
import { addressesOf, everyAddress, unionOf, unknownAddresses } from '../../addresses.ts'
import type { NamePattern } from '../../namePattern.ts'
import type { Action, Match, NumberRange, Rule } from '../../ruleset.ts'
import type { Unknown } from '../../unknown.ts'
import { readAddressText } from '../azure/addressTexts.ts'
import type { AzureValue } from '../azure/azureValue.ts'
import type { PlacedRule } from './collections.ts'
import type { Reservations, RuleContext } from './ruleFields.ts'
import { elementsOf, readAddresses, readPorts, readProtocols, targetPattern } from './ruleFields.ts'
import type { Settings } from './settings.ts'

/** Rules of the judge that one rule of the firewall makes, and what of it is not understood. */
export interface ReadRule {
  readonly rules: readonly Rule[]
  readonly faults: readonly string[]
}

export function readNetworkRule(placed: PlacedRule, context: RuleContext, settings: Settings): ReadRule {
  const { value } = placed
  const reservations: Reservations = { faults: [], unknowns: [...placed.unknowns] }
  const protocols = readProtocols(value, reservations)
  const ports = isPortless(protocols) ? undefined : readPorts(value.member('destinationPorts'), context, reservations)
  const source = readAddresses(value, 'source', context, reservations)
  if (source === undefined) reservations.faults.push('there is no source')
  const named = readFqdns(value, context, settings, reservations)
  const own = readAddresses(value, 'destination', context, reservations)
  const sets = [own, named].filter((set) => set !== undefined)
  if (sets.length === 0) reservations.faults.push('there is no destination')
  const sides = {
    ...(source !== undefined && { source }),
    ...(sets.length > 0 && { destination: unionOf(sets) }),
  }
  const action = actionOf(placed, { allow: { kind: 'allow' }, deny: { kind: 'drop' } }, reservations)
  const matches = matchesOf(protocols, ports, sides)
  return ruleOf(placed, matches, action, reservations)
}

function isPortless(protocols: readonly number[] | undefined): boolean {
  return protocols?.every((number) => number === 1) === true
}

/** ICMP has no ports: what a rule asks of them it asks of its other protocols. */
function matchesOf(
  protocols: readonly number[] | undefined,
  ports: readonly NumberRange[] | undefined,
  sides: Match,
): readonly Match[] {
  const family = { family: 4 } as const
  const numbered = (list: readonly number[]): NumberRange[] => list.map((number) => ({ first: number, last: number }))
  if (protocols === undefined) return [{ ...family, ...sides, ...(ports !== undefined && { destinationPorts: ports }) }]
  const withPorts = protocols.filter((number) => number !== 1)
  const whole: Match[] = []
  if (withPorts.length > 0) {
    whole.push({
      ...family,
      ...sides,
      protocols: numbered(withPorts),
      ...(ports !== undefined && { destinationPorts: ports }),
    })
  }
  if (withPorts.length < protocols.length) whole.push({ ...family, ...sides, protocols: numbered([1]) })
  return whole
}

/**
 * Names in a network rule stand for the addresses that the firewall's own look-ups give; clients see the same ones only
 * through its DNS proxy (Microsoft Learn: *FQDN filtering in network rules*).
 */
function readFqdns(
  value: AzureValue,
  context: RuleContext,
  { dnsProxy }: Settings,
  reservations: Reservations,
): Addresses | undefined {
  const listed = elementsOf(value.member('destinationFqdns'), context, reservations)
  if (listed.length === 0) return undefined
  const names: NamePattern[] = []
  for (const element of listed) {
    const pattern = targetPattern(element.text() ?? '')
    if (pattern?.covers === 'exactly') names.push(pattern)
    else if (element.kind === 'unknown') {
      reservations.unknowns.push({ kind: 'other', what: element.because ?? 'a template' })
    } else reservations.faults.push(`"${(element.text() ?? element.kind).slice(0, 60)}" is no name for a network rule`)
  }
  const texts = names.map(({ text }) => text).join(', ')
  if (dnsProxy !== 'on') {
    const why = dnsProxy === 'off' ? 'its DNS proxy is off' : 'whether its DNS proxy is on stands in no file'
    reservations.unknowns.push({
      kind: 'names',
      what: `whether the firewall and its clients look up the same addresses of ${texts}: ${why}`,
      names,
    })
  }
  return unknownAddresses({ kind: 'names', what: `the addresses of ${texts}`, names }, everyAddress(4).sure)
}

/** A destination translation; what it lets in passes without a network rule, by a tag of its own. */
export function readNatRule(placed: PlacedRule, context: RuleContext): ReadRule {
  const { value, name } = placed
  const reservations: Reservations = { faults: [], unknowns: [...placed.unknowns] }
  const protocols = readProtocols(value, reservations)
  const ports = readPorts(value.member('destinationPorts'), context, reservations)
  const source = readAddresses(value, 'source', context, reservations)
  const destination = readAddresses(value, 'destination', context, reservations)
  if (source === undefined) reservations.faults.push('there is no source')
  if (destination === undefined) reservations.faults.push('there is no destination')
  const sides = { ...(source !== undefined && { source }), ...(destination !== undefined && { destination }) }
  const toPort = value.member('translatedPort')
  const port = toPort?.number()
  if (toPort !== undefined && port === undefined && toPort.text() !== '') {
    reservations.unknowns.push({ kind: 'other', what: toPort.because ?? 'the port that it translates to' })
  }
  const action: Action = {
    kind: 'translate',
    destination: {
      to: translatedTo(value, reservations),
      ...(port !== undefined && { ports: { first: port, last: port } }),
    },
  }
  const done = actionOf(placed, { dnat: action, '': action }, reservations)
  const { rules, faults } = ruleOf(placed, matchesOf(protocols, ports, sides), done, reservations)
  return { rules: rules.map((rule) => ({ ...rule, sets: natTag(name) })), faults }
}

export function natTag(name: string): string {
  return `DNAT ${name}`
}

function translatedTo(value: AzureValue, { faults }: Reservations): Addresses['sure'] | Unknown {
  const address = value.member('translatedAddress')
  const text = address?.text() ?? ''
  const read = readAddressText(text)
  if (read.kind === 'range') return addressesOf([read.range]).sure
  if (address?.kind === 'unknown')
    return { kind: 'other', what: address.because ?? 'the address that it translates to' }
  const name = value.member('translatedFqdn')?.text()
  const pattern = name === undefined ? undefined : targetPattern(name)
  if (pattern !== undefined) return { kind: 'names', what: `the addresses of ${pattern.text}`, names: [pattern] }
  faults.push('there is no translated address')
  return { kind: 'unread', what: 'the address that it translates to' }
}

/** What the collection does, or an action that nobody knows. */
export function actionOf(
  { action }: PlacedRule,
  known: Readonly<Record<string, Action>>,
  { faults }: Reservations,
): Action {
  const found = known[action]
  if (found !== undefined) return found
  faults.push(`the action of its collection is "${action.slice(0, 40)}"`)
  return { kind: 'unknown' }
}

export function ruleOf(
  { name, value }: PlacedRule,
  matches: readonly Match[],
  action: Action,
  { faults, unknowns }: Reservations,
): ReadRule {
  const comment = value.member('description')?.text()
  const all = [...unknowns, ...faults.map((fault): Unknown => ({ kind: 'unread', what: `a rule in which ${fault}` }))]
  const rules = matches.map(
    (match): Rule => ({
      name,
      span: value.span(),
      match,
      action,
      unknowns: all,
      ...(comment !== undefined && comment !== '' && { comment }),
    }),
  )
  return { rules, faults }
}
