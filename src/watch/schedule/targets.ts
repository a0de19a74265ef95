import type { Flow } from '../../model/flow.ts'
import { flowKey, standsInFor } from '../../model/flow.ts'
import type { WatchSettings } from '../../model/watch.ts'

/** Flows that are looked at together: what stands at a host is evidence for what it refuses. */
export interface Target {
  /** Its end and its interval; unique in a schedule. */
  readonly key: string
  /** The host, network or cloud role that accepts. */
  readonly to: string
  readonly everyMs: number
  readonly flows: readonly Flow[]
}

/** Puts flows into targets: one for each end, and for each interval at which its flows are looked at. */
export function targetsOf(
  flows: readonly Flow[],
  { everySeconds, flows: own }: Pick<WatchSettings, 'everySeconds' | 'flows'>,
): readonly Target[] {
  const targets = new Map<string, { readonly to: string; readonly everyMs: number; readonly flows: Flow[] }>()
  const seen = new Set<string>()
  for (const flow of flows) {
    const planned = flowKey(flow)
    if (seen.has(planned)) continue
    seen.add(planned)
    // What stands in for another row is asked only where that one fails, in the same look.
    const row = standsInFor(flow) ?? flow.flow
    const everyMs = (own[row]?.everySeconds ?? everySeconds) * 1000
    const key = `${flow.to}|${everyMs}`
    const target = targets.get(key)
    if (target === undefined) targets.set(key, { to: flow.to, everyMs, flows: [flow] })
    else target.flows.push(flow)
  }
  return [...targets].map(([key, target]) => ({ key, ...target }))
}
