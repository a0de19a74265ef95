import type { Finding } from '../../model/finding.ts'
import type { Anomaly } from '../anomalies.ts'
import { deed, placeOf, spokenBlame, titleOf } from './words.ts'

/** A rule to which earlier ones are exceptions: often meant, and seldom seen by who reads this rule alone. */
export function generalised({ rule: at, exceptions }: Extract<Anomaly, { kind: 'generalised' }>): Finding {
  const { rule } = at
  return {
    code: 'generalised',
    severity: 'info',
    what: `${titleOf(at)} has exceptions before it`,
    where: placeOf(rule.span),
    why: `it ${deed(rule)} all but what ${spokenBlame(exceptions, rule.span.file)} took before`,
    next: 'leave it so if the exceptions are meant, else take them out; then audit again',
    flows: [],
  }
}
