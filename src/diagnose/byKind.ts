import type { Observation } from '../model/observation.ts'

/** Observations of each kind apart, in the order in which they were made. */
export type ByKind = { readonly [K in Observation['kind']]: readonly Extract<Observation, { kind: K }>[] }

/** Sorts observations once: a judgement asks for a kind dozens of times, and a check judges a thousand flows. */
export function byKind(observations: readonly Observation[]): ByKind {
  const sorted: { [K in Observation['kind']]: Extract<Observation, { kind: K }>[] } = {
    'name-lookup': [],
    'tcp-connect': [],
    'udp-exchange': [],
    'tls-handshake': [],
    'http-exchange': [],
    'aia-fetch': [],
    'revocation-check': [],
    'tool-limit': [],
  }
  for (const one of observations) {
    switch (one.kind) {
      case 'name-lookup':
        sorted[one.kind].push(one)
        break
      case 'tcp-connect':
        sorted[one.kind].push(one)
        break
      case 'udp-exchange':
        sorted[one.kind].push(one)
        break
      case 'tls-handshake':
        sorted[one.kind].push(one)
        break
      case 'http-exchange':
        sorted[one.kind].push(one)
        break
      case 'aia-fetch':
        sorted[one.kind].push(one)
        break
      case 'revocation-check':
        sorted[one.kind].push(one)
        break
      case 'tool-limit':
        sorted[one.kind].push(one)
        break
      default:
        one satisfies never
    }
  }
  return sorted
}
