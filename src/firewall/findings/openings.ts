import type { Addresses } from '../addresses.ts'
import { everyAddress, intersectionOf } from '../addresses.ts'
import type { Audited, AuditedDevice } from '../audited.ts'
import type { Match, NumberRange, Places, Rule, RuleSet, Stage } from '../ruleset.ts'

/** A rule that lets packets pass, with what the rules ask that lead to it. */
export interface Opening {
  readonly device: AuditedDevice
  readonly ruleSet: RuleSet
  readonly stage: Stage
  readonly rule: Rule
  readonly source: Addresses
  readonly destination: Addresses
  /** Absent: any. */
  readonly protocols?: readonly NumberRange[]
  readonly ports?: readonly NumberRange[]
  readonly in: readonly Places[]
  readonly out: readonly Places[]
  /** Rules that lead to it, and it itself. */
  readonly asks: readonly Match[]
  /** Nothing is left open about whether it and what leads to it match. */
  readonly isSure: boolean
}

/** Rules of one rule set that are looked at; each way to a chain counts. */
const mostOpenings = 40_000
const deepest = 16
const everywhere = everyAddress()

/**
 * The rules of the filters of all devices that let new connections pass, in the order in which packets meet them; one
 * that several jumps lead to comes once for each. What the vendor lets pass of itself is left out.
 */
export function openingsOf({ devices }: Pick<Audited, 'devices'>): readonly Opening[] {
  return devices.flatMap((device) => device.ruleSets.flatMap((ruleSet) => ofRuleSet(device, ruleSet)))
}

function ofRuleSet(device: AuditedDevice, ruleSet: RuleSet): readonly Opening[] {
  const found: Opening[] = []
  let left = mostOpenings
  const walk = (stage: Stage, chain: string, before: Bounds, stack: readonly string[]): void => {
    const rules = Object.hasOwn(ruleSet.chains, chain) ? ruleSet.chains[chain] : undefined
    if (rules === undefined || stack.includes(chain) || stack.length >= deepest) return
    for (const rule of rules) {
      left -= 1
      if (left < 0) return
      const { action, match } = rule
      const isNew = match.states === undefined || match.states.includes('new')
      if (!isNew || (action.kind !== 'allow' && action.kind !== 'jump' && action.kind !== 'goto')) continue
      const bounds = within(before, rule)
      if (action.kind !== 'allow') walk(stage, action.chain, bounds, [...stack, chain])
      else if (rule.implied !== true) found.push({ device, ruleSet, stage, rule, ...bounds })
    }
  }
  for (const stage of ruleSet.stages) if (stage.kind === 'filter') walk(stage, stage.chain, unbound, [])
  return found
}

type Bounds = Pick<Opening, 'source' | 'destination' | 'protocols' | 'ports' | 'in' | 'out' | 'asks' | 'isSure'>

const unbound: Bounds = { source: everywhere, destination: everywhere, in: [], out: [], asks: [], isSure: true }

function within(before: Bounds, { match, unknowns }: Rule): Bounds {
  const families = match.family === undefined ? undefined : everyAddress(match.family)
  const set = (bound: Addresses, own: Addresses | undefined): Addresses => {
    const both = own === undefined ? bound : bound === everywhere ? own : intersectionOf(bound, own)
    return families === undefined ? both : intersectionOf(both, families)
  }
  const source = set(before.source, match.source)
  const destination = set(before.destination, match.destination)
  const protocols = common(before.protocols, match.protocols)
  const ports = common(before.ports, match.destinationPorts)
  return {
    source,
    destination,
    ...(protocols !== undefined && { protocols }),
    ...(ports !== undefined && { ports }),
    in: match.in === undefined ? before.in : [...before.in, match.in],
    out: match.out === undefined ? before.out : [...before.out, match.out],
    asks: [...before.asks, match],
    isSure: before.isSure && unknowns.length === 0 && source.possible.length === 0 && destination.possible.length === 0,
  }
}

function common(
  some: readonly NumberRange[] | undefined,
  others: readonly NumberRange[] | undefined,
): readonly NumberRange[] | undefined {
  if (some === undefined || others === undefined) return some ?? others
  return some.flatMap((a) =>
    others.flatMap((b): NumberRange[] => {
      const [first, last] = [Math.max(a.first, b.first), Math.min(a.last, b.last)]
      return first > last ? [] : [{ first, last }]
    }),
  )
}

/** Whether packets of TCP are among what an opening lets pass. */
export function hasTcp({ protocols }: Opening): boolean {
  return protocols === undefined || protocols.some(({ first, last }) => first <= 6 && 6 <= last)
}

/** Whether it lets all of TCP pass, whatever the port. */
export function hasEveryPort({ asks, ports, protocols }: Opening): boolean {
  const isTcp = protocols === undefined || protocols.some(({ first, last }) => first <= 6 && 6 <= last)
  const isIcmp = asks.some(({ icmp }) => icmp !== undefined)
  return (
    isTcp &&
    !isIcmp &&
    (ports === undefined || ports.reduce((sum, { first, last }) => sum + last - first + 1, 0) > 60_000)
  )
}

/** Whether it asks for something beside addresses, ports and places: flags, tags, names, an established state. */
export function isConditional({ asks }: Opening): boolean {
  return asks.some(({ tagged, requestedNames, requests, tcpFlags, sourcePorts, sameZone, icmp }) =>
    [tagged, requestedNames, requests, tcpFlags, sourcePorts, sameZone, icmp].some((part) => part !== undefined),
  )
}

/** Openings of one statement together: it may lead to several rules, and be met at several places. */
export function openingsByRule(openings: readonly Opening[]): readonly (readonly [Opening, ...Opening[]])[] {
  const groups = Map.groupBy(openings, ({ device, rule: { name, span } }) =>
    [device.label, name, span.file, span.line, span.path].join('\n'),
  )
  return [...groups.values()].flatMap((group): [Opening, ...Opening[]][] => {
    const [first, ...others] = group
    return first === undefined ? [] : [[first, ...others]]
  })
}

/** What is found of openings, once for each statement. */
export function firstOfEachRule<Found>(
  openings: readonly Opening[],
  find: (opening: Opening) => Found | undefined,
): readonly Found[] {
  return openingsByRule(openings).flatMap((group) => {
    for (const opening of group) {
      const found = find(opening)
      if (found !== undefined) return [found]
    }
    return []
  })
}
