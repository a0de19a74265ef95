import type { Flow } from '../model/flow.ts'
import { standsInFor } from '../model/flow.ts'
import type { Verdict } from '../model/verdict.ts'

/**
 * Flows that are used only where another one is not to be had, such as the status report over 8080: they are asked once
 * the other one is seen to fail, or to get no answer for now, and spared where it works.
 */
export class StandIns {
  readonly #known = new Map<string, Known>()

  constructor(flows: readonly Flow[]) {
    for (const flow of flows) {
      const key = keyOfMain(flow)
      if (key !== undefined) this.#known.set(key, { ...Promise.withResolvers<boolean>(), open: 0 })
    }
    for (const flow of flows) {
      const known = this.#known.get(keyOf(flow.flow, flow))
      if (known !== undefined) known.open += 1
    }
    // What nothing in this check stands for is asked as any other.
    for (const known of this.#known.values()) if (known.open === 0) known.resolve(false)
  }

  /** Nothing has come back for a question of this flow yet. */
  silent(flow: Flow): void {
    this.#known.get(keyOf(flow.flow, flow))?.resolve(false)
  }

  /** A flow has come to these verdicts, one for each address that was asked. */
  ended(flow: Flow, verdicts: readonly Verdict[]): void {
    const known = this.#known.size === 0 ? undefined : this.#known.get(keyOf(flow.flow, flow))
    if (known === undefined) return
    known.open -= 1
    if (!verdicts.every(({ verdict }) => verdict === 'open' || verdict === 'degraded')) known.resolve(false)
    else if (known.open === 0) known.resolve(true)
  }

  /**
   * Whether a flow is not to be asked, since the one that it stands in for works; known once that one is.
   *
   * @returns undefined for a flow that stands in for none
   */
  isSpared(flow: Flow): Promise<boolean> | undefined {
    const key = keyOfMain(flow)
    return key === undefined ? undefined : this.#known.get(key)?.promise
  }
}

interface Known extends PromiseWithResolvers<boolean> {
  /** Flows that are not known yet: of a row as many as it has names. */
  open: number
}

const keyOf = (id: string, { from }: Flow): string => JSON.stringify([id, from])

function keyOfMain(flow: Flow): string | undefined {
  const main = standsInFor(flow)
  return main === undefined ? undefined : keyOf(main, flow)
}
