import type { Finding } from '../../model/finding.ts'
import { rangesWithout } from '../addresses.ts'
import type { Audited } from '../audited.ts'
import type { NumberRange } from '../ruleset.ts'
import { capped } from './capped.ts'
import { flowsDecidedBy, idsOf } from './concernedFlows.ts'
import type { Opening } from './openings.ts'
import { firstOfEachRule, hasTcp, isConditional, openingsByRule, openingsOf } from './openings.ts'
import { coversInternet } from './publishedLists.ts'
import { placeOf, spokenRule } from './words.ts'

/** Rules before which nothing broader is looked for, beyond the first of a stage: pairs are counted. */
const mostPairs = 2_000_000

/**
 * Rules about names that a broader rule without names makes void: one before it that lets the same machines to every
 * address on the same ports, or `any` beside the names in the rule itself.
 */
export function nameBypass(audited: Audited): readonly Finding[] {
  const openings = openingsOf(audited)
  const stages = Map.groupBy(openings, ({ device, ruleSet, stage }) => stageKey(device.label, ruleSet.name, stage.name))
  const found = new Map<Opening, Opening[]>()
  let pairs = mostPairs
  for (const rules of stages.values()) {
    const broad: Opening[] = []
    for (const opening of rules) {
      if (isAboutNames(opening)) {
        pairs -= broad.length
        const by = pairs < 0 ? undefined : broad.find((one) => voids(one, opening))
        const before = by === undefined ? undefined : found.get(by)
        if (before !== undefined) before.push(opening)
        else if (by !== undefined) found.set(by, [opening])
      } else if (isBroad(opening)) broad.push(opening)
    }
  }
  return capped([
    ...[...found].map(([by, voided]) => findingOf(by, voided, audited)),
    ...firstOfEachRule(openings, (opening) => (hasAnyBesideNames(opening) ? besideNames(opening, audited) : undefined)),
  ])
}

function stageKey(...names: readonly string[]): string {
  return names.join('\n')
}

function findingOf({ rule, device }: Opening, voided: readonly Opening[], audited: Audited): Finding {
  const rules = openingsByRule(voided)
  const first = rules[0]?.[0]
  const more = rules.length - 1
  const names = first === undefined ? 'the rules' : spokenRule(first.rule, rule.span.file)
  return {
    code: 'name-bypass',
    severity: 'medium',
    what: `${spokenRule(rule, rule.span.file)} of ${device.label} lets past what ${names}${more > 0 ? ` and ${more} more` : ''} would hold to names`,
    where: placeOf(rule.span),
    why: 'it comes first and allows the same ports to every address, so that no name is ever asked for',
    next: 'take these ports out of it, or narrow its destination; then audit again',
    flows: idsOf(flowsDecidedBy(audited, rule)),
  }
}

function besideNames({ rule, device }: Opening, audited: Audited): Finding {
  return {
    code: 'name-bypass',
    severity: 'medium',
    what: `${spokenRule(rule, rule.span.file)} of ${device.label} has names and, beside them, every address`,
    where: placeOf(rule.span),
    why: 'destinations of a list are alternatives: with all addresses among them the names decide nothing',
    next: 'take the wide entry out of the destinations; then audit again',
    flows: idsOf(flowsDecidedBy(audited, rule)),
  }
}

/** Whether a rule is for names alone. */
function isAboutNames({ asks, destination, rule }: Opening): boolean {
  if (rule.unknowns.length > 0) return false
  if (asks.some(({ requestedNames = [] }) => requestedNames.some(({ covers }) => covers !== 'any'))) return true
  return (
    destination.sure.length === 0 &&
    destination.possible.length > 0 &&
    destination.possible.every(({ because, inverted }) => because.kind === 'names' && inverted !== true)
  )
}

function hasAnyBesideNames({ destination: { sure, possible } }: Opening): boolean {
  return possible.some(({ because, inverted }) => because.kind === 'names' && inverted !== true) && coversInternet(sure)
}

/** A rule that lets TCP to every address, and asks for nothing but ends, ports and places. */
function isBroad(opening: Opening): boolean {
  return opening.isSure && hasTcp(opening) && !isConditional(opening) && coversInternet(opening.destination.sure)
}

function voids(broad: Opening, names: Opening): boolean {
  return (
    names.source.possible.length === 0 &&
    rangesWithout(names.source.sure, broad.source.sure).length === 0 &&
    covers(broad.ports, names.ports ?? [{ first: 443, last: 443 }]) &&
    placesOf(broad.in).every((place) => placesOf(names.in).includes(place)) &&
    placesOf(broad.out).every((place) => placesOf(names.out).includes(place))
  )
}

function placesOf(places: Opening['in']): readonly string[] {
  return places.map(({ names, inverted }) => `${inverted === true ? '!' : ''}${names.toSorted().join()}`)
}

function covers(some: readonly NumberRange[] | undefined, others: readonly NumberRange[]): boolean {
  return (
    some === undefined || others.every((one) => some.some(({ first, last }) => first <= one.first && one.last <= last))
  )
}
