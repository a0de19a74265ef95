import type { Observation } from '../model/observation.ts'

type Of = { readonly [One in Observation as One['kind']]: One }
type Sorted = { readonly [K in keyof Of]: Of[K][] }

/** Observations of each kind apart, in the order in which they were made. */
export type ByKind = { readonly [K in keyof Of]: readonly Of[K][] }

/** Sorts observations once: a judgement asks for a kind dozens of times, and a check judges a thousand flows. */
export function byKind(observations: readonly Observation[]): ByKind {
  const sorted: Sorted = {
    'name-lookup': [],
    'tcp-connect': [],
    'udp-exchange': [],
    'tls-handshake': [],
    'service-exchange': [],
    'http-exchange': [],
    'aia-fetch': [],
    'revocation-check': [],
    'packet-evidence': [],
    'path-trace': [],
    'connect-series': [],
    'tool-limit': [],
  }
  for (const one of observations) file(sorted, one.kind, one)
  return sorted
}

/** Generic in the kind, by which the compiler knows that the list under it takes the observation. */
function file<K extends keyof Of>(sorted: Sorted, kind: K, one: Of[K]): void {
  sorted[kind].push(one)
}
