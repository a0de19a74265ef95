import type { Finding } from '../../model/finding.ts'
import type { Anomaly } from '../anomalies.ts'
import { deed, placeOf, spokenBlame, titleOf } from './words.ts'

/** A rule without which nothing would change. */
export function redundant({ rule: at, by, isLater }: Extract<Anomaly, { kind: 'redundant' }>): Finding {
  const { rule } = at
  const blamed = spokenBlame(by, rule.span.file)
  const isAlone = by.rules.length === 1 && by.more === 0
  return {
    code: 'redundant',
    severity: isLater ? 'info' : 'low',
    what: isLater ? `${titleOf(at)} changes nothing` : `${titleOf(at)} can never match, and changes nothing`,
    where: placeOf(rule.span),
    why: isLater
      ? `${blamed} ${deed(rule)} the same packets later, and no rule between does anything else to them`
      : `${blamed} ${isAlone ? 'takes' : 'take'} all its packets first, and ${isAlone ? 'does' : 'do'} the same`,
    next: 'take it out, or narrow the other if this one was meant to stand alone; then audit again',
    flows: [],
  }
}
