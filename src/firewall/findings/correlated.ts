import type { Finding } from '../../model/finding.ts'
import { correlationsOf } from '../anomalies/correlations.ts'
import type { Audited, AuditedFlow } from '../audited.ts'
import { compiledRuleSet } from '../compiledRuleSet.ts'
import type { Rule } from '../ruleset.ts'
import { capped } from './capped.ts'
import { flowsDecidedBy, idsOf } from './concernedFlows.ts'
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
        found.flatMap(({ first, later, flows: numbers }): Finding[] => {
          const met = numbers.flatMap((number) => asked[number] ?? []).filter((flow) => isTakenBy(first.rule, flow))
          const [one] = met
          if (one === undefined) return []
          const more = met.length > 1 ? ` and ${met.length - 1} more` : ''
          return [
            {
              code: 'correlated',
              severity: 'low',
              what: `only their order decides between ${titleOf(first)} and "${later.rule.name}"`,
              where: placeOf(later.rule.span),
              why: `${spokenRule(first.rule, later.rule.span.file)} ${deed(first.rule)} part of what "${later.rule.name}" ${deed(later.rule)}, and ${one.title}${more} ${met.length > 1 ? 'go' : 'goes'} through that part`,
              next: 'give what must be open a rule of its own before both; then audit again',
              flows: idsOf(met),
            },
          ]
        }),
      )
    }),
  )
}

/**
 * Whether the order of two rules decides about a flow: the first of them took it. What an earlier rule took, or another
 * device, or what comes with another request than the rule is for, they do not decide; a denial is told with its rule.
 */
function isTakenBy(first: Rule, flow: AuditedFlow): boolean {
  if (flowsDecidedBy({ flows: [flow] }, first).length === 0) return false
  return first.action.kind === 'allow' || flow.judged.verdict !== 'deny'
}
