import type { Finding } from '../../model/finding.ts'
import { correlationsOf } from '../anomalies/correlations.ts'
import type { Audited } from '../audited.ts'
import { compiledRuleSet } from '../compiledRuleSet.ts'
import { capped } from './capped.ts'
import { idsOf } from './concernedFlows.ts'
import { deed, placeOf, spokenRule, titleOf } from './words.ts'

/**
 * Two rules that overlap and do the opposite, where a flow that must be open goes through the overlap: only their order
 * decides about it.
 */
export function correlated({ devices, flows, knowledge }: Audited): readonly Finding[] {
  return devices.flatMap(({ label, ruleSets }) =>
    ruleSets.flatMap((ruleSet) => {
      // There a block comes before what allows, wherever they stand: no order decides.
      if (ruleSet.vendor === 'windows') return []
      const asked = flows.filter(
        (flow) => flow.expect === 'open' && flow.devices.some((device) => device.label === label),
      )
      const found = correlationsOf(
        compiledRuleSet(ruleSet, knowledge),
        asked.map((flow) => flow.asked),
      )
      return capped(
        found.map(({ first, later, flows: numbers }): Finding => {
          const met = numbers.flatMap((number) => asked[number] ?? [])
          const [one] = met
          const more = met.length > 1 ? ` and ${met.length - 1} more` : ''
          return {
            code: 'correlated',
            severity: 'low',
            what: `only their order decides between ${titleOf(first)} and "${later.rule.name}"`,
            where: placeOf(later.rule.span),
            why: `${spokenRule(first.rule, later.rule.span.file)} ${deed(first.rule)} part of what "${later.rule.name}" ${deed(later.rule)}, and ${one?.title ?? 'a flow'}${more} goes through that part`,
            next: 'give what must be open a rule of its own before both; then audit again',
            flows: idsOf(met),
          }
        }),
      )
    }),
  )
}
