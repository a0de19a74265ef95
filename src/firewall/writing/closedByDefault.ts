import { mergedRanges, rangesWithout } from '../addresses.ts'
import type { NotPermitted } from '../permit.ts'
import type { HostRule } from './hostRules.ts'
import { rangesOfEnd } from './hostRules.ts'
import { plainText } from './plainText.ts'

/**
 * Denials that a platform without denials leaves open: those of machines for which nothing is written in their direction.
 * For all others whatever no rule allows is closed.
 *
 * @param called what the platform writes for a machine: `a security group`
 * @param instead what closes it, as an order in words
 */
export function leftOpen(
  denials: readonly HostRule[],
  allows: readonly HostRule[],
  called: string,
  instead: string,
): readonly NotPermitted[] {
  return denials.flatMap(({ near, passage, machine, permits }) => {
    const held = allows.filter((allow) => allow.passage === passage).flatMap((allow) => rangesOfEnd(allow.near))
    if (rangesWithout(mergedRanges(rangesOfEnd(near)), mergedRanges(held)).length === 0) return []
    const why = `${called} cannot deny, and none is written for all of ${plainText(machine, 60)}, which nothing else is asked of`
    return permits.flatMap(({ id, flows }) => flows.map((flow) => ({ flow, permit: id, why, instead })))
  })
}
