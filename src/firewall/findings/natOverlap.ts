import type { Finding } from '../../model/finding.ts'
import type { Anomaly } from '../anomalies.ts'
import type { Audited } from '../audited.ts'
import { rangeTexts } from '../rangeText.ts'
import type { Rule } from '../ruleset.ts'
import { flowsDecidedBy, idsOf, speaksOf } from './concernedFlows.ts'
import { placeOf, spokenBlame, spokenRule, titleOf } from './words.ts'

/** A translation of which earlier ones take every packet, and lead it elsewhere. */
export function natOverlap(
  audited: Audited,
  { rule: at, by, contradictedBy }: Extract<Anomaly, { kind: 'shadowed' }>,
): Finding {
  const { rule } = at
  const { file } = rule.span
  const other = contradictedBy.rule
  const harmed = flowsDecidedBy(audited, other).filter(
    ({ asked, judged, expect }) => expect === 'open' && speaksOf(rule, asked) && judged.verdict !== 'allow',
  )
  return {
    code: 'nat-overlap',
    severity: harmed.length > 0 ? 'high' : 'medium',
    what: `${titleOf(at)} never translates: the same packets are translated before it`,
    where: placeOf(rule.span),
    why: `${spokenBlame(by, file)} ${by.rules.length + by.more === 1 ? 'takes' : 'take'} them first; ${spokenRule(other, file)} leads them ${targetOf(other)}, and this one would lead them ${targetOf(rule)}`,
    next: `move it before ${spokenRule(other, file)} and narrow it, or take one of the two out; then audit again`,
    flows: idsOf(harmed),
  }
}

/** Where a translation leads, in words that go on from *leads them*. */
function targetOf({ action }: Rule): string {
  if (action.kind !== 'translate') return 'on as they are'
  const { to, ports } = action.destination ?? action.source ?? {}
  const port = ports === undefined ? '' : ` port ${ports.first}`
  if (to === undefined) return port === '' ? 'on as they are' : `to${port}`
  if (to === 'interface') return `to the device's own address${port}`
  return 'kind' in to ? 'elsewhere' : `to ${rangeTexts(to)[0] ?? 'nowhere'}${port}`
}
