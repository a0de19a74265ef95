/** The rows of the lab by their id, for tests that play them by servers that are not ours. */
import type { Fault, FaultId, Oddity, OddityId } from '../src/lab/index.ts'
import { faults, oddities } from '../src/lab/index.ts'

export function faultNamed(id: FaultId): Fault {
  const row = faults.find((each) => each.id === id)
  if (row === undefined) throw new TypeError(`no fault is called ${id}`)
  return row
}

export function oddityNamed(id: OddityId): Oddity {
  const row = oddities.find((each) => each.id === id)
  if (row === undefined) throw new TypeError(`no oddity is called ${id}`)
  return row
}
