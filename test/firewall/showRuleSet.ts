import type { Addresses, AddressRange } from '../../src/firewall/addresses.ts'
import type { NumberRange, Rule, RuleSet } from '../../src/firewall/ruleset.ts'
import { formatAddress } from '../../src/model/cidr.ts'
import type { Packet } from './packet.ts'

/** A rule set as lines that a person can follow, for a property that fails. */
export function showRuleSet({ stages, chains }: RuleSet): string {
  return [
    ...stages.map(
      ({ name, hook, kind, chain, otherwise, stateful, attachedTo }) =>
        `stage ${name}: ${kind} at ${hook}, chain ${chain}, else ${otherwise.action}${stateful ? ', stateful' : ''}${attachedTo === undefined ? '' : `, of ${shown(attachedTo)}`}`,
    ),
    ...Object.entries(chains).flatMap(([name, rules]) => [
      `chain ${name}`,
      ...rules.map((rule) => `  ${showRule(rule)}`),
    ]),
  ].join('\n')
}

function showRule({ match, action, unknowns, sets }: Rule): string {
  const parts = Object.entries(match).map(([field, value]: [string, unknown]) => `${field} ${shown(value)}`)
  const { kind, ...more } = action
  return [
    parts.length === 0 ? 'any' : parts.join(', '),
    ...unknowns.map(({ what }) => `if ${what}`),
    ...(sets === undefined ? [] : [`sets ${sets}`]),
    `=> ${kind}${Object.keys(more).length === 0 ? '' : ` ${shown(more)}`}`,
  ].join(' ')
}

export function showPacket({ source, destination, ...rest }: Packet): string {
  const end = (address: Packet['source']): string =>
    typeof address === 'bigint' ? formatAddress({ family: rest.family, value: address }) : shown(address)
  return `${end(source)} > ${end(destination)} ${shown(rest)}`
}

/** Addresses and ranges in their usual spelling, all else as JSON. */
function shown(value: unknown): string {
  if (isRange(value)) return range(value)
  if (isAddresses(value)) {
    const possible = value.possible.map(
      ({ within, because, inverted }) =>
        `(${within.map(range).join(' ')} ${inverted === true ? 'unless' : 'if'} ${because.what})`,
    )
    return `{${[...value.sure.map(range), ...possible].join(' ')}}`
  }
  if (Array.isArray(value)) return `[${value.map(shown).join(' ')}]`
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([key, one]) => `${key}: ${shown(one)}`)
      .join(', ')}}`
  }
  return String(value)
}

function range(one: AddressRange | NumberRange): string {
  const at = (value: bigint | number): string =>
    typeof value === 'number' || !('family' in one) ? String(value) : formatAddress({ family: one.family, value })
  return one.first === one.last ? at(one.first) : `${at(one.first)}-${at(one.last)}`
}

function isRange(value: unknown): value is AddressRange | NumberRange {
  return typeof value === 'object' && value !== null && 'first' in value && 'last' in value
}

function isAddresses(value: unknown): value is Addresses {
  return typeof value === 'object' && value !== null && 'sure' in value && 'possible' in value
}
