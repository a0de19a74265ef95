import type { AuditFlowReport, AuditStep } from '../../model/auditReport.ts'
import type { AuditLook } from './auditStanding.ts'
import { auditLookOf, auditWorstFirst } from './auditStanding.ts'
import { countOf, groupBy, nameOf, portOf } from './flowWords.ts'
import { plain } from './plain.ts'

/** Flows of one target and opener: each rule of the plan that needs it has its id. */
export type SharedFlow = readonly [AuditFlowReport, ...AuditFlowReport[]]

/** Flows that one rule, or one thing that nobody settles, decides in the same way. */
export interface AuditGroup {
  readonly look: AuditLook
  /** The rule that decides; absent where none did. */
  readonly step?: AuditStep
  readonly shared: readonly [SharedFlow, ...SharedFlow[]]
}

/** Puts flows together that the same rule decides, the worst first: mending it once mends them all. */
export function auditGroups(flows: readonly AuditFlowReport[]): readonly AuditGroup[] {
  const groups = groupBy(auditWorstFirst(flows), (flow) => {
    const step = flow.decidedBy.at(-1)
    // One doubt for all names: which addresses each of them has.
    const depends = flow.dependsOn.map(({ kind, what }) => (kind === 'names' ? kind : what)).join('\n')
    return [auditLookOf(flow), stepKey(step), depends, flow.denial ?? ''].join('\n')
  })
  return [...groups.values()].flatMap((group): AuditGroup[] => {
    const [first, ...others] = sharedFlows(group)
    if (first === undefined) return []
    const step = first[0].decidedBy.at(-1)
    return [{ look: auditLookOf(first[0]), ...(step !== undefined && { step }), shared: [first, ...others] }]
  })
}

/** What tells a rule from all others of the same devices. */
export function stepKey(step: AuditStep | undefined): string {
  if (step === undefined) return ''
  const { device, stage, rule, file = '', line = 0, answer = false, later = false } = step
  return [device, stage, rule, file, line, answer, later].join('\n')
}

/** The fix of the first, and that it holds for the others where theirs name other places; undefined where none is known. */
export function groupFix({ shared: [first, ...others] }: AuditGroup): string | undefined {
  const [{ fix }] = first
  if (fix === undefined) return undefined
  return others.some(([flow]) => flow.fix !== fix) ? `${fix}; and so for each flow of it` : fix
}

/** What the flows of a group depend on, each thing once; of many names, their addresses as one. */
export function groupDepends({ shared }: AuditGroup): readonly string[] {
  const all = shared.flat().flatMap(({ dependsOn }) => dependsOn)
  const names = new Set(all.filter(({ kind }) => kind === 'names').map(({ what }) => what))
  const others = all.filter(({ kind }) => kind !== 'names').map(({ what }) => what)
  return [...new Set([...(names.size > 1 ? ['the addresses of each name'] : names), ...others])]
}

/** So many things that a verdict depends on stand in the head of its group. */
export const mostDepends = 2

/** What a group is called: in doubt what nobody settles has to be known, else the rule that decides. */
export function groupHead(group: AuditGroup): string {
  const depends = groupDepends(group)
  if (depends.length === 0) return groupRule(group)
  return `depends on ${depends.length > mostDepends ? countOf(depends.length, 'thing') : depends.join('; ')}`
}

/** `rule 4 of edge`, or what is so where no rule decides. */
export function groupRule({ step, shared: [[flow]] }: AuditGroup): string {
  return step === undefined ? flow.says : `${step.rule} of ${step.device}`
}

/** Flows of one opener to one place together. */
export function sharedFlows(flows: readonly AuditFlowReport[]): readonly SharedFlow[] {
  const shared = groupBy(flows, ({ from, target, to }) =>
    [from, portOf(target), nameOf(target), target.address ?? '', target.name === undefined ? to : ''].join('\n'),
  )
  return [...shared.values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [[first, ...others] as const],
  )
}

/** `dc01.corp.example (10.1.0.5)`: where a flow goes, as a rule would name it. */
export function placeOfFlow({ target, to }: Pick<AuditFlowReport, 'target' | 'to'>): string {
  const name = target.pattern ?? target.name
  if (name === undefined) return plain(target.address ?? to)
  return plain(target.address === undefined || target.address === name ? name : `${name} (${target.address})`)
}

/** `t2-https-sync (required), own (must be closed)`. */
export function idsOfFlow(shared: SharedFlow): string {
  const ids = shared.map(
    ({ flow, expect, necessity }) => `${flow} (${expect === 'closed' ? 'must be closed' : needWord(necessity)})`,
  )
  return plain([...new Set(ids)].join(', '))
}

export function needWord(necessity: AuditFlowReport['necessity']): string {
  return necessity === 'conditional' ? 'not settled' : necessity
}
