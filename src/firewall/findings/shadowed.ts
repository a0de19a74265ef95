import type { Finding } from '../../model/finding.ts'
import type { Vendor } from '../../model/vendor.ts'
import type { Anomaly } from '../anomalies.ts'
import type { Audited } from '../audited.ts'
import type { RuleSet } from '../ruleset.ts'
import { flowsDecidedBy, idsOf, speaksOf } from './concernedFlows.ts'
import { deed, placeOf, spokenBlame, spokenRule, titleOf } from './words.ts'

/** A rule of which earlier rules take every packet, and do another thing with it. */
export function shadowed(
  audited: Audited,
  { vendor }: Pick<RuleSet, 'vendor'>,
  { rule: at, by, contradictedBy }: Extract<Anomaly, { kind: 'shadowed' }>,
): Finding {
  const { rule } = at
  const { file } = rule.span
  const other = contradictedBy.rule
  const harmed = flowsDecidedBy(audited, other).filter(
    ({ asked, judged, expect }) =>
      speaksOf(rule, asked) && (expect === 'open' ? judged.verdict !== 'allow' : judged.verdict !== 'deny'),
  )
  const isAlone = by.rules.length === 1 && by.more === 0
  const contradiction = `${isAlone ? 'it' : spokenRule(other, file)} ${deed(other)} what this one ${deed(rule)}`
  return {
    code: 'shadowed',
    severity: harmed.length > 0 ? 'high' : isVerdict(rule.action.kind) ? 'medium' : 'low',
    what: `${titleOf(at)} can never match`,
    where: placeOf(rule.span),
    why: `${spokenBlame(by, file)} ${isAlone ? 'takes' : 'take'} all its packets first; ${contradiction}`,
    next: `${precedence(vendor, spokenRule(other, file))} if it is meant to hold, else take it out; then audit again`,
    flows: idsOf(harmed),
  }
}

/** How a rule comes before another, or where that cannot be, what else makes room for it. */
function precedence(vendor: Vendor, other: string): string {
  switch (vendor) {
    case 'azure-nsg':
    case 'azure-firewall':
    case 'gcp':
      return `give it a smaller priority number than ${other}`
    // What blocks comes before what allows, wherever they stand.
    case 'windows':
    case 'kubernetes':
    case 'cilium':
      return `narrow ${other}`
    default:
      return `move it before ${other}`
  }
}

function isVerdict(kind: string): boolean {
  return kind === 'allow' || kind === 'drop' || kind === 'reject'
}
