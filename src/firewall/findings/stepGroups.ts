import type { Finding, Severity } from '../../model/finding.ts'
import type { AuditedFlow } from '../audited.ts'
import type { JudgedPathPart, PathStep } from '../judged.ts'
import { idsOf } from './concernedFlows.ts'

/** A flow with the part that is told of it, and the step that made the part what it is. */
export interface Concern {
  readonly flow: AuditedFlow
  readonly part: JudgedPathPart
  readonly step: PathStep | undefined
}

export type Concerns = readonly [Concern, ...Concern[]]

/** Flows of one cause together, in the order of their first: a rule that harms fifty is one finding. */
export function stepGroups(concerns: readonly Concern[]): readonly Concerns[] {
  const groups = Map.groupBy(concerns, ({ step }) =>
    step === undefined
      ? ''
      : [step.device, step.stage, step.rule, step.span?.file, step.span?.line, step.span?.path].join('\n'),
  )
  return [...groups.values()].flatMap((group): Concerns[] => {
    const [first, ...others] = group
    return first === undefined ? [] : [[first, ...others]]
  })
}

/** The flows that must be open, and whose devices were judged. */
export function wanted(flows: readonly AuditedFlow[]): readonly AuditedFlow[] {
  return flows.filter(({ expect }) => expect === 'open')
}

/** `rule 4 of edge`; what a device does of itself has the name of that. */
export function spokenStep(step: PathStep | undefined): string {
  return step === undefined ? 'no rule' : `${step.rule} of ${step.device}`
}

/** `tcp/443 login.microsoftonline.com from connect01 and 3 more`. */
export function spokenFlows(concerns: readonly Pick<Concern, 'flow'>[]): string {
  const titles = [...new Set(concerns.map(({ flow }) => flow.title))]
  return titles.length < 2 ? (titles[0] ?? 'a flow') : `${titles[0]} and ${titles.length - 1} more`
}

/** Where the cause stands, and which flows it concerns. */
export function placeOfConcerns(concerns: Concerns): Pick<Finding, 'where' | 'flows'> {
  const [{ step, flow }] = concerns
  const flows = idsOf(concerns.map((concern) => concern.flow))
  return {
    where: {
      ...(step?.span !== undefined && { file: step.span.file, line: step.span.line }),
      ...(flows.length === 1 && { flow: flow.id }),
    },
    flows,
  }
}

/** How grave it is that flows do not pass as they must: grave where one of them is required. */
export function gravityOf(concerns: readonly Pick<Concern, 'flow'>[]): Severity {
  const necessities = new Set(concerns.map(({ flow }) => flow.necessity))
  if (necessities.has('required')) return 'high'
  return necessities.has('conditional') || necessities.has('recommended') ? 'medium' : 'low'
}

/** The last step that denies; of what only doubts, the last that does. */
export function denyingStep({ decidedBy }: JudgedPathPart): PathStep | undefined {
  return decidedBy.findLast(({ does }) => does === 'drops' || does === 'rejects')
}

/** The rule that lets a part there, not the one for its answer. */
export function allowingStep({ decidedBy }: JudgedPathPart): PathStep | undefined {
  return decidedBy.findLast(({ does, answer }) => does === 'allows' && answer !== true)
}

export function isDenied({ verdict }: JudgedPathPart): boolean {
  return verdict === 'drop' || verdict === 'reject'
}
