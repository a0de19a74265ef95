import type { Finding } from '../../model/finding.ts'
import type { Audited, AuditedFlow } from '../audited.ts'
import type { PathStep } from '../judged.ts'

/**
 * Flows that must be closed (the catalog's negative rows, and what the site file forbids) and that a rule lets through:
 * one finding for each rule, with all the flows that it opens.
 */
export function forbiddenFlowOpen({ flows }: Audited): readonly Finding[] {
  const byRule = new Map<string, { readonly step: PathStep | undefined; readonly open: AuditedFlow[] }>()
  for (const flow of flows) {
    if (flow.expect !== 'closed') continue
    const part = flow.judged.parts.find(({ verdict }) => verdict === 'allow')
    if (part === undefined) continue
    const step =
      part.decidedBy.findLast(({ does, answer }) => does === 'allows' && answer !== true) ?? part.decidedBy.at(-1)
    const key = step === undefined ? '' : `${step.device}\n${step.stage}\n${step.rule}\n${step.span?.line ?? ''}`
    const group = byRule.get(key)
    if (group === undefined) byRule.set(key, { step, open: [flow] })
    else group.open.push(flow)
  }
  return [...byRule.values()].map(({ step, open }) => findingOf(step, open))
}

function findingOf(step: PathStep | undefined, open: readonly AuditedFlow[]): Finding {
  const [first] = open
  const rule = step === undefined ? 'no rule' : `${step.rule} of ${step.device}`
  const others = open.length - 1
  const more = others === 0 ? '' : ` and ${others} more that must be closed`
  return {
    code: 'forbidden-flow-open',
    severity: 'high',
    what: `${rule} lets ${first?.title ?? 'a flow'}${more} pass, which must be closed`,
    where: {
      ...(step?.span !== undefined && { file: step.span.file, line: step.span.line }),
      ...(open.length === 1 && first !== undefined && { flow: first.id }),
    },
    why: 'nothing needs the opening: whatever passes there is unwanted',
    next:
      step === undefined
        ? 'add a rule that forbids it, then audit again'
        : 'take the rule out, or narrow it to what is needed, then audit again',
    flows: [...new Set(open.map(({ id }) => id))],
  }
}
