import type { Finding } from '../../model/finding.ts'
import type { Anomaly } from '../anomalies.ts'
import { anomaliesOf } from '../anomalies.ts'
import type { Audited } from '../audited.ts'
import { compiledRuleSet } from '../compiledRuleSet.ts'
import type { RuleSet } from '../ruleset.ts'
import { capped } from './capped.ts'
import { deadRule } from './deadCode.ts'
import { generalised } from './generalised.ts'
import { natOverlap } from './natOverlap.ts'
import { redundant } from './redundant.ts'
import { shadowed } from './shadowed.ts'

/** Rules that are not what they look like, of every device: shadowed, redundant, generalised, and those that match nothing. */
export function ruleAnomalies(audited: Audited): readonly Finding[] {
  return audited.devices.flatMap(({ ruleSets }) => ruleSets.flatMap((ruleSet) => ofRuleSet(audited, ruleSet)))
}

function ofRuleSet(audited: Audited, ruleSet: RuleSet): readonly Finding[] {
  const { found, undecided } = anomaliesOf(compiledRuleSet(ruleSet, audited.knowledge))
  const worthTelling = found.filter((anomaly) => !holdsClosed(anomaly))
  const findings = worthTelling.map((anomaly) => findingOf(audited, ruleSet, anomaly))
  const codes = [...new Set(findings.map(({ code }) => code))]
  const told = codes.flatMap((code) => capped(findings.filter((finding) => finding.code === code)))
  const [first] = undecided
  if (first === undefined) return told
  const rules = undecided.length === 1 ? '1 rule' : `${undecided.length} rules`
  return [
    ...told,
    {
      ...{ code: 'dead-code', severity: 'info', flows: [] },
      what: `whether ${rules} of ${ruleSet.name} can match at all was not settled`,
      where: { file: first.rule.span.file, line: first.rule.span.line },
      why: `there are too many ways through the rules to follow them all; "${first.rule.name}" is the first`,
      next: 'nothing is wrong with the verdicts: only the search for dead rules stopped there',
    },
  ]
}

/**
 * A denial before the denial of everything else: it goes on holding when somebody puts an allowance between the two, and
 * is how one writes down what must stay closed.
 */
function holdsClosed(anomaly: Anomaly): boolean {
  if (anomaly.kind !== 'redundant' || !anomaly.isLater) return false
  const { action } = anomaly.rule.rule
  if (action.kind !== 'drop' && action.kind !== 'reject') return false
  const { rules, more } = anomaly.by
  return more === 0 && rules.every(({ rule }) => Object.keys(rule.match).length === 0)
}

function findingOf(audited: Audited, ruleSet: RuleSet, anomaly: Anomaly): Finding {
  switch (anomaly.kind) {
    case 'shadowed':
      return anomaly.rule.rule.action.kind === 'translate'
        ? natOverlap(audited, anomaly)
        : shadowed(audited, ruleSet, anomaly)
    case 'redundant':
      return redundant(anomaly)
    case 'generalised':
      return generalised(anomaly)
    case 'irrelevant':
      return deadRule(anomaly)
    default:
      return anomaly satisfies never
  }
}
