import type { Observation, ObservationRole, Unfiled, Variation } from '../model/observation.ts'
import type { Keep } from '../probes/probe.ts'

/** Gives observations their ids; one ledger a report. */
export interface Ledger {
  /** A place to file observations in, all with one role unless a probe says otherwise. */
  page(into: Observation[], role: ObservationRole, varies?: Variation): Keep
}

export function openLedger(): Ledger {
  let last = 0
  return {
    page: (into, role, varies) => (seen: Unfiled, as) => {
      last += 1
      const variation = as?.varies ?? varies
      const observation = {
        id: `e${last}`,
        role: role === 'probe' ? (as?.role ?? 'probe') : role,
        ...(variation !== undefined && { varies: variation }),
        ...seen,
      } as Observation
      into.push(observation)
      return observation
    },
  }
}
