import type { HttpExchange, Observation } from '../model/observation.ts'

/** The observations of one kind, in their order. */
export function ofKind<K extends Observation['kind']>(
  observations: readonly Observation[],
  kind: K,
): readonly Extract<Observation, { kind: K }>[] {
  return observations.filter((one): one is Extract<Observation, { kind: K }> => one.kind === kind)
}

/** Whether an observation is the flow's own question, first or repeated; else it is there to compare with. */
export function isOwn({ role }: Observation): boolean {
  return role === 'probe' || role === 'repeat'
}

/** Whether some of an answer had come when the exchange ended without the whole of it. */
export function hasBegun({ bytesIn = 0 }: HttpExchange): boolean {
  return bytesIn > 0
}
