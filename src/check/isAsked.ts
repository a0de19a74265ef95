import type { Flow } from '../model/flow.ts'

/** What old builds and one machine alone use is shown in the plan and not knocked at; what must be closed is. */
export function isAsked({ necessity, expect }: Pick<Flow, 'necessity' | 'expect'>): boolean {
  return expect === 'closed' || (necessity !== 'legacy' && necessity !== 'local-only' && necessity !== 'not-required')
}

/** Whether a flow that is asked about goes to a name that has to be resolved first. */
export function needsName(flow: Pick<Flow, 'target' | 'necessity' | 'expect' | 'via'>): boolean {
  const { undialled, address, name } = flow.target
  // The proxy resolves what goes through it.
  return (
    flow.via === undefined && undialled === undefined && address === undefined && name !== undefined && isAsked(flow)
  )
}
