import type { Flow } from '../../model/flow.ts'
import { flowKey } from '../../model/flow.ts'

/** Finds the flow that was planned to a report of it, which has the address that was dialled. */
export class PlannedKeys {
  readonly #planned: ReadonlySet<string>

  constructor(flows: readonly Flow[]) {
    this.#planned = new Set(flows.map(flowKey))
  }

  /** @returns the key of the plan; undefined for what no plan has */
  of(report: Pick<Flow, 'flow' | 'from' | 'to' | 'target'>): string | undefined {
    const exact = flowKey(report)
    if (this.#planned.has(exact)) return exact
    const { address: _, ...target } = report.target
    const wherever = flowKey({ ...report, target })
    return this.#planned.has(wherever) ? wherever : undefined
  }
}
