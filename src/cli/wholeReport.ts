import { findingsOf } from '../check/findingsOf.ts'
import { summaryOf } from '../diagnose/index.ts'
import type { Flow } from '../model/flow.ts'
import type { CheckReport, FlowReport } from '../model/report.ts'
import { PlannedKeys } from '../watch/record/index.ts'

/** The report of a whole site, kept up by looks at parts of it. */
export class WholeReport {
  readonly #keys: PlannedKeys
  readonly #flows = new Map<string, readonly FlowReport[]>()
  #report: CheckReport

  /**
   * @param report of the whole site, from the same host as the looks
   * @param flows those that are looked at, as they were planned
   */
  constructor(report: CheckReport, flows: readonly Flow[]) {
    this.#keys = new PlannedKeys(flows)
    this.#report = report
    this.#put(report.flows)
  }

  /** @returns the whole report with what a look has seen in the place of what was there */
  take({ startedAt, durationMs, context, flows: seen }: CheckReport): CheckReport {
    this.#put(seen)
    const flows = [...this.#flows.values()].flat()
    const summary = summaryOf(flows, this.#report.summary.elsewhere)
    this.#report = { ...this.#report, startedAt, durationMs, context, summary, flows }
    this.#report = { ...this.#report, findings: findingsOf(flows, context) }
    return this.#report
  }

  #put(seen: readonly FlowReport[]): void {
    const found = new Map<string, FlowReport[]>()
    for (const [index, flow] of seen.entries()) {
      // What is not looked at stays as it was.
      const key = this.#keys.of(flow) ?? `not planned ${index} ${flow.flow} ${flow.to}`
      const others = found.get(key)
      if (others === undefined) found.set(key, [flow])
      else others.push(flow)
    }
    for (const [key, flows] of found) this.#flows.set(key, flows)
  }
}
