import type { Observation, ObservationRole, Unfiled, Variation } from '../model/observation.ts'
import type { Keep } from '../probes/probe.ts'

/** Gives observations their ids; one ledger a report. */
export interface Ledger {
  /** How many have been filed so far. */
  readonly filed: number
  /** A place to file observations in, all with one role unless a probe says otherwise. */
  page(into: Observation[], role: ObservationRole, varies?: Variation): Keep
}

export function openLedger(): Ledger {
  let last = 0
  return {
    get filed() {
      return last
    },
    page: (into, role, varies) => (seen: Unfiled, as) => {
      last += 1
      const variation = as?.varies ?? varies
      const observation = {
        id: `e${last}`,
        // What a probe asks besides its question is no repetition of that, whenever it is asked.
        role: role === 'probe' || (role === 'repeat' && as?.role === 'control') ? (as?.role ?? role) : role,
        ...(variation !== undefined && { varies: variation }),
        ...seen,
      } as Observation
      into.push(observation)
      return observation
    },
  }
}
