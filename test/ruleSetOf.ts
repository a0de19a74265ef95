import type { Addresses, AddressRange } from '../src/firewall/addresses.ts'
import { addressesOf, everyAddress } from '../src/firewall/addresses.ts'
import type { AskedFlow } from '../src/firewall/judged.ts'
import type { NamePattern } from '../src/firewall/namePattern.ts'
import { parseAskedFlow } from '../src/firewall/parseAskedFlow.ts'
import type { Action, Match, NumberRange, Rule, RuleSet, Stage } from '../src/firewall/ruleset.ts'
import type { Unknown } from '../src/firewall/unknown.ts'
import { parseAddress, parseCidr } from '../src/model/cidr.ts'

/** One range from an address, a prefix or `a - b`. */
export function rangeOf(text: string): AddressRange {
  const [low = '', high] = text.split(' - ')
  const cidr = parseCidr(low)
  if ('ok' in cidr) {
    const { family, first, prefixLength } = cidr.ok
    return { family, first, last: first + (1n << BigInt((family === 4 ? 32 : 128) - prefixLength)) - 1n }
  }
  const first = parseAddress(low)
  const last = parseAddress(high ?? low)
  if (first === undefined || last === undefined) throw new TypeError(`${text} is no range`)
  return { family: first.family, first: first.value, last: last.value }
}

export function rangesOf(...texts: readonly string[]): readonly AddressRange[] {
  return texts.map(rangeOf)
}

export function setOf(...texts: readonly string[]): Addresses {
  return addressesOf(rangesOf(...texts))
}

export function tagOf(tag: string, ...within: readonly string[]): Addresses {
  const because: Unknown = { kind: 'tag', what: `the content of the tag ${tag}`, tag }
  return { sure: [], possible: [{ within: within.length === 0 ? everyAddress().sure : rangesOf(...within), because }] }
}

export function patternOf(text: string): NamePattern {
  return text.startsWith('*.')
    ? { text, name: text.slice(2), covers: 'below' }
    : { text, name: text, covers: 'exactly' }
}

/** An object of names, as a rule's destination. */
export function namesOf(...texts: readonly string[]): Addresses {
  const because: Unknown = { kind: 'names', what: `the addresses of ${texts.join(', ')}`, names: texts.map(patternOf) }
  return { sure: [], possible: [{ within: everyAddress().sure, because }] }
}

export function ports(...texts: readonly (number | string)[]): readonly NumberRange[] {
  return texts.map((text) => {
    const [first = 0, last = first] = String(text).split('-').map(Number)
    return { first, last }
  })
}

export const tcp: readonly NumberRange[] = [{ first: 6, last: 6 }]

/** A rule of which only what matters is said; `does` is an action's kind, or `jump CHAIN`, `goto CHAIN`. */
export interface RuleText extends Omit<Partial<Rule>, 'action'> {
  readonly match?: Match
  readonly does: string | Action
}

export function rulesOf(rules: Readonly<Record<string, RuleText>>): readonly Rule[] {
  return Object.entries(rules).map(([name, { does, ...rule }], at) => ({
    name,
    span: { file: 'rules', line: at + 1, text: name },
    match: {},
    unknowns: [],
    ...rule,
    action: typeof does === 'string' ? actionOf(does) : does,
  }))
}

function actionOf(text: string): Action {
  const [kind = '', chain = ''] = text.split(' ')
  switch (kind) {
    case 'jump':
    case 'goto':
      return { kind, chain }
    case 'allow':
    case 'drop':
    case 'reject':
    case 'continue':
    case 'return':
    case 'no-translation':
    case 'inspect':
    case 'no-inspection':
    case 'unknown':
      return { kind }
    default:
      throw new TypeError(`${text} is no action`)
  }
}

export function stageOf(stage: Partial<Stage> & { readonly otherwise?: Stage['otherwise'] } = {}): Stage {
  return {
    name: stage.chain ?? 'main',
    hook: 'forward',
    kind: 'filter',
    chain: 'main',
    otherwise: { action: 'drop', name: 'default' },
    stateful: true,
    addresses: 'current',
    ...stage,
  }
}

/** A rule set; without stages it has one stateful filter of the chain `main` in `forward` that drops what is left. */
export function ruleSetOf(
  chains: Readonly<Record<string, Readonly<Record<string, RuleText>>>>,
  rest: Partial<Omit<RuleSet, 'chains'>> = {},
): RuleSet {
  return {
    vendor: 'nftables',
    name: 'fw',
    stages: [stageOf()],
    places: [],
    doubts: [],
    ...rest,
    chains: Object.fromEntries(Object.entries(chains).map(([name, rules]) => [name, rulesOf(rules)])),
  }
}

/** A question as it is typed; see {@link parseAskedFlow}. */
export function askedOf(text: string, rest: Partial<AskedFlow> = {}): AskedFlow {
  const parsed = parseAskedFlow(text)
  if (!('ok' in parsed)) throw new TypeError(`${text}: ${parsed.error}`)
  return { ...parsed.ok, ...rest }
}
