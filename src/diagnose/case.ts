import type { Flow } from '../model/flow.ts'
import type { Observation } from '../model/observation.ts'
import type { JudgementContext } from '../model/report.ts'

/** Everything that one verdict is judged from: no clock and no socket, so that it can be judged again from a file. */
export interface Case {
  readonly flow: Flow
  /** Probe, repeats and controls in the order they were made, and what other flows showed of the same host or name. */
  readonly observations: readonly Observation[]
  readonly context: JudgementContext
}
