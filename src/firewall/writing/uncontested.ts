import type { AddressRange } from '../addresses.ts'
import { commonRanges, mergedRanges } from '../addresses.ts'
import type { NotPermitted } from '../permit.ts'
import type { NumberRange } from '../ruleset.ts'
import type { RuleToWrite, SaidEnd } from './rulesToWrite.ts'

/** Denials that take nothing from what has to pass, and those that would. */
export interface Uncontested {
  readonly denials: readonly RuleToWrite[]
  readonly notSaid: readonly NotPermitted[]
}

/**
 * Leaves out denials that meet an allow: two names at the same addresses are one to a rule that only knows addresses, and
 * where denials come first what has to pass would be shut with what has not.
 */
export function uncontested(denials: readonly RuleToWrite[], allows: readonly RuleToWrite[]): Uncontested {
  const kept: RuleToWrite[] = []
  const notSaid: NotPermitted[] = []
  for (const denial of denials) {
    const against = allows.find((allow) => meet(denial, allow))
    if (against === undefined) {
      kept.push(denial)
      continue
    }
    for (const permit of denial.permits) {
      const why = `a denial of ${permit.to.name ?? permit.to.label} would shut ${against.id} as well, which has the same addresses and ports`
      const instead = 'close it where names are seen: in a proxy, or in a firewall that takes names'
      notSaid.push(...permit.flows.map((flow) => ({ flow, permit: permit.id, why, instead })))
    }
  }
  return { denials: kept, notSaid }
}

function meet(one: RuleToWrite, other: RuleToWrite): boolean {
  return (
    one.passage === other.passage &&
    one.transport === other.transport &&
    (one.transport === 'icmp' || portsMeet(one.ports, other.ports)) &&
    endsMeet(one.from, other.from) &&
    (endsMeet(one.to, other.to) || rangesMeet(knownOf(one), knownOf(other)))
  )
}

function portsMeet(some: readonly NumberRange[], others: readonly NumberRange[]): boolean {
  return some.some((a) => others.some((b) => a.first <= b.last && b.first <= a.last))
}

/** Where the far ends are, as far as it is known, whatever the rule says of them: a name is held by its addresses in the end. */
function knownOf({ permits }: RuleToWrite): readonly AddressRange[] {
  return permits.flatMap(({ to }) => to.ranges)
}

function endsMeet(one: SaidEnd, other: SaidEnd): boolean {
  if (one.kind === 'names' || other.kind === 'names') {
    return one.kind === 'names' && other.kind === 'names' && one.names.some((name) => other.names.includes(name))
  }
  return rangesMeet(one.ranges, other.ranges)
}

function rangesMeet(some: readonly AddressRange[], others: readonly AddressRange[]): boolean {
  return commonRanges(mergedRanges(some), mergedRanges(others)).length > 0
}
