import type { Finding } from '../../model/finding.ts'
import { deadChains } from '../anomalies/deadChains.ts'
import type { Anomaly } from '../anomalies.ts'
import type { Audited } from '../audited.ts'
import type { RuleSet } from '../ruleset.ts'
import { capped } from './capped.ts'
import { placeOf, spokenRule, titleOf } from './words.ts'

/** Chains that no stage leads to, chains without rules that packets are sent to, and stages for nobody. */
export function deadCode({ devices }: Audited): readonly Finding[] {
  return devices.flatMap(({ ruleSets }) => ruleSets.flatMap((ruleSet) => capped(ofRuleSet(ruleSet))))
}

function ofRuleSet(ruleSet: RuleSet): readonly Finding[] {
  const chains = deadChains(ruleSet).map(({ chain, kind, rules }): Finding => {
    const [first] = rules
    const dead = { code: 'dead-code', severity: 'low', where: first === undefined ? {} : placeOf(first.span) } as const
    const rest = rules.length - 1
    if (kind === 'never-asked') {
      const more = rest === 0 ? '1 rule' : `${rules.length} rules`
      return {
        ...{ ...dead, flows: [] },
        what: `chain ${chain} of ${ruleSet.name} is never asked`,
        why: `no hook and no rule leads to it, so that its ${more} ${rest === 0 ? 'does' : 'do'} nothing`,
        next: 'add the jump that is missing, or take the chain out; then audit again',
      }
    }
    const from = first === undefined ? '' : spokenRule(first)
    return {
      ...{ ...dead, severity: 'info', flows: [] },
      what: `chain ${chain} of ${ruleSet.name} has no rules`,
      why: `${from}${rest === 0 ? '' : ` and ${rest} more`} ${rest === 0 ? 'sends' : 'send'} packets there, and they come back as they went`,
      next: 'fill it if something was forgotten, else take the jump out; then audit again',
    }
  })
  const stages = ruleSet.stages.flatMap(({ name, attachedTo, chain }): Finding[] => {
    if (attachedTo === undefined || attachedTo.sure.length > 0 || attachedTo.possible.length > 0) return []
    const rule = ruleSet.chains[chain]?.[0]
    return [
      {
        ...{ code: 'dead-code', severity: 'low', flows: [] },
        what: `${name} is attached to nothing`,
        where: rule === undefined ? {} : placeOf(rule.span),
        why: 'no address, network card or subnet is in its care, so that none of its rules is ever asked',
        next: 'attach it to what it is meant to guard, or take it out; then audit again',
      },
    ]
  })
  return [...chains, ...stages]
}

/** A rule that no packet matches, whatever stands before it. */
export function deadRule({ rule: at, isByJump }: Extract<Anomaly, { kind: 'irrelevant' }>): Finding {
  const { rule } = at
  return {
    code: 'dead-code',
    severity: 'low',
    what: `${titleOf(at)} matches no packet`,
    where: placeOf(rule.span),
    why: isByJump
      ? `no jump to its chain ${at.chain} lets a packet through that it asks for`
      : 'what it asks for never comes together: an empty group, addresses of another family, or ports of a protocol without ports',
    next: 'correct what it asks for, or take it out; then audit again',
    flows: [],
  }
}
