import type { AddressRange } from '../addresses.ts'
import type { Place, Route } from '../ruleset.ts'
import type { Span } from '../source.ts'

/** The place where a flow is that a VPN leaves alone. */
export const pastTunnel = 'past the tunnel'

/** Above any metric that is written: it decides where nothing else fits. */
const lastMetric = 4294967295

/** The name of a tunnel as a place: all of them begin alike, so that a question can ask for `tunnel*`. */
export function tunnelPlace(name: string): string {
  return `tunnel ${name}`
}

/** Everything of the families that no other route leads into the tunnel. */
export function routesPast(span: Span, families: readonly (4 | 6)[] = [4, 6]): readonly Route[] {
  return families.map((family) => ({
    to: { family, first: 0n, last: (1n << (family === 4 ? 32n : 128n)) - 1n },
    out: pastTunnel,
    metric: lastMetric,
    kind: 'unicast',
    span,
  }))
}

/** The place past the tunnel, and tunnels with their own addresses. */
export function tunnelPlaces(tunnels: ReadonlyMap<string, readonly AddressRange[]>): readonly Place[] {
  return [
    { name: pastTunnel, kind: 'interface' },
    ...[...tunnels].map(([name, own]): Place => ({ name, kind: 'interface', ...(own.length > 0 && { own }) })),
  ]
}
